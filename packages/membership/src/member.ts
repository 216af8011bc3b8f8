import type { Instant, IpAddress } from "@herald-lb/sansio";
import type { NodeName } from "./node-name.ts";
import type { Suspicion } from "./suspicion.ts";
import type { Versions } from "./versions.ts";

/** The state of a node: one that is "left" told so itself, one that is "dead" did not. */
export type MemberState = "alive" | "suspect" | "dead" | "left";

/** A node as the rest of the program sees it. A suspect still counts as alive until its time is up. */
export interface MemberView {
  readonly name: NodeName;
  readonly address: IpAddress;
  readonly port: number;
  readonly state: MemberState;
  /** The application's own data about the node, up to 512 octets; often empty. */
  readonly meta: Uint8Array;
  /** The node by whose word this one is dead or left; null while it lives. */
  readonly declaredBy: NodeName | null;
}

/** A node as the machine keeps it. */
export interface Member extends MemberView {
  readonly versions: Versions | null;
  readonly incarnation: number;
  readonly stateChangedAt: Instant;
  /** Only while the state is "suspect". */
  readonly suspicion: Suspicion | null;
}

/** A member as others see it. */
export function viewOf(member: Member): MemberView {
  const { name, address, port, state, meta, declaredBy } = member;
  return { name, address, port, state, meta, declaredBy };
}

/** True where other nodes have to deal with a member in another way than before. */
export function hasChanged(before: Member, after: Member): boolean {
  if (before.address !== after.address || before.port !== after.port) return true;
  if (before.meta.length !== after.meta.length) return true;
  return before.meta !== after.meta && before.meta.some((octet, at) => octet !== after.meta[at]);
}

/** True for a node that counts as live. */
export function isUp(member: Member): boolean {
  return member.state === "alive" || member.state === "suspect";
}
