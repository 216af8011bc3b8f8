import {
  BROADCAST_MAC,
  instant,
  type IpAddress,
  ipv4FromNumber,
  type Ipv6Address,
  type MacAddress,
  macFromOctets,
  parseIpAddress,
} from "@herald-lb/sansio";
import { encodeArp, Operation } from "../arp/packet.ts";
import { decodeEthernet, EtherType, encodeEthernet } from "../ethernet.ts";
import { duplicateAddressDetectionFrame, solicitationFrame } from "../ndp/solicitation.ts";
import { solicitedNodeMulticast } from "../ndp/solicited-node.ts";
import { createClientShares } from "../sharing/client-shares.ts";
import type { LoadSharing } from "../sharing/load-sharing.ts";
import { responder } from "./responder.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ResponderEvent } from "./responder-event.ts";
import { createResponderState, type ResponderState } from "./responder-state.ts";

/** The nodes of a segment. */
export const NODES: readonly string[] = ["node-a", "node-b", "node-c", "node-d"];
/** The shared address. */
export const VIP: IpAddress = addressOf("192.0.2.200");
/** The shared address of the other family. */
export const VIP6: Ipv6Address = "2001:db8::200" as Ipv6Address;
const NO_STATION = "00:00:00:00:00:00" as MacAddress;

/** A client by its number: its own addresses follow from it. */
export interface TestClient {
  readonly mac: MacAddress;
  readonly ip: string;
}

/** The client of a number below 2^24. */
export function clientOf(number: number): TestClient {
  return {
    mac: macFromOctets(Uint8Array.of(2, 1, 0, number >> 16, number >> 8, number)),
    ip: ipv4FromNumber(0x0a00_0000 + number),
  };
}

/** The first so many clients. */
export function clients(count: number): readonly TestClient[] {
  return Array.from({ length: count }, (_, at) => clientOf(at));
}

/** A frame to a client. */
export interface Heard {
  readonly from: string;
  readonly to: MacAddress;
  readonly purpose: "Reply" | "Announcement";
  readonly at: number;
}

interface TestNode {
  readonly mac: MacAddress;
  readonly state: ResponderState;
}

/** The responders of several nodes on one segment, of which each hears what goes to all and what goes to it alone. */
export class SharedSegment {
  /** The responder of each node that runs. */
  readonly nodes: Map<string, TestNode> = new Map();
  /** The node that each client has, by its hardware address. */
  readonly entries: Map<MacAddress, string> = new Map();
  /** Frames to clients since the last call of `take`. */
  readonly #heard: Heard[] = [];
  /** All other effects, a word each. */
  readonly counts: Map<string, number> = new Map();
  now = 10_000;
  readonly #rebalance: boolean;
  readonly #joins = new Map<string, number>();
  #serving: readonly string[] = [];

  constructor(rebalance = false) {
    this.#rebalance = rebalance;
  }

  /** These nodes serve from now on, and know each other; one that did not run starts. */
  serve(names: readonly string[]): this {
    for (const name of this.nodes.keys()) if (!names.includes(name)) this.nodes.delete(name);
    for (const name of names) {
      if (this.nodes.has(name)) continue;
      this.#joins.set(name, (this.#joins.get(name) ?? 0) + 1);
      this.nodes.set(name, { mac: macOfNode(name), state: createResponderState() });
      this.event(name, {
        type: "InterfacesChanged",
        interfaces: [
          {
            index: 1,
            name: "eth0",
            hardwareAddress: macOfNode(name),
            up: true,
            carrier: true,
            linkLocalAddress: "fe80::1" as Ipv6Address,
          },
        ],
      });
    }
    this.#serving = names;
    for (const name of names) this.share(name);
    const speakers = new Map(names.map((name) => [name, [macOfNode(name)]]));
    for (const name of names) {
      const others = new Map([...speakers].filter(([other]) => other !== name));
      this.event(name, { type: "SpeakersChanged", speakers: others });
    }
    return this;
  }

  /** One node knows who serves; it may know of some alone. */
  share(name: string, serving: readonly string[] = this.#serving): void {
    const sharing: LoadSharing = {
      node: name,
      shares: createClientShares(NODES, serving),
      rebalance: this.#rebalance,
      joins: new Map(this.#joins),
    };
    const addresses = [VIP, VIP6];
    this.event(name, { type: "AnnouncementDesired", key: "web", addresses, interfaces: "all", sharing });
  }

  /** Gives the responder of a node an event. */
  event(name: string, event: ResponderEvent): void {
    const node = this.nodes.get(name);
    if (node !== undefined) this.#perform(name, node, responder.step(node.state, event, instant(this.now)).effects);
  }

  /** Lets time pass. */
  wait(milliseconds: number): this {
    const end = this.now + milliseconds;
    for (;;) {
      const due = [...this.nodes].flatMap(([name, node]) => {
        const at = responder.nextDeadline(node.state);
        return at !== null && at <= end ? [{ name, node, at }] : [];
      });
      const [next] = due.sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.now = Math.max(this.now, next.at);
      this.#perform(next.name, next.node, responder.advance(next.node.state, instant(this.now)).effects);
    }
    this.now = end;
    return this;
  }

  /** A client asks all; returns the nodes that answered. */
  ask(client: TestClient, target: IpAddress = VIP): readonly string[] {
    this.take();
    this.deliver(requestOf(client, target));
    return this.take().map(({ from }) => from);
  }

  /** A client asks the node that it has alone; true where that answered. */
  confirm(client: TestClient, target: IpAddress = VIP): boolean {
    const name = this.entries.get(client.mac) ?? "";
    this.take();
    this.deliver(requestOf(client, target, macOfNode(name)));
    return this.take().some(({ from, purpose }) => from === name && purpose === "Reply");
  }

  /** Puts a frame on the segment. */
  deliver(octets: Uint8Array): void {
    const frame = decodeEthernet(octets);
    if (!frame.ok) throw new Error("no frame");
    const { destination } = frame.value;
    const isToAll = destination === BROADCAST_MAC || destination.startsWith("33:33:");
    for (const [name, { mac }] of this.nodes)
      if (isToAll || mac === destination) this.event(name, { type: "FrameReceived", on: 1, octets });
  }

  /** The frames to clients since the last call. */
  take(): readonly Heard[] {
    return this.#heard.splice(0);
  }

  /** The node that serves each client of an address by the table of one node, by hardware address as a number. */
  tableOf(name: string, address: IpAddress = VIP): ReadonlyMap<number, string | number> {
    const clients = this.nodes.get(name)?.state.clients.table.byAddress.get(address);
    return new Map([...(clients ?? [])].map(([mac, { server }]) => [mac, server]));
  }

  #perform(name: string, node: TestNode, effects: readonly ResponderEffect[]): void {
    for (const effect of effects) {
      const word = effect.type === "Ignored" ? effect.reason : effect.type;
      this.counts.set(word, (this.counts.get(word) ?? 0) + 1);
      if (effect.type !== "SendFrame") continue;
      const frame = decodeEthernet(effect.octets);
      if (!frame.ok) throw new Error("no frame");
      const { destination, source } = frame.value;
      if (destination === BROADCAST_MAC || destination.startsWith("33:33:")) throw new Error(`${name} sent to all`);
      if (source !== node.mac) throw new Error(`${name} sent as ${source}`);
      if (effect.purpose === "Relay") this.deliver(effect.octets);
      else if (effect.purpose !== "Probe") {
        this.#heard.push({ from: name, to: destination, purpose: effect.purpose, at: this.now });
        this.entries.set(destination, name);
      }
    }
  }
}

/** The hardware address of a node. */
export function macOfNode(name: string): MacAddress {
  return `02:00:5e:00:53:0${name.charCodeAt(name.length - 1) - 96}` as MacAddress;
}

/** A request of a client: an ARP Request, or a Neighbor Solicitation; to all where no station is named. */
export function requestOf(
  { mac, ip }: TestClient,
  target: IpAddress,
  to?: MacAddress,
  from: string = target.includes(":") ? ipv6Of(ip) : ip,
): Uint8Array {
  if (target.includes(":")) {
    const group = solicitedNodeMulticast(target as Ipv6Address);
    const destination = to ?? (`33:33:${groupEnd(group)}` as MacAddress);
    if (from === "::") return duplicateAddressDetectionFrame(target as Ipv6Address, mac, new Uint8Array(6));
    const sender = { address: addressOf(from) as Ipv6Address, hardwareAddress: mac };
    return solicitationFrame(target as Ipv6Address, sender, { source: mac, destination });
  }
  const payload = encodeArp({
    operation: Operation.Request,
    senderHardwareAddress: mac,
    senderProtocolAddress: addressOf(from) as never,
    targetHardwareAddress: NO_STATION,
    targetProtocolAddress: target as never,
  });
  return encodeEthernet({ destination: to ?? BROADCAST_MAC, source: mac, etherType: EtherType.Arp, payload });
}

/** An address of the same number. */
function ipv6Of(ip: string): string {
  const words = ip.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0"));
  return `2001:db8::${words[0] ?? ""}${words[1] ?? ""}:${words[2] ?? ""}${words[3] ?? ""}`;
}

function groupEnd(group: string): string {
  const [, low = "0"] = /:ff[0-9a-f]{2}:([0-9a-f]+)$/.exec(group) ?? [];
  const text = low.padStart(4, "0");
  return `ff:00:${text.slice(0, 2)}:${text.slice(2)}`;
}

function addressOf(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed.ok) throw new Error(text);
  return parsed.value;
}
