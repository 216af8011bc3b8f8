import { prefixContains } from "@herald-lb/sansio";
import type { InterfaceIndex } from "../interface.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { Announcement, ResponderState } from "./responder-state.ts";

/** Reports whether rivals have an address on every interface that matters, where that has changed. */
export function noteContested(state: ResponderState, announcement: Announcement, effects: ResponderEffect[]): void {
  const { address, on, tentative, isContested } = announcement;
  // Of a node with an interface on the address's subnet, the clients are there: that it announces the address on another network, where nobody asks, helps none.
  const all = [...on.keys(), ...tentative.keys()];
  const onSubnet = all.filter((index) => isOnSubnet(state, announcement, index));
  const decisive = onSubnet.length > 0 ? onSubnet : all;
  const contested = decisive.length > 0 && decisive.every((index) => (tentative.get(index)?.rival ?? null) !== null);
  if (contested === isContested) return;
  announcement.isContested = contested;
  effects.push({ type: "ContestedChanged", address, contested });
}

function isOnSubnet({ interfaces }: ResponderState, { address }: Announcement, index: InterfaceIndex): boolean {
  const { prefixes = [] } = interfaces.get(index)?.interface ?? {};
  return prefixes.some((prefix) => prefixContains(prefix, address));
}
