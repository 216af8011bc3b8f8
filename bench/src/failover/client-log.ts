import { isAnswered, type Request } from "./client/request.ts";
import type { RunRecord } from "./run.ts";

/** A client's log of one run: a line a request, with its time after the fault, both kinds in the order of their sending. */
export function clientLog({ asked, sent, faultAt, mendedAt }: RunRecord, nodeOf: (mac: string) => string): string {
  const lines = [
    ...asked.map((request) => ({ request, text: `who-has ${outcome(request, nodeOf)}` })),
    ...sent.map((request) => ({ request, text: `datagram ${outcome(request, (name) => name)}` })),
    { request: { sent: faultAt }, text: "--- the fault" },
    { request: { sent: mendedAt }, text: "--- the node comes back" },
  ];
  return lines
    .toSorted((left, right) => left.request.sent - right.request.sent)
    .map(({ request, text }) => `${(request.sent - faultAt).toFixed(1).padStart(10)} ${text}\n`)
    .join("");
}

function outcome(request: Request, nameOf: (by: string) => string): string {
  if (!isAnswered(request) || request.answered === null || request.by === null) return "no answer";
  return `${nameOf(request.by)} in ${(request.answered - request.sent).toFixed(1)} ms`;
}
