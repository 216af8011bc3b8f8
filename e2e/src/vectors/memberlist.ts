import { run, type Scope, until } from "@herald-lb/lab";
import { startCapture, transportedBy } from "./capture.ts";
import { connectTwo } from "./segment.ts";

/** One packet, or all octets of one direction of a stream, as a serf agent sent it. */
export interface MemberlistVector {
  readonly name: string;
  readonly source: string;
  readonly protocol: "udp" | "tcp";
  /** The key of the cluster in hexadecimal; null for plaintext. */
  readonly key: string | null;
  readonly hex: string;
}

const KEY = Uint8Array.from({ length: 32 }, (_, at) => at * 5 + 3);
/** Packets kept of each run, the first ones. */
const PACKETS = 40;

/** Records two serf agents that join, gossip and leave, without a key and with one. */
export async function recordMemberlist(scope: Scope): Promise<readonly MemberlistVector[]> {
  const plain = await recordRun(scope, "ml", null);
  const sealed = await recordRun(scope, "mle", KEY);
  return [...plain, ...sealed];
}

async function recordRun(scope: Scope, label: string, key: Uint8Array | null): Promise<readonly MemberlistVector[]> {
  const [one, two] = await connectTwo(scope, label);
  const capture = await startCapture(scope, one, label, "port 7946");
  const rpc = "-rpc-addr=127.0.0.1:7373";
  const agents = [one, two].map((namespace, at) =>
    scope.spawn({
      name: `${label}-serf-${at + 1}`,
      namespace: namespace.name,
      command: "serf",
      args: [
        "agent",
        `-node=serf-${at + 1}`,
        `-bind=192.0.2.${at + 1}:7946`,
        rpc,
        ...(key === null ? [] : [`-encrypt=${Buffer.from(key).toString("base64")}`]),
      ],
    }),
  );
  const members = async (): Promise<string> => one.run("serf", ["members", rpc]).catch(() => "");
  await until("the agents to run", async () => (await members()).includes("alive"), { timeoutMs: 30_000 });
  await until(
    "the agents to join",
    async () => (await two.run("serf", ["join", rpc, "192.0.2.1"]).catch(() => "")).includes("Successfully"),
    { timeoutMs: 30_000 },
  );
  await until("both to be alive", async () => (await members()).match(/alive/gu)?.length === 2, { timeoutMs: 30_000 });
  const probes = performance.now() + 4_000;
  await until("some probes", async () => performance.now() > probes, { timeoutMs: 10_000 });
  await two.run("serf", ["leave", rpc]).catch(() => "");
  await until("the leave to be known", async () => (await members()).includes("left"), { timeoutMs: 30_000 });
  for (const agent of agents) await agent.stop("SIGKILL");
  const version = /(\d+\.\d+\S*)/u.exec(await run("serf", ["version"]))?.[1] ?? "unknown";
  return vectorsOf(await capture.frames(), `serf ${version}`, key, label);
}

function vectorsOf(
  frames: readonly Uint8Array[],
  source: string,
  key: Uint8Array | null,
  label: string,
): readonly MemberlistVector[] {
  const packets: Uint8Array[] = [];
  const streams = new Map<string, Uint8Array>();
  for (const frame of frames) {
    const carried = transportedBy(frame);
    if (carried === null || carried.payload.length === 0) continue;
    if (frame[23] === 17) packets.push(carried.payload);
    else {
      const id = `${carried.source} ${carried.sourcePort} ${carried.destinationPort}`;
      streams.set(id, Uint8Array.from([...(streams.get(id) ?? []), ...carried.payload]));
    }
  }
  const text = key === null ? null : Buffer.from(key).toString("hex");
  const row = (protocol: "udp" | "tcp", octets: Uint8Array, at: number): MemberlistVector => ({
    name: `${label} ${protocol} ${at + 1}`,
    source,
    protocol,
    key: text,
    hex: Buffer.from(octets).toString("hex"),
  });
  // The last ones have the leave.
  const kept = [...packets.slice(0, PACKETS), ...packets.slice(PACKETS).slice(-10)];
  return [
    ...kept.map((octets, at) => row("udp", octets, at)),
    ...[...streams.values()].map((octets, at) => row("tcp", octets, at)),
  ];
}
