import { instant } from "@herald-lb/sansio";
import { isUp, type Member } from "./member.ts";
import { drawSome } from "./random.ts";
import { sendNews } from "./send.ts";
import type { Turn } from "./turn.ts";

/** Sends the news to a few nodes, those lately dead among them: a dead node that lives after all must hear of it to object. */
export function gossip(turn: Turn): void {
  const { gossipNodes } = turn.setup.profile;
  const hearers = [...turn.members.values()].filter((member) => hears(turn, member));
  for (const member of drawSome(turn, hearers, gossipNodes)) if (!sendNews(turn, member)) break;
  turn.lastGossip = turn.now;
  // With nobody to tell, news does not keep the node awake; whoever comes gets it by push/pull.
  turn.nextGossip = null;
  if (hearers.length === 0) turn.broadcasts = [];
}

/** Plans the next round: at once after a silence, otherwise an interval after the last one. Nothing while there is no news. */
export function planGossip(turn: Turn): void {
  if (turn.broadcasts.length === 0 || turn.name === "Stopped" || turn.name === "Left") {
    turn.nextGossip = null;
    return;
  }
  const earliest = turn.lastGossip === null ? turn.now : turn.lastGossip + turn.setup.profile.gossipInterval;
  turn.nextGossip ??= instant(Math.max(turn.now, earliest));
}

function hears(turn: Turn, member: Member): boolean {
  if (member.name === turn.self) return false;
  if (isUp(member)) return true;
  return member.state === "dead" && turn.now - member.stateChangedAt <= turn.setup.profile.gossipToTheDeadTime;
}
