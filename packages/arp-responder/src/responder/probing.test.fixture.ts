import { instant, type IpAddress, type Ipv4Address, type Ipv6Address, type MacAddress } from "@herald-lb/sansio";
import { octetsFromHex } from "@herald-lb/sansio/testing";
import { ANNOUNCE_WAIT, DEFEND_DELAY, PROBE_INTERVAL } from "../constants.ts";
import type { Interface } from "../interface.ts";
import { advertisementFrame, ALL_NODES } from "../ndp/advertisement.ts";
import { duplicateAddressDetectionFrame } from "../ndp/solicitation.ts";
import { responder } from "./responder.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ResponderEvent } from "./responder-event.ts";
import { createResponderState, type ResponderState } from "./responder-state.ts";

/** The address that is announced or probed. */
export const VIP: Ipv4Address = "192.0.2.10" as Ipv4Address;
/** The same for IPv6. */
export const VIP6: Ipv6Address = "2001:db8::10" as Ipv6Address;
/** The hardware address of interface 1. */
export const OWN: MacAddress = "02:00:5e:00:53:01" as MacAddress;
/** A station that is no speaker. */
export const RIVAL: MacAddress = "02:00:5e:00:53:99" as MacAddress;
/** Another station, a speaker where a test says so. */
export const OTHER: MacAddress = "02:00:5e:00:53:88" as MacAddress;
/** 0.0.0.0 as hexadecimal digits. */
export const ZERO = "00000000";
/** VIP as hexadecimal digits. */
export const TARGET = "c000020a";
/** The time of a whole round without a claim. */
export const ROUND: number = 2 * PROBE_INTERVAL + ANNOUNCE_WAIT;

/** An interface by its index. */
export const interfaceOf = (index: number): Interface => ({
  index,
  name: `eth${index}`,
  hardwareAddress: `02:00:5e:00:53:0${index}` as MacAddress,
  up: true,
  carrier: true,
  linkLocalAddress: "fe80::1" as Ipv6Address,
});
/** A hardware address as hexadecimal digits. */
export const hexOfMac = (mac: MacAddress): string => mac.replaceAll(":", "");
/** An ARP frame to all from `from`: its sender and target protocol addresses as hexadecimal digits. */
export function arp(from: MacAddress, sender: string, target: string, operation = 1): Uint8Array {
  const sha = hexOfMac(from);
  return octetsFromHex(`ffffffffffff${sha}0806000108000604000${operation}${sha}${sender}000000000000${target}`);
}
/** An ARP Announcement of VIP. */
export const claim = (from: MacAddress): Uint8Array => arp(from, TARGET, TARGET);
/** An ARP Probe for VIP. */
export const probe = (from: MacAddress): Uint8Array => arp(from, ZERO, TARGET);
/** A request of a client for VIP. */
export const request: Uint8Array = arp("02:00:5e:00:53:77" as MacAddress, "c0000263", TARGET);

/** A responder with a clock, whose effects are kept as lines. */
export class Bench {
  /** The responder's state. */
  readonly state: ResponderState = createResponderState(new Uint8Array(32).fill(7));
  /** The time, in milliseconds. */
  now = 0;
  /** The last report whether rivals have VIP on every interface on which it is wanted. */
  isContested = false;
  readonly #lines: string[] = [];
  /** Every frame that it sent. */
  readonly frames: Uint8Array[] = [];

  constructor(interfaces: readonly Interface[] = [interfaceOf(1)]) {
    this.event({ type: "InterfacesChanged", interfaces });
  }

  /** Gives the responder an event. */
  event(event: ResponderEvent): this {
    this.#note(responder.step(this.state, event, instant(this.now)).effects);
    return this;
  }

  /** Wants the addresses, to be probed first. */
  probe(addresses: readonly IpAddress[] = [VIP], key = "web", onConflict: "Defend" | "Yield" = "Defend"): this {
    return this.event({
      type: "AnnouncementDesired",
      key,
      addresses,
      interfaces: "all",
      tentative: addresses,
      onConflict,
    });
  }

  /** Wants the address at once. */
  announce(onConflict: "Defend" | "Yield" = "Defend", key = "web"): this {
    return this.event({ type: "AnnouncementDesired", key, addresses: [VIP], interfaces: "all", onConflict });
  }

  /** Gives it a frame. */
  receive(octets: Uint8Array, on = 1): this {
    return this.event({ type: "FrameReceived", on, octets });
  }

  /** Lets time pass. */
  wait(milliseconds: number): this {
    const end = this.now + milliseconds;
    for (
      let at = responder.nextDeadline(this.state);
      at !== null && at <= end;
      at = responder.nextDeadline(this.state)
    ) {
      this.now = at;
      this.#note(responder.advance(this.state, at).effects);
    }
    this.now = end;
    return this;
  }

  /** The effects since the last call, a line each with its time. */
  take(): readonly string[] {
    return this.#lines.splice(0);
  }

  /** True where a request for VIP is answered now. */
  answers(on = 1): boolean {
    this.take();
    return this.receive(request, on)
      .take()
      .some((line) => line.includes("Reply"));
  }

  #note(effects: readonly ResponderEffect[]): void {
    for (const effect of effects) {
      if (effect.type === "SendFrame") this.frames.push(effect.octets);
      if (effect.type === "ContestedChanged") this.isContested = effect.contested;
      else this.#lines.push(`${this.now} ${nameOf(effect)}`);
    }
  }
}

function nameOf(effect: ResponderEffect): string {
  switch (effect.type) {
    case "SendFrame":
      return `${effect.purpose} on ${effect.on}`;
    case "RivalFound":
      return `RivalFound ${effect.by} on ${effect.on}`;
    case "RivalGone":
      return `RivalGone on ${effect.on}`;
    case "TentativeChanged":
      return `TentativeChanged ${effect.tentative}`;
    case "Ignored":
      return effect.reason;
    default:
      return effect.type;
  }
}

/** True where a bench with these effects answered and announced nothing. */
export const isSilent = (lines: readonly string[]): boolean => !lines.some((line) => /Reply|Announcement/.test(line));

/** A responder that has found a rival for VIP. */
export const contested = (): Bench => {
  const bench = new Bench().probe().receive(claim(RIVAL)).wait(DEFEND_DELAY);
  bench.take();
  return bench;
};

/** A responder that watches a rival of VIP, which nobody wants any more. */
export const watched = (interfaces: readonly Interface[] = [interfaceOf(1)]): Bench => {
  const wanted = { key: "web", addresses: [VIP], interfaces: "all", tentative: [VIP], watchesRivals: true } as const;
  const bench = new Bench(interfaces).event({ type: "AnnouncementDesired", ...wanted });
  for (const { index } of interfaces) bench.receive(claim(RIVAL), index);
  bench.wait(DEFEND_DELAY).event({ type: "AnnouncementDesired", ...wanted, addresses: [], tentative: [] });
  return bench;
};

/** A Neighbor Advertisement of VIP6 to all nodes. */
export function advertisementOf(from: MacAddress): Uint8Array {
  const to = { address: ALL_NODES, hardwareAddress: "33:33:00:00:00:01" as MacAddress };
  return advertisementFrame(VIP6, from, to, { solicited: false });
}

/** A solicitation of another node's duplicate address detection for VIP6. */
export function solicitationOf(from: MacAddress, nonce: number): Uint8Array {
  return duplicateAddressDetectionFrame(VIP6, from, new Uint8Array(6).fill(nonce));
}
