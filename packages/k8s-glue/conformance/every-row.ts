import { advertisementRows, l2AdvertisementRows } from "./advertisement-rows.ts";
import { annotationRows } from "./annotation-rows.ts";
import { bfdProfileRows } from "./bfd-profile-rows.ts";
import { changedRequestRows } from "./changed-request-rows.ts";
import { changedClusterRows } from "./changed-cluster-rows.ts";
import { communityRows } from "./community-rows.ts";
import type { ConformanceRow } from "./conformance-row.ts";
import { errorRows } from "./error-rows.ts";
import { errorTextRows } from "./error-text-rows.ts";
import { eventRows } from "./event-rows.ts";
import { familiesRows } from "./families-rows.ts";
import { faultRows, oracleRows } from "./fault-rows.ts";
import { lifeCycleRows } from "./life-cycle-rows.ts";
import { oldConfigMapConverterRows } from "./old-config-map-converter-rows.ts";
import { oldConfigMapRows } from "./old-config-map-rows.ts";
import { parserRows } from "./parser-rows.ts";
import { peerConflictRows } from "./peer-conflict-rows.ts";
import { peerRows } from "./peer-rows.ts";
import { poolRows } from "./pool-rows.ts";
import { reloadRows } from "./reload-rows.ts";
import { sharingRows } from "./sharing-rows.ts";
import { statusRows } from "./status-rows.ts";
import { tenantGapRows } from "./tenant-gap-rows.ts";
import { timerRows } from "./timer-rows.ts";
import { webhookRows } from "./webhook-rows.ts";
import { whichAddressRows } from "./which-address-rows.ts";
import { whichPoolRows } from "./which-pool-rows.ts";

/** The rows of allocation, by what they are about. */
export const allocationRows: ReadonlyMap<string, readonly ConformanceRow[]> = new Map([
  ["which address", whichAddressRows],
  ["which pool", [...whichPoolRows, ...tenantGapRows]],
  ["which families", familiesRows],
  ["who shares", sharingRows],
  ["the life of a Service", [...lifeCycleRows, ...changedRequestRows, ...changedClusterRows]],
  ["annotations and classes", annotationRows],
  ["Events", eventRows],
  ["what refusals say", errorTextRows],
  ["another configuration", reloadRows],
  ["MetalLB's own tables", oracleRows],
  ["MetalLB's faults", faultRows],
]);

/** The rows of the configuration, which are tested beside what they are about. */
const configurationRows: readonly ConformanceRow[] = [
  ...poolRows,
  ...l2AdvertisementRows,
  ...peerRows,
  ...advertisementRows,
  ...bfdProfileRows,
  ...communityRows,
  ...statusRows,
  ...timerRows,
  ...parserRows,
  ...peerConflictRows,
  ...errorRows,
  ...webhookRows,
];

/** The rows of everything: those above, and those that are tested beside what they are about. */
export const everyRow: readonly ConformanceRow[] = [
  ...allocationRows.values(),
  oldConfigMapRows,
  oldConfigMapConverterRows,
  configurationRows,
].flat();
