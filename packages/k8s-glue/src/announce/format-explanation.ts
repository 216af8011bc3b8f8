import type { CandidateVerdict, ElectionExplanation } from "@herald-lb/arp-responder";
import type { AnnouncementExplanation } from "./explain-announcements.ts";

/** An explanation as lines of text for people. */
export function formatExplanation(explanation: AnnouncementExplanation): string {
  const { service, pool, reason, elections, rejected } = explanation;
  const title = pool === null ? service : `${service}, pool ${pool}`;
  const outcome =
    reason !== null
      ? [`  no node may announce it: ${reason}`]
      : elections.length === 0
        ? ["  no node is a candidate"]
        : elections.flatMap(linesOf);
  const others = [...rejected].map(([node, why]): readonly string[] => [node, "", `no candidate: ${why}`]);
  return [title, ...outcome, ...columns(others)].join("\n");
}

function linesOf(election: ElectionExplanation): readonly string[] {
  const { addresses, electionAddress, announcer, sharedBy, home, sticky, spread, candidates } = election;
  const by = addresses[0] === electionAddress ? "" : `, elected by ${electionAddress}, since the address is shared`;
  const marks = [sticky ? ", sticky" : "", spread ? ", spread" : ""].join("");
  const isOffSubnet = candidates.some(({ verdict }) => verdict.reason === "NotOnSubnet");
  const nobody = isOffSubnet ? "no live candidate has an interface on the subnet" : "no candidate lives";
  const nodes = sharedBy === null ? announcer : `${sharedBy.join(", ")}, each for its part of the clients`;
  const head = `  ${addresses.join(", ")}: ${nodes ?? nobody}${by}${marks}`;
  const rows = candidates.map(({ node, score, verdict }) => [
    node,
    score === 0 ? "" : `score ${score}`,
    textOf(verdict, node === home && home !== announcer),
  ]);
  return [head, ...columns(rows)];
}

function textOf(verdict: CandidateVerdict, isHome: boolean): string {
  const home = isHome ? "; has the addresses back when it can serve" : "";
  switch (verdict.reason) {
    case "Elected":
      return "announces";
    case "Serves":
      return "serves";
    case "NotLive":
      return `does not live${home}`;
    case "LinkLost":
      return `has lost its link to the addresses${home}`;
    case "NotOnSubnet":
      return "has no interface on the subnet of the addresses";
    case "NotShared":
      return "is no candidate of a Service that shares the address";
    case "OwnerKeeps":
      return "stands before the announcer, which keeps the addresses: sticky";
    case "LowerScore":
      return "has a lower score";
    case "LaterHash":
      return "has a later hash";
    case "LoadBound":
      return `holds ${verdict.load}, and may hold ${verdict.bound}`;
  }
}

/** Rows with their columns below each other, indented. */
function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = [0, 1].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? "").length)));
  return rows.map((row) =>
    `    ${row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .filter((cell) => cell !== "")
      .join("  ")}`.trimEnd(),
  );
}
