import { instant } from "@herald-lb/sansio";
import { noteDead } from "./accuse.ts";
import { gossip } from "./gossip.ts";
import { isUp } from "./member.ts";
import { ourselves, type Turn } from "./turn.ts";

/** Says goodbye: to as many as a round of gossip reaches at once, and on until it was sent often enough. */
export function beginLeaving(turn: Turn): void {
  if (turn.name !== "Running") return void (turn.name === "Stopped" && completeLeaving(turn));
  turn.name = "Leaving";
  turn.leaveDeadline = instant(turn.now + turn.setup.profile.leaveTimeout);
  turn.probe = null;
  turn.nextProbe = null;
  turn.nextPushPull = null;
  turn.nextJoin = null;
  turn.joinQueue = [];
  const { incarnation, name } = ourselves(turn);
  noteDead(turn, { incarnation, node: name, from: name });
  gossip(turn);
}

/** Ends the goodbye once it was told, when its time is up, or when there is nobody to tell. */
export function finishLeaving(turn: Turn): void {
  if (turn.name !== "Leaving") return;
  const late = turn.leaveDeadline !== null && turn.leaveDeadline <= turn.now;
  const told = turn.broadcasts.every((queued) => queued.about !== turn.self);
  const alone = ![...turn.members.values()].some((member) => member.name !== turn.self && isUp(member));
  if (late || told || alone) completeLeaving(turn);
}

function completeLeaving(turn: Turn): void {
  turn.name = "Left";
  turn.leaveDeadline = null;
  turn.nextGossip = null;
  turn.broadcasts = [];
  turn.relays.clear();
  for (const stream of turn.streams.keys()) turn.effects.push({ type: "CloseStream", stream });
  turn.streams.clear();
  turn.effects.push({ type: "LeaveCompleted" });
}
