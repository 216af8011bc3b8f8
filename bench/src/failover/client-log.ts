import { isAnswered, type Request } from "./client/request.ts";
import type { RunRecord } from "./run.ts";

/** A client's log of one run: a line for each request and each false takeover, with its time after the fault. */
export function clientLog(record: RunRecord, nodeOf: (mac: string) => string): string {
  const { asked, sent, falseTakeovers, faultAt, mendedAt } = record;
  const lines = [
    ...asked.map((request) => ({ at: request.sent, text: `who-has ${outcome(request, nodeOf)}` })),
    ...sent.map((request) => ({ at: request.sent, text: `datagram ${outcome(request, (name) => name)}` })),
    ...falseTakeovers.map(({ at, address, mac, before }) => ({
      at,
      text: `--- ${nodeOf(mac)} claims ${address}, which ${nodeOf(before ?? mac)} has`,
    })),
    { at: faultAt, text: "--- the fault" },
    { at: mendedAt, text: "--- the node comes back" },
  ];
  return lines
    .toSorted((left, right) => left.at - right.at)
    .map(({ at, text }) => `${(at - faultAt).toFixed(1).padStart(10)} ${text}\n`)
    .join("");
}

function outcome(request: Request, nameOf: (by: string) => string): string {
  if (!isAnswered(request) || request.answered === null || request.by === null) return "no answer";
  return `${nameOf(request.by)} in ${(request.answered - request.sent).toFixed(1)} ms`;
}
