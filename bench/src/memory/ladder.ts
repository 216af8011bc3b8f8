import { type Daemon, run, Scope } from "@herald-lb/lab";
import {
  type BenchCluster,
  type Component,
  list,
  NODE_ADDRESS,
  NODE_NAME,
  POD,
  startCluster,
} from "../daemons/cluster.ts";
import { type Contender, permit, startContender, untilReady } from "../daemons/contender.ts";
import { type MemoryParts, usageOf } from "../daemons/process-usage.ts";
import { watchServices } from "../daemons/service-watch.ts";
import { untilQuiet, untilSteady } from "../daemons/settling.ts";
import { SERVICES_PATH, serviceManifest, sliceManifest, SLICES_PATH } from "./workload.ts";

/** The figures of one daemon at one count of Services. */
export interface Row {
  readonly services: number;
  /** The number of them that had an address when it was measured. */
  readonly served: number;
  readonly component: Component;
  readonly who: string;
  /** Once it has nothing left to do and its memory is steady, or after the longest wait. */
  readonly idle: MemoryParts;
  /** Null for a daemon that came to rest, otherwise the minutes from its start to its measurement. */
  readonly busyFor: number | null;
  /** Resident memory at its highest since the start, MB. */
  readonly peak: number;
  /** Seconds of CPU since the start. */
  readonly cpu: number;
}

/** The address pool of the run; a network for benchmarks, RFC 2544. */
const POOL = "198.18.0.0/15";
/** The longest that the new Services of a step may wait for their addresses, milliseconds. */
const LONGEST = 900_000;

/**
 * Climbs from one count of Services to the next on a server of its own. At each both daemons start anew, list what is there, give addresses
 * to what is new and announce all of it from one Node; then they are left alone until their memory is steady.
 */
export async function climb(
  assets: string,
  contenders: readonly Contender[],
  counts: readonly number[],
  track: (scope: Scope) => void,
  print: (row: Row) => void,
): Promise<void> {
  await using scope = new Scope();
  track(scope);
  const cluster = await startCluster(scope, assets);
  await prepareNode(scope, cluster);
  for (const contender of contenders) await permit(cluster, contender);
  await cluster.setPool([POOL]);
  const watch = await watchServices(scope, cluster);
  let present = 0;
  for (const count of counts) {
    await cluster.create(SERVICES_PATH, present, count, serviceManifest);
    await cluster.create(SLICES_PATH, present, count, sliceManifest);
    present = count;
    const started = performance.now();
    const daemons = contenders.map((contender) => ({ contender, daemon: startContender(scope, cluster, contender) }));
    await Promise.all(daemons.map(({ contender, daemon }) => untilReady(daemon, contender.component)));
    // A contender that needs longer still has a row, which says so.
    await watch.whenServed(count, LONGEST).catch(() => {});
    // Two rounds: the last to become quiet is the speaker, which writes a status for each Service.
    for (const { daemon } of daemons) await untilQuiet(daemon);
    const quiet = [];
    for (const { daemon } of daemons) quiet.push(await untilQuiet(daemon));
    for (const [index, { contender, daemon }] of daemons.entries()) {
      const row = await measure(contender, daemon, count);
      const busyFor = quiet[index] === true ? null : (performance.now() - started) / 60_000;
      print({ ...row, served: watch.served(), busyFor });
    }
    await Promise.all(daemons.map(({ daemon }) => daemon.stop()));
  }
}

async function measure(
  { name, component }: Contender,
  daemon: Daemon,
  services: number,
): Promise<Omit<Row, "busyFor" | "served">> {
  const idle = await untilSteady(daemon);
  const { peak, cpu } = usageOf(daemon.pid);
  return { services, component, who: name, idle, peak, cpu };
}

/** Gives the speaker a Node, an interface with the Node's address, and what the API has of its pod; all addresses are announced. */
async function prepareNode(scope: Scope, { kubectl }: BenchCluster): Promise<void> {
  const namespace = "metallb-system";
  await run("ip", ["link", "set", "lo", "up"]);
  await run("ip", ["link", "add", "node0", "type", "veth", "peer", "name", "wire0"]);
  scope.defer("the Node's interface", async () => void (await run("ip", ["link", "delete", "node0"])));
  await run("ip", ["address", "add", `${NODE_ADDRESS}/24`, "dev", "node0"]);
  for (const link of ["node0", "wire0"]) await run("ip", ["link", "set", link, "up"]);
  const labels = { "kubernetes.io/hostname": NODE_NAME, "kubernetes.io/os": "linux" };
  const status = {
    addresses: [{ type: "InternalIP", address: NODE_ADDRESS }],
    conditions: [{ type: "Ready", status: "True", reason: "KubeletReady" }],
  };
  const objects = [
    { apiVersion: "v1", kind: "Node", metadata: { name: NODE_NAME, labels } },
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "memberlist", namespace },
      stringData: { secretkey: "the key of the file beside it is the one that is used" },
    },
    { apiVersion: "metallb.io/v1beta1", kind: "L2Advertisement", metadata: { name: "bench", namespace }, spec: {} },
  ];
  await kubectl(["apply", "-f", "-"], JSON.stringify(list(objects)));
  await kubectl(["patch", "node", NODE_NAME, "--subresource=status", "-p", JSON.stringify({ status })]);
  const pod = { status: { phase: "Running", podIP: NODE_ADDRESS, podIPs: [{ ip: NODE_ADDRESS }] } };
  await kubectl(["patch", "pod", POD.speaker, "-n", namespace, "--subresource=status", "-p", JSON.stringify(pod)]);
}
