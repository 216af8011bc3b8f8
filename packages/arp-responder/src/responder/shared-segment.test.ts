import { instant, type IpAddress, type Ipv6Address, type MacAddress } from "@herald-lb/sansio";
import { octetsFromHex } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Interface, InterfaceIndex } from "../interface.ts";
import { responder } from "./responder.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ResponderEvent } from "./responder-event.ts";
import { createResponderState, type ResponderState } from "./responder-state.ts";

const IPV4 = "192.0.2.10" as IpAddress;
const IPV6 = "2001:db8::10" as IpAddress;

function station(index: InterfaceIndex, more: Partial<Interface> = {}): Interface {
  const hardwareAddress = `02:00:5e:00:53:0${index}` as MacAddress;
  return {
    index,
    name: `eth${index}`,
    hardwareAddress,
    up: true,
    carrier: true,
    linkLocalAddress: "fe80::1" as Ipv6Address,
    ...more,
  };
}

/** A node whose interfaces are plugged into segments, each of which carries every frame to all other interfaces on it. */
class Node {
  readonly state: ResponderState = createResponderState();
  readonly #segmentOf: (index: InterfaceIndex) => number;

  constructor(segmentOf: (index: InterfaceIndex) => number) {
    this.#segmentOf = segmentOf;
  }

  tell(event: ResponderEvent): readonly ResponderEffect[] {
    const { effects } = responder.step(this.state, event, instant(0));
    const carried = effects.flatMap((effect) => (effect.type === "SendFrame" ? this.#carry(effect) : []));
    return [...effects, ...carried];
  }

  /** The interfaces on which an address is answered for. */
  servesOn(address: IpAddress = IPV4): readonly InterfaceIndex[] {
    return [...(this.state.announcements.get(address)?.on.keys() ?? [])].toSorted((a, b) => a - b);
  }

  #carry({ on, octets }: Extract<ResponderEffect, { type: "SendFrame" }>): readonly ResponderEffect[] {
    const others = [...this.state.interfaces.values()].filter(
      ({ interface: { index, up, carrier } }) =>
        index !== on && up && carrier && this.#segmentOf(index) === this.#segmentOf(on),
    );
    return others.flatMap(({ interface: { index } }) => this.tell({ type: "FrameReceived", on: index, octets }));
  }
}

const oneSegment = (): number => 1;
const desired: ResponderEvent = {
  type: "AnnouncementDesired",
  key: "default/web",
  addresses: [IPV4, IPV6],
  interfaces: "all",
};
const present = (...interfaces: readonly Interface[]): ResponderEvent => ({ type: "InterfacesChanged", interfaces });

function running(segmentOf: (index: InterfaceIndex) => number, ...interfaces: readonly Interface[]): Node {
  const node = new Node(segmentOf);
  node.tell(present(...interfaces));
  node.tell(desired);
  return node;
}

describe("two interfaces on one segment", () => {
  it("are told by their own announcements, and the lower one serves both families alone", () => {
    const node = running(oneSegment, station(2), station(3));
    expect(node.servesOn()).toEqual([2]);
    expect(node.servesOn(IPV6)).toEqual([2]);
  });

  it("are told where one comes later, and where the address does", () => {
    const node = running(oneSegment, station(3));
    expect(node.servesOn()).toEqual([3]);
    node.tell(present(station(2), station(3)));
    expect(node.servesOn()).toEqual([2]);
    node.tell({
      type: "AnnouncementDesired",
      key: "default/more",
      addresses: ["192.0.2.11" as IpAddress],
      interfaces: "all",
    });
    expect(node.servesOn("192.0.2.11" as IpAddress)).toEqual([2]);
  });

  it("make clients that know the higher one learn the lower one", () => {
    const node = running(oneSegment, station(3));
    const effects = node.tell(present(station(2), station(3)));
    const last = effects.findLast((effect) => effect.type === "SendFrame" && effect.address === IPV4);
    expect(last).toMatchObject({ on: 2, purpose: "Announcement" });
  });

  it("make clients learn the lower one again, which has announced long ago, when the higher one comes and is heard", () => {
    const node = running(oneSegment, station(2));
    const effects = node.tell(present(station(2), station(3)));
    const frames = effects.filter((effect) => effect.type === "SendFrame" && effect.address === IPV4);
    expect(frames.map((frame) => "on" in frame && frame.on)).toEqual([3, 3, 2, 2]);
  });

  it("are not seen in a frame that came back to one of two with the same hardware address, as VLANs have it", () => {
    const both = [station(2), station(3, { hardwareAddress: station(2).hardwareAddress })];
    const node = running((index) => index, ...both);
    const effects = node.tell({
      ...desired,
      key: "default/again",
      addresses: ["192.0.2.12" as IpAddress],
    } as ResponderEvent);
    for (const effect of effects)
      if (effect.type === "SendFrame") node.tell({ type: "FrameReceived", on: effect.on, octets: effect.octets });
    expect(node.servesOn("192.0.2.12" as IpAddress)).toEqual([2, 3]);
  });

  it("are not confused with two segments", () => {
    expect(running((index) => index, station(2), station(3)).servesOn()).toEqual([2, 3]);
  });

  it.each<readonly [string, readonly Interface[]]>([
    ["has lost its link", [station(2, { carrier: false }), station(3)]],
    ["is down", [station(2, { up: false }), station(3)]],
    ["is gone", [station(3)]],
  ])("serve by the higher one when the lower one %s, and by the lower one again after it", (_, interfaces) => {
    const node = running(oneSegment, station(2), station(3));
    const effects = node.tell(present(...interfaces));
    expect(node.servesOn()).toEqual([3]);
    expect(effects).toContainEqual(
      expect.objectContaining({ type: "SendFrame", on: 3, address: IPV4, purpose: "Announcement" }),
    );
    node.tell(present(station(2), station(3)));
    expect(node.servesOn()).toEqual([2]);
  });

  it("serve IPv6 by the higher one while the lower one has no link-local address", () => {
    const node = running(oneSegment, station(2), station(3));
    node.tell(present(station(2, { linkLocalAddress: null }), station(3)));
    expect(node.servesOn(IPV6)).toEqual([3]);
    expect(node.servesOn(IPV4)).toEqual([2]);
  });

  it("serve by the higher one what is wanted there alone", () => {
    const node = running(oneSegment, station(2), station(3));
    node.tell({ ...desired, interfaces: ["eth3"] } as ResponderEvent);
    expect(node.servesOn()).toEqual([3]);
    node.tell(desired);
    expect(node.servesOn()).toEqual([2]);
  });

  it("are apart again when a cable was moved", () => {
    let moved = false;
    const node = running((index) => (moved ? index : 1), station(2), station(3));
    node.tell(present(station(2), station(3, { carrier: false })));
    moved = true;
    node.tell(present(station(2), station(3)));
    expect(node.servesOn()).toEqual([2, 3]);
  });

  it("are known of a macvlan and what it is on, which do not hear each other", () => {
    const macvlan = station(3, { macvlanOf: 2 });
    const node = running((index) => index, station(2), macvlan);
    expect(node.servesOn()).toEqual([2]);
    node.tell(present(station(2, { carrier: false }), macvlan));
    expect(node.servesOn()).toEqual([3]);
    node.tell(present(station(2), macvlan));
    expect(node.servesOn()).toEqual([2]);
  });

  it("are not told by a frame that claims what this node does not announce there", () => {
    const node = running((index) => index, station(2), station(3));
    // 02:00:5e:00:53:02 asks for 192.0.2.1 as 192.0.2.99.
    const foreign = octetsFromHex(
      "ffffffffffff02005e0053020806000108000604000102005e005302c0000263000000000000c0000201",
    );
    node.tell({ type: "FrameReceived", on: 3, octets: foreign });
    expect(node.servesOn()).toEqual([2, 3]);
  });
});

describe("any number of interfaces on any segments", () => {
  it("serve each address on every segment by one interface, whatever comes and goes", () => {
    const change = fc.record({ index: fc.integer({ min: 2, max: 6 }), state: fc.constantFrom("up", "down", "gone") });
    const segments = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(segments, fc.array(change, { maxLength: 20 }), (segmentOf, changes) => {
        const now = new Map([2, 3, 4, 5, 6].map((index) => [index, station(index)]));
        const node = running((index) => segmentOf[index] as number, ...now.values());
        for (const { index, state } of changes) {
          if (state === "gone") now.delete(index);
          else now.set(index, station(index, { carrier: state === "up" }));
          node.tell(present(...[...now.values()].toSorted((a, b) => a.index - b.index)));
          const expected = new Map<number, InterfaceIndex>();
          for (const each of now.values()) {
            const segment = segmentOf[each.index] as number;
            if (each.carrier)
              expected.set(segment, Math.min(each.index, expected.get(segment) ?? Number.POSITIVE_INFINITY));
          }
          expect(node.servesOn()).toEqual([...expected.values()].toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 300 },
    );
  });
});
