import { instant } from "@herald-lb/sansio";
import { refute } from "./alive.ts";
import { isUp, type Member } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import { broadcast } from "./send.ts";
import type { Suspicion } from "./suspicion.ts";
import { confirmedTimeout, suspicionTimeout } from "./timing.ts";
import { setMember, type Turn } from "./turn.ts";
import type { Dead, Suspect } from "./wire/message.ts";

/** Takes note that a node did not answer somebody: it has a while to contradict, less with every other accuser. */
export function noteSuspect(turn: Turn, { incarnation, node, from }: Suspect): void {
  const known = turn.members.get(node);
  if (known === undefined || incarnation < known.incarnation) return;
  if (known.suspicion !== null) return confirm(turn, known, known.suspicion, { incarnation, node, from });
  if (known.state !== "alive") return;
  if (node === turn.self) return turn.name === "Running" ? refute(turn, incarnation) : undefined;

  broadcast(turn, node, { type: "suspect", incarnation, node, from });
  const { suspicionMult, suspicionMaxTimeoutMult, probeInterval } = turn.setup.profile;
  // The dead confirm nothing, so that they do not count here, as they do for memberlist.
  const nodes = [...turn.members.values()].filter(isUp).length;
  const hoped = suspicionMult - 2;
  const expected = nodes - 2 < hoped ? 0 : hoped;
  const min = suspicionTimeout(suspicionMult, nodes, probeInterval);
  const max = min * suspicionMaxTimeoutMult;
  const deadline = instant(turn.now + confirmedTimeout(0, expected, min, max));
  const suspicion: Suspicion = { startedAt: turn.now, accusers: [from], expected, min, max, deadline };
  setMember(turn, { ...known, state: "suspect", incarnation, stateChangedAt: turn.now, suspicion });
}

/** Takes note that a node is declared dead, or that it left by its own word. */
export function noteDead(turn: Turn, { incarnation, node, from }: Dead): void {
  const known = turn.members.get(node);
  if (known === undefined || incarnation < known.incarnation) return;
  if (known.state === "dead" || known.state === "left") return;
  if (node === turn.self && turn.name === "Running") return refute(turn, incarnation);
  broadcast(turn, node, { type: "dead", incarnation, node, from });
  const state = node === from ? "left" : "dead";
  const member: Member = { ...known, state, incarnation, stateChangedAt: turn.now, suspicion: null };
  setMember(turn, member);
}

/** Declares dead whoever did not contradict in time. */
export function fireSuspicions(turn: Turn): void {
  for (const { name, incarnation, suspicion } of turn.members.values()) {
    if (suspicion === null || suspicion.deadline > turn.now) continue;
    noteDead(turn, { incarnation, node: name, from: turn.self });
  }
}

function confirm(turn: Turn, known: Member, suspicion: Suspicion, suspect: Suspect): void {
  const confirmations = suspicion.accusers.length - 1;
  if (confirmations >= suspicion.expected || suspicion.accusers.includes(suspect.from)) return;
  const accusers: readonly NodeName[] = [...suspicion.accusers, suspect.from];
  const { startedAt, expected, min, max } = suspicion;
  const deadline = instant(startedAt + confirmedTimeout(confirmations + 1, expected, min, max));
  setMember(turn, { ...known, suspicion: { ...suspicion, accusers, deadline } });
  broadcast(turn, suspect.node, { type: "suspect", ...suspect });
}
