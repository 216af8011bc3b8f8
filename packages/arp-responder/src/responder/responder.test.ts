import { instant, type IpAddress, type Ipv6Address, type MacAddress } from "@herald-lb/sansio";
import { assertMachineLaws, hexOf, octets, octetsFromHex } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { receiveArp } from "./receive-arp.ts";
import { decodeEthernet, EtherType, encodeEthernet } from "../ethernet.ts";
import { encodeIpv6, ICMPV6 } from "../ndp/ipv6-header.ts";
import { encodeNdp } from "../ndp/message.ts";
import { responder } from "./responder.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ResponderEvent } from "./responder-event.ts";
import { createResponderState, type InterfaceState, type ResponderState } from "./responder-state.ts";

const VIP = "192.0.2.10" as IpAddress;
const VIP6 = "2001:db8::10" as Ipv6Address;
const OWN = "02005e005301";
const PEER = "02005e005399";
const SENDER = "c0000263"; // 192.0.2.99
const TARGET = "c000020a"; // 192.0.2.10
const BROADCAST = "ffffffffffff";
const eth0 = {
  index: 2,
  name: "eth0",
  hardwareAddress: "02:00:5e:00:53:01" as MacAddress,
  up: true,
  carrier: true,
  linkLocalAddress: "fe80::1" as Ipv6Address,
};
const eth1 = { ...eth0, index: 3, name: "eth1", hardwareAddress: "02:00:5e:00:53:02" as MacAddress };

function arp(to: string, operation: number, sha: string, spa: string, tpa: string, tha = "000000000000"): Uint8Array {
  return octetsFromHex(`${to}${sha}0806000108000604000${operation}${sha}${spa}${tha}${tpa}`);
}

function desired(
  addresses: readonly IpAddress[],
  key = "default/web",
  interfaces: "all" | string[] = "all",
): ResponderEvent {
  return { type: "AnnouncementDesired", key, addresses, interfaces };
}

function run(state: ResponderState, event: ResponderEvent, at = 0): readonly ResponderEffect[] {
  return responder.step(state, event, instant(at)).effects;
}

function announcing(interfaces: "all" | string[] = "all"): ResponderState {
  const state = createResponderState();
  run(state, { type: "InterfacesChanged", interfaces: [eth0, eth1] });
  run(state, desired([VIP, VIP6], "default/web", interfaces));
  return state;
}

/** Announces, and will soon defend VIP against a claim. */
function defending(): ResponderState {
  const state = announcing();
  receive(state, arp("02005e005355", 2, PEER, TARGET, TARGET));
  return state;
}

function handingOver(): ResponderState {
  const state = announcing();
  run(state, { type: "HandoverStarted" });
  return state;
}

function receive(state: ResponderState, frame: Uint8Array, at = 0, on = 2): readonly ResponderEffect[] {
  return run(state, { type: "FrameReceived", on, octets: frame }, at);
}

describe("ARP", () => {
  it("answers a Request and a Probe with the interface's own address, unicast", () => {
    for (const spa of [SENDER, "00000000"]) {
      const [reply, ...rest] = receive(announcing(), arp(BROADCAST, 1, PEER, spa, TARGET));
      expect(rest).toEqual([]);
      if (reply?.type !== "SendFrame") throw new Error("no reply");
      expect(reply).toMatchObject({ on: 2, address: VIP, purpose: "Reply" });
      expect(hexOf(reply.octets)).toBe(`${PEER}${OWN}08060001080006040002${OWN}${TARGET}${PEER}${spa}`);
    }
  });

  const only3 = ["eth1"];
  it.each([
    ["Malformed", "all", octetsFromHex("ffff")],
    ["Malformed", "all", arp(BROADCAST, 1, PEER, SENDER, TARGET).subarray(0, 41)],
    ["Malformed", "all", arp("02005e005355", 2, "010000000000", SENDER, "c0000201")],
    ["MessageType", "all", octetsFromHex(`${BROADCAST}${PEER}88cc00`)],
    ["OwnFrame", "all", arp(BROADCAST, 1, "02005e005302", TARGET, TARGET)],
    ["Conflict", "all", arp("02005e005355", 2, PEER, TARGET, TARGET)],
    ["NotARequest", "all", arp("02005e005355", 2, PEER, SENDER, "c0000201")],
    ["EthernetDestination", "all", arp("02005e005355", 1, PEER, SENDER, "c0000201")],
    ["NotAnnounced", "all", arp(BROADCAST, 1, PEER, SENDER, "c0000201")],
    ["NotMatchInterface", only3, arp(BROADCAST, 1, PEER, SENDER, TARGET)],
  ] as const)("ignores with reason %s (on %s)", (reason, interfaces, frame) => {
    const effects = receive(announcing(interfaces === "all" ? "all" : [...interfaces]), frame);
    expect(effects.at(-1)).toEqual({ type: "Ignored", on: 2, reason });
    expect(effects.some((e) => e.type === "SendFrame" && e.purpose === "Reply")).toBe(false);
  });

  it("gives the same through the fast path as through the codec", () => {
    const pick = fc.constantFrom(OWN, PEER, BROADCAST, "000000000000", "02005e005302", "02005e005355");
    const ip = fc.constantFrom(SENDER, TARGET, "c0000201", "00000000");
    fc.assert(
      fc.property(pick, pick, ip, ip, fc.constantFrom(1, 2, 3), (to, sha, spa, tpa, operation) => {
        const octetsIn = arp(to, operation, sha, spa, tpa);
        const frame = decodeEthernet(octetsIn);
        const state = announcing();
        if (!frame.ok) throw new Error("frame");
        const slow = receiveArp(state, state.interfaces.get(2) as InterfaceState, frame.value, instant(0));
        expect(receive(announcing(), octetsIn)).toEqual(slow);
      }),
    );
  });
});

describe("Neighbor Discovery", () => {
  function solicit(source: string, destination: string, to: string, withOption: boolean): Uint8Array {
    const addresses = { source: source as Ipv6Address, destination: destination as Ipv6Address };
    const options = withOption
      ? [{ type: "SourceLinkLayerAddress" as const, address: "02:00:5e:00:53:99" as MacAddress }]
      : [];
    const message = encodeNdp(addresses, { type: "NeighborSolicitation", reserved: 0, targetAddress: VIP6, options });
    const header = { ...addresses, trafficClass: 0, flowLabel: 0, nextHeader: ICMPV6, hopLimit: 255 };
    const payload = encodeIpv6(header, message);
    return encodeEthernet({
      destination: to as MacAddress,
      source: "02:00:5e:00:53:99" as MacAddress,
      etherType: EtherType.Ipv6,
      payload,
    });
  }
  const group = "33:33:ff:00:00:10";

  it.each([
    ["a multicast solicitation", "fe80::99", "ff02::1:ff00:10", group, true, PEER, "6"],
    ["a unicast probe of reachability without option", "fe80::99", VIP6, eth0.hardwareAddress, false, PEER, "6"],
    ["duplicate address detection", "::", "ff02::1:ff00:10", group, false, "333300000001", "2"],
  ])("answers %s", (_, source, destination, to, withOption, answeredTo, flags) => {
    const [reply] = receive(announcing(), solicit(source, destination, to, withOption));
    if (reply?.type !== "SendFrame") throw new Error("no reply");
    const hex = hexOf(reply.octets);
    expect(hex.slice(0, 12)).toBe(answeredTo);
    expect(hex.slice(14 * 2 + 80, 14 * 2 + 84)).toBe("8800");
    expect(hex.slice(14 * 2 + 88, 14 * 2 + 89)).toBe(flags);
    expect(hex.endsWith(`0201${OWN}`)).toBe(true);
  });

  it("ignores a solicitation truncated at every length", () => {
    const whole = solicit("fe80::99", "ff02::1:ff00:10", group, true);
    for (let i = 0; i < whole.length; i++) {
      expect(receive(announcing(), whole.subarray(0, i))).toEqual([{ type: "Ignored", on: 2, reason: "Malformed" }]);
    }
  });
});

describe("announcing", () => {
  it("sends five announcing of ARP and three advertisements, 1.1 s apart, per interface", () => {
    const state = announcing();
    const sent: [number, number][] = [];
    for (let at = responder.nextDeadline(state); at !== null; at = responder.nextDeadline(state)) {
      sent.push([at, responder.advance(state, at).effects.length]);
    }
    expect(sent).toEqual([
      [1100, 6],
      [2200, 6],
      [3300, 4],
      [4400, 4],
    ]);
  });

  it("is silent at once when the last key is gone, and leaves the group", () => {
    const state = announcing();
    run(state, desired([VIP], "default/other"));
    expect(run(state, { type: "AnnouncementGone", key: "default/web" })).toContainEqual({
      type: "LeaveGroup",
      on: 2,
      group: "ff02::1:ff00:10",
    });
    expect(receive(state, arp(BROADCAST, 1, PEER, SENDER, TARGET))[0]?.type).toBe("SendFrame");
    run(state, { type: "AnnouncementGone", key: "default/other" });
    expect(receive(state, arp(BROADCAST, 1, PEER, SENDER, TARGET))).toEqual([
      { type: "Ignored", on: 2, reason: "NotAnnounced" },
    ]);
    expect(responder.nextDeadline(state)).toBeNull();
  });

  it("has no effect for a request or an interface list that repeats", () => {
    const state = announcing();
    expect(run(state, desired([VIP, VIP6]))).toEqual([]);
    expect(run(state, { type: "InterfacesChanged", interfaces: [eth0, eth1] })).toEqual([]);
  });

  it("announces and joins again when the carrier returns, and announces when the hardware address changes", () => {
    const state = announcing();
    run(state, { type: "InterfacesChanged", interfaces: [{ ...eth0, carrier: false }, eth1] });
    const back = run(state, { type: "InterfacesChanged", interfaces: [eth0, eth1] });
    expect(back.map(({ type }) => type)).toEqual(["SendFrame", "SendFrame", "JoinGroup", "SendFrame"]);
    const moved = run(state, {
      type: "InterfacesChanged",
      interfaces: [{ ...eth0, hardwareAddress: "02:00:5e:00:53:77" as MacAddress }, eth1],
    });
    expect(moved.map(({ type }) => type)).toEqual(["SendFrame", "SendFrame", "SendFrame"]);
  });

  it("in a handover announces and defends nothing, and answers on each interface until another station claims the address there", () => {
    const state = announcing();
    expect(run(state, { type: "HandoverStarted" })).toEqual([]);
    expect(responder.advance(state, instant(10_000)).effects).toEqual([]);
    const ask = arp(BROADCAST, 1, PEER, SENDER, TARGET);
    expect(receive(state, ask)[0]?.type).toBe("SendFrame");
    expect(receive(state, arp("02005e005355", 2, PEER, TARGET, TARGET))).toEqual([
      { type: "Ignored", on: 2, reason: "Conflict" },
    ]);
    expect(receive(state, ask)).toEqual([{ type: "Ignored", on: 2, reason: "NotMatchInterface" }]);
    expect(receive(state, ask, 0, 3)[0]?.type).toBe("SendFrame");
    // An interface that comes back belongs to the successor.
    run(state, { type: "InterfacesChanged", interfaces: [eth1] });
    run(state, { type: "InterfacesChanged", interfaces: [eth0, eth1] });
    expect(receive(state, ask)).toEqual([{ type: "Ignored", on: 2, reason: "NotMatchInterface" }]);
  });

  it("reports a conflict at once and defends half a second later, then once in ten seconds", () => {
    const state = announcing();
    while (responder.nextDeadline(state) !== null)
      responder.advance(state, responder.nextDeadline(state) ?? instant(0));
    const claim = arp(BROADCAST, 1, PEER, TARGET, TARGET);
    const first = receive(state, claim, 20_000);
    expect(first[0]).toEqual({ type: "Conflict", on: 2, address: VIP, by: "02:00:5e:00:53:99" });
    expect(first.map(({ type }) => type)).toEqual(["Conflict", "Ignored"]);
    expect(receive(state, claim, 20_100).map(({ type }) => type)).toEqual(["Conflict", "Ignored"]);
    expect(responder.nextDeadline(state)).toBe(20_500);
    expect(responder.advance(state, instant(20_500)).effects).toHaveLength(2);
    expect(receive(state, claim, 21_000).map(({ type }) => type)).toEqual(["Conflict", "Ignored"]);
    expect(responder.nextDeadline(state)).toBe(30_500);
    expect(responder.advance(state, instant(30_500)).effects).toHaveLength(2);
    expect(responder.nextDeadline(state)).toBeNull();
  });

  it("does not defend an address that it withdraws before that: the station is the node that ranks first", () => {
    const state = announcing();
    receive(state, arp(BROADCAST, 1, PEER, TARGET, TARGET), 100);
    run(state, { type: "AnnouncementGone", key: "default/web" }, 300);
    expect(responder.advance(state, instant(600)).effects).toEqual([]);
    run(state, desired([VIP]), 700);
    const frames = responder.advance(state, instant(1_700)).effects;
    expect(frames).toEqual([]);
  });

  it("obeys the laws of machines", () => {
    const event: fc.Arbitrary<ResponderEvent> = fc.oneof(
      fc
        .subarray([eth0, eth1, { ...eth0, carrier: false }])
        .map((interfaces) => ({ type: "InterfacesChanged" as const, interfaces })),
      fc.subarray([VIP, VIP6, "192.0.2.11" as IpAddress]).map((addresses) => desired(addresses)),
      fc.constant({ type: "AnnouncementGone" as const, key: "default/web" }),
      fc.constant({ type: "AnnouncementYielded" as const, key: "default/web" }),
      fc.constant({ type: "HandoverStarted" as const }),
      fc.constant({ type: "SilenceBegun" as const }),
      fc.constant({ type: "SilenceEnded" as const }),
      octets().map((value) => ({ type: "FrameReceived" as const, on: 2, octets: value })),
      fc
        .constantFrom(SENDER, TARGET)
        .map((spa) => ({ type: "FrameReceived" as const, on: 2, octets: arp(BROADCAST, 1, PEER, spa, TARGET) })),
    );
    const yielding = (): ResponderState => {
      const state = announcing();
      run(state, { type: "AnnouncementYielded", key: "default/web" });
      return state;
    };
    assertMachineLaws(responder, {
      starts: { yielding, empty: createResponderState, announcing, defending, handingOver },
      events: event,
      inPlace: true,
      runs: 50,
    });
  });
});
