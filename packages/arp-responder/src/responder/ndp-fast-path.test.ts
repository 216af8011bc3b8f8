import { instant, internetChecksum, type Ipv6Address, type MacAddress } from "@herald-lb/sansio";
import { octetsFromHex } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEthernet, encodeEthernet, EtherType } from "../ethernet.ts";
import { ICMPV6, encodeIpv6 } from "../ndp/ipv6-header.ts";
import { encodeNdp } from "../ndp/message.ts";
import type { NdpOption } from "../ndp/option.ts";
import { answerPlainSolicitation } from "./ndp-fast-path.ts";
import { receiveNdp } from "./receive-ndp.ts";
import { responder } from "./responder.ts";
import { createResponderState, type InterfaceState, type ResponderState } from "./responder-state.ts";

const ANNOUNCED = "2001:db8::10" as Ipv6Address;
/** Ends as the announced one does. */
const SAME_END = "2001:db8:1::10" as Ipv6Address;
const OWN = "02:00:5e:00:53:01" as MacAddress;
const OTHER_OWN = "02:00:5e:00:53:02" as MacAddress;
const CLIENT = "02:00:5e:00:53:99" as MacAddress;
const GROUP = "33:33:ff:00:00:10" as MacAddress;

const eth0 = {
  index: 2,
  name: "eth0",
  hardwareAddress: OWN,
  up: true,
  carrier: true,
  linkLocalAddress: "fe80::1" as Ipv6Address | null,
};

function announcing(linkLocalAddress: Ipv6Address | null = eth0.linkLocalAddress): ResponderState {
  const state = createResponderState();
  const interfaces = [
    { ...eth0, linkLocalAddress },
    { ...eth0, index: 3, name: "eth1", hardwareAddress: OTHER_OWN },
  ];
  responder.step(state, { type: "InterfacesChanged", interfaces }, instant(0));
  const desired = {
    type: "AnnouncementDesired",
    key: "default/web",
    addresses: [ANNOUNCED],
    interfaces: "all",
  } as const;
  responder.step(state, desired, instant(0));
  return state;
}

interface Asked {
  readonly to: MacAddress;
  readonly from: MacAddress;
  readonly source: Ipv6Address;
  readonly target: Ipv6Address;
  readonly options: readonly NdpOption[];
}

function solicitation({ to, from, source, target, options }: Asked): Uint8Array {
  const addresses = { source, destination: "ff02::1:ff00:10" as Ipv6Address };
  const message = encodeNdp(addresses, { type: "NeighborSolicitation", reserved: 0, targetAddress: target, options });
  const header = { ...addresses, trafficClass: 0, flowLabel: 0, nextHeader: ICMPV6, hopLimit: 255 };
  const payload = encodeIpv6(header, message);
  return encodeEthernet({ destination: to, source: from, etherType: EtherType.Ipv6, payload });
}

const plain: Asked = {
  to: GROUP,
  from: CLIENT,
  source: "fe80::99" as Ipv6Address,
  target: ANNOUNCED,
  options: [{ type: "SourceLinkLayerAddress", address: CLIENT }],
};

function interfaceOf(state: ResponderState): InterfaceState {
  const iface = state.interfaces.get(2);
  if (iface === undefined) throw new Error("no interface 2");
  return iface;
}

/** The answers to a frame by the fast path and by the codec. */
function bothWays(octets: Uint8Array): readonly [unknown, unknown] {
  const frame = decodeEthernet(octets);
  if (!frame.ok) throw new Error(frame.error.code);
  const fast = announcing();
  const slow = announcing();
  return [
    answerPlainSolicitation(fast, interfaceOf(fast), octets, instant(0)),
    receiveNdp(slow, interfaceOf(slow), frame.value, instant(0)),
  ];
}

function mostly<Value>(usual: Value, others: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: others });
}

const station = fc.constantFrom(OWN, OTHER_OWN, CLIENT, GROUP, "00:00:00:00:00:00" as MacAddress);
const address = fc
  .constantFrom("fe80::99", "::", "::1", "ff02::1", ANNOUNCED, SAME_END)
  .map((text) => text as Ipv6Address);
const option = fc.oneof(
  station.map((mac): NdpOption => ({ type: "SourceLinkLayerAddress", address: mac })),
  fc.constant<NdpOption>({ type: "TargetLinkLayerAddress", address: CLIENT }),
  // RFC 3971 §5.3.2: a nonce.
  fc.constant<NdpOption>({ type: "Other", code: 14, value: octetsFromHex("010203040506") }),
);
/** Solicitations that are plain but for a field or two. */
const asked = fc.record<Asked>({
  to: mostly(plain.to, station),
  from: mostly(plain.from, station),
  source: mostly(plain.source, address),
  target: mostly(plain.target, fc.constant(SAME_END)),
  options: mostly(plain.options, fc.array(option, { minLength: 0, maxLength: 2 })),
});

describe("the fast path of Neighbor Discovery", () => {
  it.each([
    ["to the group, with an option", plain],
    ["to this station, without an option", { ...plain, to: OWN, options: [] }],
  ])("answers a solicitation %s as the codec does", (_, each) => {
    const [fast, slow] = bothWays(solicitation(each));
    expect(fast).toMatchObject([{ type: "SendFrame", address: ANNOUNCED, purpose: "Reply" }]);
    expect(fast).toEqual(slow);
  });

  it("answers with a right checksum", () => {
    const [fast] = bothWays(solicitation(plain));
    const { octets } = (fast as readonly [{ readonly octets: Uint8Array }])[0];
    expect(
      internetChecksum([octets.subarray(22, 54), Uint8Array.of(0, 0, 0, 32, 0, 0, 0, 58), octets.subarray(54)]),
    ).toBe(0);
  });

  it("gives for any solicitation what the codec gives, or leaves it to the codec", () => {
    fc.assert(
      fc.property(asked, (each) => {
        const [fast, slow] = bothWays(solicitation(each));
        if (fast !== null) expect(fast).toEqual(slow);
      }),
      { numRuns: 2_000 },
    );
  });

  it("gives for any damaged solicitation what the codec gives, or leaves it to the codec", () => {
    const change = fc.record({ at: fc.nat(85), to: fc.nat(255), length: fc.integer({ min: 54, max: 90 }) });
    fc.assert(
      fc.property(asked, change, fc.boolean(), (each, { at, to, length }, repaired) => {
        const octets = new Uint8Array(length);
        const whole = solicitation(each);
        octets.set(whole.subarray(0, length));
        if (at < length) octets[at] = to;
        if (repaired) repairChecksum(octets);
        const [fast, slow] = bothWays(octets);
        if (fast !== null) expect(fast).toEqual(slow);
      }),
      { numRuns: 2_000 },
    );
  });

  it("leaves the answer to the codec where the interface has no link-local address", () => {
    const state = announcing(null);
    expect(answerPlainSolicitation(state, interfaceOf(state), solicitation(plain), instant(0))).toBeNull();
  });
});

/** Makes the checksum of a changed message right again, so that the change and not the checksum is judged. */
function repairChecksum(octets: Uint8Array): void {
  const length = ((octets[18] as number) << 8) | (octets[19] as number);
  const message = octets.subarray(54, 54 + length);
  if (message.length < 4) return;
  message.fill(0, 2, 4);
  const tail = Uint8Array.of(0, 0, length >>> 8, length, 0, 0, 0, 58);
  const checksum = internetChecksum([octets.subarray(22, 54), tail, message]);
  message[2] = checksum >>> 8;
  message[3] = checksum;
}
