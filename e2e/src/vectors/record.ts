/**
 * Records what daemons put on the wire, in network namespaces of its own, and writes the vectors of the packages. Needs root, FRR, BIRD,
 * serf, tcpdump and arping. Run it again when a daemon's version changes: `pnpm exec node --conditions=@herald-lb/source
 * e2e/src/vectors/record.ts`.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Scope } from "@herald-lb/lab";
import { recordBgp } from "./bgp.ts";
import { recordMemberlist } from "./memberlist.ts";
import { recordNeighbours } from "./neighbours.ts";

const PACKAGES = resolve(import.meta.dirname, "../../../packages");
const wanted = new Set(process.argv.slice(2));

await record("arp-responder", "linux.jsonl", recordNeighbours);
await record("bgp-speaker", "frr-bird.jsonl", recordBgp);
await record("membership", "serf.jsonl", recordMemberlist);

async function record(
  name: string,
  file: string,
  recorder: (scope: Scope) => Promise<readonly object[]>,
): Promise<void> {
  if (wanted.size > 0 && !wanted.has(name)) return;
  const scope = new Scope();
  try {
    const rows = await recorder(scope);
    const folder = resolve(PACKAGES, name, "vectors");
    mkdirSync(folder, { recursive: true });
    writeFileSync(resolve(folder, file), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    process.stdout.write(`${name}: ${rows.length} vectors\n`);
  } finally {
    await scope.close();
  }
}
