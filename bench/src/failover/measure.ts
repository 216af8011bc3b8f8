import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Scope } from "@herald-lb/lab";
import { clientLog } from "./client-log.ts";
import type { Contender } from "./contender.ts";
import type { Fault } from "./fault.ts";
import { type RunResult, runOnce, type RunTimes } from "./run.ts";
import { Site, type SiteOptions } from "./site.ts";
import { rowOf } from "./table.ts";

/** The work that is done on a site. */
export interface RunPlan extends RunTimes {
  readonly faults: readonly Fault[];
  /** Of each fault. */
  readonly runs: number;
  /** The folder for the clients' logs: of the first run of a row, and of those with false takeovers. */
  readonly logs: string | null;
}

/** Runs of a row that may fail, each upon which everything is built anew; then the row is told with the runs that it has. */
const FAILURES = 3;

/** Builds a site for one contender and prints a row for each fault; returns the number of runs that failed. */
export async function measure(
  contender: Contender,
  options: SiteOptions,
  { faults, runs, logs, ...times }: RunPlan,
  track: (scope: Scope) => void,
): Promise<number> {
  const { nodes, addresses } = options;
  let scope: Scope | null = null;
  let site: Site | null = null;
  let allFailures = 0;
  try {
    for (const fault of faults) {
      const results: RunResult[] = [];
      let failures = 0;
      while (results.length < runs && failures < FAILURES) {
        try {
          if (site === null) {
            scope = new Scope();
            track(scope);
            site = await Site.build(scope, contender, options);
          }
          const result = await runOnce(site, fault, times);
          // The first stands for the row; in the others only what should not be is of interest.
          if (logs !== null && (results.length === 0 || result.falseTakeovers > 0)) {
            const name = `${contender.name}-${nodes}-${addresses}-${fault}-${results.length + 1}.log`.toLowerCase();
            writeLog(join(logs, name), site, result);
          }
          results.push(result);
        } catch (error) {
          failures++;
          const what = `${contender.name}, ${nodes} nodes, ${addresses} addresses, ${fault}`;
          process.stderr.write(`a run failed: ${what}: ${error instanceof Error ? error.message : String(error)}\n`);
          await scope?.close();
          site = null;
        }
      }
      allFailures += failures;
      process.stdout.write(rowOf({ who: contender.name, nodes, addresses, fault, results, failures }));
    }
  } finally {
    await scope?.close();
  }
  return allFailures;
}

function writeLog(path: string, site: Site, { record }: RunResult): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(
    path,
    clientLog(record, (mac) => site.nodeOf(mac).name),
  );
}
