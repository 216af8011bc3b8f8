import { instant, type IpAddress, type Ipv4Address, type MacAddress } from "@herald-lb/sansio";
import { octetsFromHex } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { YIELD_TIME } from "../constants.ts";
import type { Interface } from "../interface.ts";
import { responder } from "./responder.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ResponderEvent } from "./responder-event.ts";
import { createResponderState, type ResponderState } from "./responder-state.ts";

const VIP = "192.0.2.10" as Ipv4Address;
const interfaceOf = (index: number): Interface => ({
  index,
  name: `eth${index}`,
  hardwareAddress: `02:00:5e:00:53:0${index}` as MacAddress,
  up: true,
  carrier: true,
  linkLocalAddress: null,
});
const REQUEST = octetsFromHex("ffffffffffff02005e0053990806000108000604000102005e005399c0000201000000000000c000020a");
const CLAIM = octetsFromHex("ffffffffffff02005e0053880806000108000604000102005e005388c000020a000000000000c000020a");

function run(state: ResponderState, event: ResponderEvent, at = 0): readonly ResponderEffect[] {
  return responder.step(state, event, instant(at)).effects;
}
const desired = (key: string, addresses: readonly IpAddress[] = [VIP]): ResponderEvent => ({
  type: "AnnouncementDesired",
  key,
  addresses,
  interfaces: "all",
});
const receive = (state: ResponderState, octets: Uint8Array, at: number, on = 2): readonly ResponderEffect[] =>
  run(state, { type: "FrameReceived", on, octets }, at);
const isAnswered = (state: ResponderState, at: number, on = 2): boolean =>
  receive(state, REQUEST, at, on).some((effect) => effect.type === "SendFrame" && effect.purpose === "Reply");

/** A responder that yields VIP on two interfaces at 10 s. */
function yielding(): ResponderState {
  const state = createResponderState();
  run(state, { type: "InterfacesChanged", interfaces: [interfaceOf(2), interfaceOf(3)] });
  run(state, desired("web"));
  expect(run(state, { type: "AnnouncementYielded", key: "web" }, 10_000)).toEqual([]);
  return state;
}

describe("an address that another node is to announce", () => {
  it("is answered for, and announced no more, until the other announces it there", () => {
    const state = yielding();
    expect(isAnswered(state, 10_100)).toBe(true);
    expect(responder.advance(state, instant(13_000)).effects).toEqual([]);
    expect(receive(state, CLAIM, 13_100)).toMatchObject([{ type: "Ignored", reason: "Conflict" }]);
    expect(isAnswered(state, 13_101)).toBe(false);
    expect(isAnswered(state, 13_101, 3)).toBe(true);
    receive(state, CLAIM, 13_200, 3);
    expect(state.announcements.size).toBe(0);
  });

  it("is answered for no longer than five seconds, and is forgotten then", () => {
    const state = yielding();
    expect(responder.nextDeadline(state)).toBe(10_000 + YIELD_TIME);
    responder.advance(state, instant(10_000 + YIELD_TIME));
    expect(isAnswered(state, 15_001)).toBe(false);
    expect(state.announcements.size).toBe(0);
    expect(state.ipv4.size).toBe(0);
  });

  it("is answered for no more at once where the other announced it a moment before", () => {
    const state = createResponderState();
    run(state, { type: "InterfacesChanged", interfaces: [interfaceOf(2)] });
    run(state, desired("web"));
    receive(state, CLAIM, 9_990);
    run(state, { type: "AnnouncementYielded", key: "web" }, 10_000);
    expect(isAnswered(state, 10_001)).toBe(false);
    expect(state.announcements.size).toBe(0);
  });

  it("is this node's again, and announced, when the other dies before that", () => {
    const state = yielding();
    const effects = run(state, desired("web"), 11_000);
    expect(effects.filter(({ type }) => type === "SendFrame")).toHaveLength(4);
    responder.advance(state, instant(20_000));
    expect(isAnswered(state, 20_001)).toBe(true);
    expect(receive(state, CLAIM, 20_002)).toMatchObject([{ type: "Conflict" }, { reason: "Conflict" }]);
  });

  it("stays this node's where another key wants it", () => {
    const state = yielding();
    run(state, desired("other"), 10_500);
    run(state, desired("third"), 10_500);
    run(state, { type: "AnnouncementYielded", key: "third" }, 10_600);
    responder.advance(state, instant(30_000));
    expect(isAnswered(state, 30_001)).toBe(true);
  });

  it("is let go with an interface that goes", () => {
    const state = yielding();
    run(state, { type: "InterfacesChanged", interfaces: [] }, 10_100);
    expect(state.announcements.size).toBe(0);
  });
});
