import { instant, type Machine, parseIpAddress, type Step } from "@herald-lb/sansio";
import type { MembershipConfig } from "./config.ts";
import type { MembershipEffect } from "./effect.ts";
import type { TransportAddress } from "./transport-address.ts";
import type { MembershipEvent } from "./event.ts";
import { createMembership, initialMembership } from "./machine.ts";
import { nodeName } from "./node-name.ts";
import { fast } from "./profile.ts";
import { setupOf, wireConfigOf } from "./setup.ts";
import type { MembershipState } from "./state.ts";
import { encodeCompound } from "./wire/compound.ts";
import { encodeMessage, type Message } from "./wire/message.ts";
import { decodePacket, encodePacket, type WireConfig } from "./wire/packet.ts";

/** A step of the membership machine. */
export type MembershipStep = Step<MembershipState, MembershipEffect>;

/** The address of a node: 192.0.2.`last`. */
export function endpoint(last: number): TransportAddress {
  const address = parseIpAddress(`192.0.2.${last}`);
  if (!address.ok) throw new Error("bad address");
  return { address: address.value, port: 7946 };
}

/** The configuration of the node under test, "us". */
export const config: MembershipConfig = {
  name: nodeName("us"),
  advertise: endpoint(1),
  profile: fast,
  keyring: [],
  seed: new Uint8Array(32).fill(3),
};
/** The machine under test. */
export const machine: Machine<MembershipState, MembershipEvent, MembershipEffect> = createMembership(config);
/** The wire of a cluster without keys. */
export const wire: WireConfig = wireConfigOf(setupOf(config), []);
/** The nonce of every packet. */
export const nonce: Uint8Array = new Uint8Array(12);

/** The event that a node's packet with these messages came in. */
export function packet(from: number, ...messages: readonly Message[]): MembershipEvent {
  return {
    type: "PacketReceived",
    from: endpoint(from),
    octets: encodePacket(wire, encodeCompound(messages.map(encodeMessage)), true, nonce),
  };
}

/** The message that the node of an address is alive. */
export function alive(last: number, incarnation = 1): Message {
  return {
    type: "alive",
    incarnation,
    node: nodeName(`node-${last}`),
    addr: Uint8Array.of(192, 0, 2, last),
    port: 7946,
    meta: null,
    vsn: Uint8Array.of(1, 5, 2, 0, 0, 0),
  };
}

/** The message of a node that another is suspect or dead. */
export function report(type: "suspect" | "dead", node: string, incarnation: number, from: string): Message {
  return { type, incarnation, node: nodeName(node), from: nodeName(from) };
}

/** The state after these events; a number lets so many milliseconds pass. */
export function run(
  events: readonly (MembershipEvent | number)[],
  from: MembershipState = initialMembership(config),
): MembershipState {
  let state = from;
  let now = 0;
  for (const event of events) {
    if (typeof event !== "number") ({ state } = machine.step(state, event, instant(now)));
    else for (now += event; (machine.nextDeadline(state) ?? now + 1) <= now; ) state = advanceOnce(state, now);
  }
  return state;
}

function advanceOnce(state: MembershipState, now: number): MembershipState {
  const due = machine.nextDeadline(state) ?? instant(now);
  return machine.advance(state, due).state;
}

/** The event that three peers are to be joined. */
export const peers: MembershipEvent = { type: "PeersDesired", peers: [1, 2, 3].map(endpoint) };
/** The event that begins. */
export const started: MembershipEvent = { type: "Started" };
/** The events after which three other nodes are members. */
export const joined: readonly MembershipEvent[] = [started, packet(2, alive(2), alive(3), alive(4))];

/** The messages that a step sends to the node of an address. */
export function sentTo(step: MembershipStep, last: number): Message[] {
  return step.effects.flatMap((effect) => {
    if (effect.type !== "SendPacket" || effect.to.address !== endpoint(last).address) return [];
    const decoded = decodePacket(wire, effect.octets);
    return decoded.ok ? decoded.value.messages : [];
  });
}

/** The step of one event, a second after the beginning. */
export function step(state: MembershipState, event: MembershipEvent, now = 1000): MembershipStep {
  return machine.step(state, event, instant(now));
}
