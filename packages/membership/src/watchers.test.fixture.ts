import { instant, type IpAddress } from "@herald-lb/sansio";
import { bfdMeta } from "./bfd-meta.ts";
import type { MembershipConfig } from "./config.ts";
import type { MembershipEffect } from "./effect.ts";
import type { MembershipEvent } from "./event.ts";
import { createMembership, initialMembership } from "./machine.ts";
import { type NodeName, nodeName } from "./node-name.ts";
import { fast } from "./profile.ts";
import { setupOf, wireConfigOf } from "./setup.ts";
import { type MembershipState, membersOf } from "./state.ts";
import type { TransportAddress } from "./transport-address.ts";
import type { WatcherView } from "./watcher-view.ts";
import { encodeHeraldMessage, type HeraldMessage } from "./wire/herald-message.ts";
import { encodeMessage, type Message } from "./wire/message.ts";
import { decodePacket, encodePacket } from "./wire/packet.ts";

/** The address of the node with a number. */
export const addressOf = (last: number): IpAddress => `192.0.2.${last}` as IpAddress;
const endpoint = (last: number): TransportAddress => ({ address: addressOf(last), port: 7946 });
/** The name of the node with a number. */
export const node = (last: number): NodeName => nodeName(`node-${last}`);
/** The configuration of node 1, which has three watchers. */
export const config: MembershipConfig = {
  name: node(1),
  advertise: endpoint(1),
  profile: fast,
  keyring: [],
  seed: new Uint8Array(32).fill(4),
  bfd: { port: 7947, watchers: 3 },
};
/** The machine of node 1. */
export const machine: ReturnType<typeof createMembership> = createMembership(config);
const wire = wireConfigOf(setupOf(config), []);

/** One message from the node with a number, as a datagram. */
export const packet = (from: number, message: Message): MembershipEvent => ({
  type: "PacketReceived",
  from: endpoint(from),
  octets: encodePacket(wire, encodeMessage(message), false, new Uint8Array(12)),
});
/** A node's `alive` about itself, by default with BFD sessions. */
export const alive = (last: number, meta: Uint8Array = bfdMeta(7947), incarnation = 1): Message => ({
  type: "alive",
  incarnation,
  node: node(last),
  addr: Uint8Array.of(192, 0, 2, last),
  port: 7946,
  meta,
  vsn: Uint8Array.of(1, 5, 2, 0, 0, 0),
});
/** A message of Herald's speakers from the node with a number. */
export const herald = (from: number, message: HeraldMessage): MembershipEvent =>
  packet(from, { type: "user", payload: encodeHeraldMessage(message) });
/** A watcher's report, by default about node 2. */
export const report = (from: number, view: WatcherView, about = 2, asks = false, incarnation = 1): MembershipEvent =>
  herald(from, { type: "WatcherReport", watcher: node(from), node: node(about), incarnation, view, asks });

/** The machine of node 1 with other members, driven by hand. */
export class Bench {
  state: MembershipState = initialMembership(config);
  now = 1_000;
  readonly effects: MembershipEffect[] = [];

  constructor(...others: readonly number[]) {
    this.step({ type: "Started" });
    for (const last of others) this.step(packet(last, alive(last)));
  }

  step(event: MembershipEvent): readonly MembershipEffect[] {
    const { state, effects } = machine.step(this.state, event, instant(this.now));
    this.state = state;
    this.effects.push(...effects);
    return effects;
  }

  wait(milliseconds: number): readonly MembershipEffect[] {
    const end = this.now + milliseconds;
    const effects: MembershipEffect[] = [];
    for (let at = machine.nextDeadline(this.state); at !== null && at <= end; at = machine.nextDeadline(this.state)) {
      this.now = Math.max(this.now, at);
      const step = machine.advance(this.state, instant(this.now));
      this.state = step.state;
      effects.push(...step.effects);
    }
    this.now = end;
    this.effects.push(...effects);
    return effects;
  }

  view(last: number, view: WatcherView): readonly MembershipEffect[] {
    return this.step({ type: "BfdSessionChanged", node: node(last), view });
  }

  /** Loses the session with a node, which does not answer the pings that follow. */
  lose(last: number): readonly MembershipEffect[] {
    return [...this.view(last, "Lost"), ...this.wait(30)];
  }

  memberState(last: number): string | undefined {
    return membersOf(this.state).find(({ name }) => name === node(last))?.state;
  }
}

/** The messages of one type among the datagrams to the node with a number. */
export function sentTo(effects: readonly MembershipEffect[], last: number, type: Message["type"]): readonly Message[] {
  return effects.flatMap((effect) => {
    if (effect.type !== "SendPacket" || effect.to.address !== addressOf(last)) return [];
    const decoded = decodePacket(wire, effect.octets);
    return decoded.ok ? decoded.value.messages.filter((message) => message.type === type) : [];
  });
}
