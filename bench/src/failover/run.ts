import { setTimeout as wait } from "node:timers/promises";
import { monotonicNow } from "@herald-lb/host";
import { until } from "@herald-lb/lab";
import { allTakenOver, unexplained } from "./claims.ts";
import type { Claim } from "./client/claim.ts";
import type { Asked } from "./client/client.ts";
import { type Request, type Silence, silenceIn } from "./client/request.ts";
import { type Fault, inflict, mend } from "./fault.ts";
import type { Site } from "./site.ts";

/** The figures of one run of a fault. */
export interface RunResult {
  /** By the client that asks for the address by ARP each time. */
  readonly asking: Silence;
  /** By the client that sends to the address. */
  readonly sending: Silence;
  /** The longer gap of both while the node came back, in milliseconds. */
  readonly gapAtReturn: number;
  /** Requests of the asking client, at any time, that two nodes answered. */
  readonly twice: number;
  /** From the fault until all of the node's addresses were claimed by others, in milliseconds; `Infinity` where some never were. */
  readonly takeover: number;
  /** The number of those addresses. */
  readonly held: number;
  readonly falseTakeovers: number;
  /** The most that the client sent a request late, in milliseconds. */
  readonly late: number;
  /** The requests themselves, and when the fault and its end were. */
  readonly record: RunRecord;
}

/** The source of a client's log. */
export interface RunRecord extends Asked {
  /** The changes of announcer that the fault does not explain. */
  readonly falseTakeovers: readonly Claim[];
  readonly faultAt: number;
  readonly mendedAt: number;
}

/** The client asks for this long before the fault at least, and up to twice that: no fault keeps step with a contender's timers. */
const BEFORE = 1_000;
/** The client asks for this long after all addresses were taken over, in milliseconds. */
const AFTER = 1_000;

/** The times that a run waits, in milliseconds. */
export interface RunTimes {
  /** For a takeover, at most. */
  readonly deadline: number;
  /** Without a fault. */
  readonly quiet: number;
}

/** Has one fault happen to the node that announces the first address, watches, and brings the node back. */
export async function runOnce(site: Site, fault: Fault, { deadline, quiet }: RunTimes): Promise<RunResult> {
  const { client, addresses, announcers, network } = site;
  const [probed = ""] = addresses;
  const node = site.nodeOf(announcers.get(probed) ?? "");
  const held = fault === "none" ? [] : addresses.filter((address) => announcers.get(address) === node.mac);
  const victim = { node, speaker: site.speakerOn(node), cables: network.cables };
  const earlier = client.claims.length;

  client.begin(probed);
  await wait(BEFORE * (1 + Math.random()));
  const faultAt = await inflict(fault, victim);
  const claimsSince = (): readonly Claim[] => client.claims.slice(earlier);
  const takenOver = (): number | null => allTakenOver(claimsSince(), held, { mac: node.mac, at: faultAt });
  const isOver = (): boolean => takenOver() !== null && (fault !== "sigterm" || !victim.speaker.isRunning());
  // One that never comes is a figure as well.
  await until("the takeover", isOver, { timeoutMs: deadline, everyMs: 50 }).catch(() => {});
  const takenOverAt = takenOver() ?? Number.POSITIVE_INFINITY;
  await wait(fault === "none" ? quiet : AFTER);
  const mendedAt = monotonicNow();
  if (fault !== "none") {
    await mend(victim);
    site.startSpeaker(node);
  }
  await site.untilAtRest();
  const { asked, sent, late } = await client.end();

  const during = ({ sent: at }: Request): boolean => at < mendedAt;
  const returning = (request: Request): boolean => !during(request);
  const gapAtReturn = (requests: readonly Request[]): number => silenceIn(requests.filter(returning)).gap;
  const falseTakeovers = unexplained(claimsSince(), held, { at: faultAt });
  return {
    asking: silenceIn(asked.filter(during)),
    sending: silenceIn(sent.filter(during)),
    gapAtReturn: Math.max(gapAtReturn(asked), gapAtReturn(sent)),
    twice: asked.filter(({ twice }) => twice).length,
    takeover: takenOverAt - faultAt,
    held: held.length,
    falseTakeovers: falseTakeovers.length,
    late,
    record: { asked, sent, late, falseTakeovers, faultAt, mendedAt },
  };
}
