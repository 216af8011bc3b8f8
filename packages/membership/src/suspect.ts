import { instant } from "@herald-lb/sansio";
import { refute } from "./alive.ts";
import { isUp, type Member } from "./member.ts";
import type { NodeName } from "./node-name.ts";
import { restartReplication } from "./node-data.ts";
import { broadcast } from "./send.ts";
import type { Suspicion } from "./suspicion.ts";
import { confirmedTimeout, suspicionTimeout } from "./timing.ts";
import { setMember, type Transaction } from "./transaction.ts";
import type { Dead, Suspect } from "./wire/message.ts";

/** Marks a node as suspect that did not answer a probe. It has a while to refute, less with each node that confirms the suspicion. */
export function suspectNode(transaction: Transaction, { incarnation, node, from }: Suspect): void {
  const known = transaction.members.get(node);
  if (known === undefined || incarnation < known.incarnation) return;
  if (known.suspicion !== null) return confirm(transaction, known, known.suspicion, { incarnation, node, from });
  if (known.state !== "alive") return;
  if (node === transaction.self) return transaction.name === "Running" ? refute(transaction, incarnation) : undefined;

  broadcast(transaction, node, { type: "suspect", incarnation, node, from });
  const { suspicionMult, suspicionMaxTimeoutMult, probeInterval } = transaction.setup.profile;
  // The dead confirm nothing, so that they do not count here, as they do for memberlist.
  const nodes = [...transaction.members.values()].filter(isUp).length;
  const hoped = suspicionMult - 2;
  const expected = nodes - 2 < hoped ? 0 : hoped;
  const min = suspicionTimeout(suspicionMult, nodes, probeInterval);
  const max = min * suspicionMaxTimeoutMult;
  const deadline = instant(transaction.now + confirmedTimeout(0, expected, min, max));
  const suspicion: Suspicion = { startedAt: transaction.now, confirmedBy: [from], expected, min, max, deadline };
  setMember(transaction, { ...known, state: "suspect", incarnation, stateChangedAt: transaction.now, suspicion });
}

/** Marks a node as dead, or as left where it told so itself. */
export function deadNode(transaction: Transaction, { incarnation, node, from }: Dead): void {
  const known = transaction.members.get(node);
  if (known === undefined || incarnation < known.incarnation) return;
  if (known.state === "dead" || known.state === "left") return;
  if (node === transaction.self && transaction.name === "Running") {
    transaction.effects.push({ type: "DeathRefuted" });
    restartReplication(transaction);
    return refute(transaction, incarnation);
  }
  broadcast(transaction, node, { type: "dead", incarnation, node, from });
  const state = node === from ? "left" : "dead";
  const member: Member = {
    ...known,
    state,
    incarnation,
    stateChangedAt: transaction.now,
    suspicion: null,
    declaredBy: from,
  };
  setMember(transaction, member);
}

/** Declares a suspect dead that did not refute in time. */
export function expireSuspicions(transaction: Transaction): void {
  for (const name of transaction.suspects) {
    const member = transaction.members.get(name);
    if (member === undefined || member.suspicion === null || member.suspicion.deadline > transaction.now) continue;
    deadNode(transaction, { incarnation: member.incarnation, node: name, from: transaction.self });
  }
}

function confirm(transaction: Transaction, known: Member, suspicion: Suspicion, suspect: Suspect): void {
  const confirmations = suspicion.confirmedBy.length - 1;
  if (confirmations >= suspicion.expected || suspicion.confirmedBy.includes(suspect.from)) return;
  const confirmedBy: readonly NodeName[] = [...suspicion.confirmedBy, suspect.from];
  const { startedAt, expected, min, max } = suspicion;
  const deadline = instant(startedAt + confirmedTimeout(confirmations + 1, expected, min, max));
  setMember(transaction, { ...known, suspicion: { ...suspicion, confirmedBy, deadline } });
  broadcast(transaction, suspect.node, { type: "suspect", ...suspect });
}
