import { instant } from "@herald-lb/sansio";
import { isUp } from "./member.ts";
import { type Endpoint, endpointKey } from "./endpoint.ts";
import { pushPullOf } from "./merge.ts";
import { drawFraction, drawSome } from "./random.ts";
import { openStream } from "./streams.ts";
import { pushPullScale } from "./timing.ts";
import { ourselves, type Turn } from "./turn.ts";

/** How many peers are joined at the same time: one that answers brings the views of all. */
const JOINS_AT_ONCE = 3;

/** Takes over which peers there should be, and tries at once those that are not there. */
export function desirePeers(turn: Turn, peers: readonly Endpoint[]): void {
  turn.peers = peers;
  if (turn.name === "Running") beginJoining(turn);
}

/** Begins a round of joining: every wanted peer that is not alive, in random order. */
export function beginJoining(turn: Turn): void {
  const missing = missingPeers(turn);
  const joining = new Set(
    [...turn.streams.values()].filter((stream) => stream.purpose === "Join").map((stream) => endpointKey(stream.peer)),
  );
  turn.joinQueue = drawSome(
    turn,
    missing.filter((peer) => !joining.has(endpointKey(peer))),
  );
  turn.nextJoin = turn.peers.length === 0 ? null : instant(turn.now + turn.setup.profile.rejoinInterval);
}

/** Opens streams to the peers whose turn it is; those who came meanwhile are passed over. */
export function continueJoining(turn: Turn): void {
  if (turn.joinQueue.length === 0 || turn.name !== "Running") return;
  const missing = new Set(missingPeers(turn).map(endpointKey));
  const queue = turn.joinQueue.filter((peer) => missing.has(endpointKey(peer)));
  const active = [...turn.streams.values()].filter((stream) => stream.purpose === "Join").length;
  const room = Math.max(0, JOINS_AT_ONCE - active);
  turn.joinQueue = queue.slice(room);
  for (const peer of queue.slice(0, room)) openStream(turn, "Join", peer, pushPullOf(turn, true));
}

/** Exchanges views with one living node. */
export function pushPull(turn: Turn): void {
  planPushPull(turn, 0);
  const others = [...turn.members.values()].filter((member) => member.state === "alive" && member.name !== turn.self);
  for (const member of drawSome(turn, others, 1)) openStream(turn, "PushPull", member, pushPullOf(turn, false));
}

/** Plans the next exchange an interval from now, and `stagger` (0 to 1) of one more. */
export function planPushPull(turn: Turn, stagger: number): void {
  const interval = pushPullScale(turn.setup.profile.pushPullInterval, turn.members.size);
  turn.nextPushPull = instant(turn.now + interval * (1 + stagger));
}

/** A random part of an interval, so that nodes that started together do not stay in step. */
export function stagger(turn: Turn): number {
  return drawFraction(turn);
}

function missingPeers(turn: Turn): Endpoint[] {
  const there = new Set([...turn.members.values()].filter(isUp).map(endpointKey));
  there.add(endpointKey(ourselves(turn)));
  return turn.peers.filter((peer) => !there.has(endpointKey(peer)));
}
