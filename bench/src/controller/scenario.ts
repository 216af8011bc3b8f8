import { type Daemon, Scope } from "@herald-lb/lab";
import { type BenchCluster, startCluster } from "../daemons/cluster.ts";
import { type Contender, permit, startContender, untilReady } from "../daemons/contender.ts";
import { type ProcessUsage, usageOf } from "../daemons/process-usage.ts";
import { countRequests, type RequestCount } from "./request-count.ts";
import { untilQuiet } from "../daemons/settling.ts";
import { type ServiceWatch, watchServices } from "../daemons/service-watch.ts";

/** The figures of one step of a scenario. */
export interface Row {
  readonly step: string;
  readonly who: string;
  /** Seconds from the step's beginning until the last Service was created; null where none was. */
  readonly created: number | null;
  /** Seconds from the step's beginning until all had an address; null where there are too few. */
  readonly served: number | null;
  /** Seconds of CPU until then, or until the last creation. */
  readonly cpuServed: number;
  /** Seconds of CPU until nothing was left to be written. */
  readonly cpuSettled: number;
  readonly usage: ProcessUsage;
  readonly requests: RequestCount;
}

/** A scenario under way. */
export interface Stage {
  readonly cluster: BenchCluster;
  readonly watch: ServiceWatch;
  readonly start: () => Daemon;
  /** Starts the controller and waits until it is ready. */
  readonly startReady: () => Promise<Daemon>;
  /**
   * Measures one step: `act` makes it happen and returns the time by `performance.now` of the last creation, or null. `wanted` is how many
   * then get an address; null where that is not waited for.
   */
  readonly measure: (
    step: string,
    wanted: number | null,
    act: () => Promise<number | null>,
    daemon: () => Daemon,
  ) => Promise<Row>;
}

/** The longest that a step may take until all are served, milliseconds. */
const TIMEOUT = 300_000;

/** Runs one scenario on a server of its own, and takes everything down again, also when it fails. */
export async function stage(
  assets: string,
  contender: Contender,
  track: (scope: Scope) => void,
  play: (stage: Stage) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  await using scope = new Scope();
  track(scope);
  const cluster = await startCluster(scope, assets);
  await permit(cluster, contender);
  const watch = await watchServices(scope, cluster);
  const start = (): Daemon => startContender(scope, cluster, contender);
  const startReady = async (): Promise<Daemon> => {
    const daemon = start();
    await untilReady(daemon, contender.component);
    return daemon;
  };
  const measure: Stage["measure"] = async (step, wanted, act, daemon) => {
    const since = Date.now();
    const cpuBefore = cpuOf(daemon);
    const began = performance.now();
    const createdAt = await act();
    const served = wanted === null ? null : watch.whenServed(wanted, TIMEOUT);
    const servedAt = await Promise.race([served, untilEnded(daemon())]);
    const cpuServed = usageOf(daemon().pid).cpu - cpuBefore;
    await untilQuiet(daemon());
    const usage = usageOf(daemon().pid);
    return {
      step,
      who: contender.name,
      created: createdAt === null ? null : (createdAt - began) / 1_000,
      served: servedAt === null ? null : (servedAt - began) / 1_000,
      cpuServed,
      cpuSettled: usage.cpu - cpuBefore,
      usage,
      requests: countRequests(cluster.api.audit(), since),
    };
  };
  return await play({ cluster, watch, start, startReady, measure });
}

/** Rejects when the controller ends, with what it said. */
async function untilEnded(daemon: Daemon): Promise<never> {
  const code = await daemon.exited;
  throw new Error(`the controller ended: ${code}\n${daemon.output().slice(-1_000)}`);
}

/** Nothing before it is started. */
function cpuOf(daemon: () => Daemon): number {
  try {
    return usageOf(daemon().pid).cpu;
  } catch {
    return 0;
  }
}
