import type { Ipv6Address } from "@herald-lb/sansio";
import { solicitedNodeMulticast } from "../ndp/solicited-node.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { InterfaceState } from "./responder-state.ts";

/** Joins the solicited-node group of an address on an interface, unless another address needs it already. RFC 4861 §7.2.1. */
export function joinGroup(
  { groups, interface: { index } }: InterfaceState,
  address: Ipv6Address,
  effects: ResponderEffect[],
): void {
  const group = solicitedNodeMulticast(address);
  const members = groups.get(group) ?? 0;
  groups.set(group, members + 1);
  if (members === 0) effects.push({ type: "JoinGroup", on: index, group });
}

/** Leaves the solicited-node group of an address on an interface, unless another address needs it still. */
export function leaveGroup(
  { groups, interface: { index } }: InterfaceState,
  address: Ipv6Address,
  effects: ResponderEffect[],
): void {
  const group = solicitedNodeMulticast(address);
  const members = groups.get(group) ?? 0;
  if (members > 1) groups.set(group, members - 1);
  else if (groups.delete(group)) effects.push({ type: "LeaveGroup", on: index, group });
}
