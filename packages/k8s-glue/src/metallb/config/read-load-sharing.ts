import type { L2AdvertisementSpec } from "../crd/l2-advertisement.ts";
import type { IssueCollector } from "./issue-collector.ts";

/** Fields that say something about a single announcer, with the value by which each does; beside PerClient they have no effect. */
const OF_ONE_ANNOUNCER: readonly {
  readonly field: keyof L2AdvertisementSpec;
  readonly isSet: (spec: L2AdvertisementSpec) => boolean;
}[] = [
  { field: "sticky", isSet: ({ sticky }) => sticky === true },
  { field: "addressDistribution", isSet: ({ addressDistribution }) => addressDistribution === "Spread" },
  { field: "refreshInterval", isSet: ({ refreshInterval }) => refreshInterval !== undefined },
];

/** True where every node is to serve its part of the clients. A field beside it that cannot have effect as well is an issue. */
export function readLoadSharing(spec: L2AdvertisementSpec, report: IssueCollector): boolean {
  if (spec.loadSharing !== "PerClient") {
    if (spec.rebalance === true) ignored(report, "rebalance", "has no effect without loadSharing: PerClient");
    return false;
  }
  // What keeps two stations from having one address comes before the sharing of load.
  const guard =
    spec.conflictPolicy === "Probe"
      ? "conflictPolicy: Probe"
      : spec.onConflict === "Yield"
        ? "onConflict: Yield"
        : null;
  if (guard !== null) {
    ignored(
      report,
      "loadSharing",
      `has no effect beside ${guard}, so that one node takes all clients; remove one of the two`,
    );
    return false;
  }
  for (const { field, isSet } of OF_ONE_ANNOUNCER)
    if (isSet(spec))
      ignored(
        report,
        field,
        "has no effect beside loadSharing: PerClient, by which no single node announces; remove one of the two",
      );
  return true;
}

function ignored(report: IssueCollector, field: keyof L2AdvertisementSpec, why: string): void {
  report.partial(`spec.${field}`, "FieldConflict", `${field} ${why}`, { field });
}
