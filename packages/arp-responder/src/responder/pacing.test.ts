import {
  type Instant,
  instant,
  type IpAddress,
  type Ipv4Address,
  type MacAddress,
  parseIpAddress,
} from "@herald-lb/sansio";
import { octetsFromHex } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Interface } from "../interface.ts";
import { ANNOUNCE_BATCH, ANNOUNCE_BATCH_INTERVAL, noteRequest, requestKey } from "./pacing.ts";
import { responder } from "./responder.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import { createResponderState, type ResponderState } from "./responder-state.ts";

const eth0: Interface = {
  index: 2,
  name: "eth0",
  hardwareAddress: "02:00:5e:00:53:01" as MacAddress,
  up: true,
  carrier: true,
  linkLocalAddress: "fe80::1" as never,
};
const ipv4 = (n: number): IpAddress => `198.51.${100 + (n >> 8)}.${n & 255}` as Ipv4Address;
const ipv6 = (n: number): IpAddress => {
  const parsed = parseIpAddress(`2001:db8::${(n + 1).toString(16)}`);
  if (!parsed.ok) throw new Error("address");
  return parsed.value;
};

interface Sent {
  readonly address: IpAddress;
  readonly at: Instant;
}

/** A responder that takes over these addresses at 1,000 ms, each by a request of its own; what it announces within `milliseconds`. */
function takeOver(state: ResponderState, addresses: readonly IpAddress[], milliseconds: number): readonly Sent[] {
  const sent: Sent[] = [];
  const note = (effects: readonly ResponderEffect[], at: Instant): void => {
    for (const effect of effects)
      if (effect.type === "SendFrame" && sent.at(-1)?.address !== effect.address)
        sent.push({ address: effect.address, at });
  };
  const start = instant(1_000);
  for (const address of addresses) {
    const event = { type: "AnnouncementDesired", key: address, addresses: [address], interfaces: "all" } as const;
    note(responder.step(state, event, start).effects, start);
  }
  const end = start + milliseconds;
  for (let at = responder.nextDeadline(state); at !== null && at <= end; at = responder.nextDeadline(state))
    note(responder.advance(state, at).effects, at);
  return sent;
}

function ready(): ResponderState {
  const state = createResponderState();
  responder.step(state, { type: "InterfacesChanged", interfaces: [eth0] }, instant(0));
  return state;
}

describe("a takeover of many addresses", () => {
  it.each([
    { family: "IPv4", of: ipv4 },
    { family: "IPv6", of: ipv6 },
  ])("announces 1,000 of $family within 100 ms, each once, and no more at a time than a queue holds", ({ of }) => {
    const addresses = Array.from({ length: 1_000 }, (_, n) => of(n));
    const sent = takeOver(ready(), addresses, 100);
    expect(new Set(sent.map(({ address }) => address))).toEqual(new Set(addresses));
    expect(sent).toHaveLength(1_000);
    const byInstant = Map.groupBy(sent, ({ at }) => at);
    for (const batch of byInstant.values()) expect(batch.length).toBeLessThanOrEqual(ANNOUNCE_BATCH);
    const instants = [...byInstant.keys()];
    for (const [index, at] of instants.slice(1).entries())
      expect(at - (instants[index] ?? 0)).toBeGreaterThanOrEqual(ANNOUNCE_BATCH_INTERVAL);
  });

  it("answers for every address at once, also before it is announced", () => {
    const state = ready();
    const addresses = Array.from({ length: 1_000 }, (_, n) => ipv4(n));
    takeOver(state, addresses, 0);
    const ask = octetsFromHex("ffffffffffff02005e0053990806000108000604000102005e005399c0000201000000000000c63367e7");
    const { effects } = responder.step(state, { type: "FrameReceived", on: 2, octets: ask }, instant(1_000));
    expect(effects).toMatchObject([{ type: "SendFrame", address: "198.51.103.231", purpose: "Reply" }]);
  });

  it("announces those first that were asked for last, after the batch that goes at once", () => {
    const state = ready();
    const addresses = Array.from({ length: 600 }, (_, n) => ipv4(n));
    const asked = [590, 300, 450].map(ipv4);
    for (const [index, address] of asked.entries()) noteRequest(state, requestKey(address), instant(index));
    const sent = takeOver(state, addresses, 100).map(({ address }) => address);
    expect(sent.slice(ANNOUNCE_BATCH, ANNOUNCE_BATCH + 3)).toEqual(asked.toReversed());
  });

  it("remembers requests for addresses of others, as they come by ARP and Neighbor Discovery", () => {
    const state = ready();
    const ask = octetsFromHex("ffffffffffff02005e0053990806000108000604000102005e005399c0000201000000000000c6336407");
    responder.step(state, { type: "FrameReceived", on: 2, octets: ask }, instant(5));
    expect(state.pacing.requests.get(requestKey("198.51.100.7" as IpAddress))).toBe(5);
  });

  it("remembers no more than 4,096 requests, the latest", () => {
    const state = ready();
    for (let n = 0; n < 10_000; n++) noteRequest(state, n, instant(n));
    expect(state.pacing.requests.size).toBe(4_096);
    expect(state.pacing.requests.has(10_000 - 4_096)).toBe(true);
  });

  it("announces nothing that is withdrawn meanwhile, and everything else, in whatever order requests come and go", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(399), { maxLength: 300 }), (withdrawn) => {
        const state = ready();
        const addresses = Array.from({ length: 400 }, (_, n) => ipv4(n));
        const early = takeOver(state, addresses, 0).map(({ address }) => address);
        const gone = new Set(withdrawn.map(ipv4));
        for (const key of gone) responder.step(state, { type: "AnnouncementGone", key }, instant(1_001));
        const late: IpAddress[] = [];
        for (let at = responder.nextDeadline(state); at !== null && at <= 1_100; at = responder.nextDeadline(state))
          for (const effect of responder.advance(state, at).effects)
            if (effect.type === "SendFrame") late.push(effect.address);
        expect(new Set(late)).toEqual(new Set(addresses.filter((each) => !gone.has(each) && !early.includes(each))));
      }),
      { numRuns: 30 },
    );
  });
});
