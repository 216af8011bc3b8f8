import { advertisementRows, l2AdvertisementRows } from "../config/advertisement-conformance-rows.test.fixture.ts";
import { bfdProfileRows } from "../config/bfd-profile-conformance-rows.test.fixture.ts";
import { communityRows, parserRows } from "../config/parser-conformance-rows.test.fixture.ts";
import { peerRows } from "../config/peer-conformance-rows.test.fixture.ts";
import { poolRows } from "../config/pool-conformance-rows.test.fixture.ts";
import { webhookRows } from "../config/webhook-conformance-rows.test.fixture.ts";
import { statusRows } from "../status/status-conformance-rows.test.fixture.ts";
import { oldConfigMapRows } from "../legacy/old-config-map-conformance-rows.test.fixture.ts";
import { annotationRows } from "./annotation-conformance-rows.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.test.fixture.ts";
import { errorTextRows } from "./error-text-conformance-rows.test.fixture.ts";
import { eventRows } from "./event-conformance-rows.test.fixture.ts";
import { familiesRows } from "./families-conformance-rows.test.fixture.ts";
import { faultRows, oracleRows } from "./fault-conformance-rows.test.fixture.ts";
import { lifeCycleRows } from "./life-cycle-conformance-rows.test.fixture.ts";
import { reloadRows } from "./reload-conformance-rows.test.fixture.ts";
import { sharingRows } from "./sharing-conformance-rows.test.fixture.ts";
import { whichAddressRows } from "./which-address-conformance-rows.test.fixture.ts";
import { whichPoolRows } from "./which-pool-conformance-rows.test.fixture.ts";

/** The rows of allocation, by what they are about. */
export const allocationRows: ReadonlyMap<string, readonly ConformanceRow[]> = new Map([
  ["which address", whichAddressRows],
  ["which pool", whichPoolRows],
  ["which families", familiesRows],
  ["who shares", sharingRows],
  ["the life of a Service", lifeCycleRows],
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
  ...parserRows,
  ...webhookRows,
];

/** The rows of everything: those above, and those that are tested beside what they are about. */
export const everyRow: readonly ConformanceRow[] = [
  ...allocationRows.values(),
  oldConfigMapRows,
  configurationRows,
].flat();
