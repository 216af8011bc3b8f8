import { instant } from "@herald-lb/sansio";
import { assertMachineLaws } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFEND_DELAY } from "../constants.ts";
import { responder } from "./responder.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ResponderEvent } from "./responder-event.ts";
import { createResponderState } from "./responder-state.ts";
import {
  advertisementOf,
  Bench,
  claim,
  contested,
  interfaceOf,
  OTHER,
  OWN,
  probe,
  request,
  RIVAL,
  solicitationOf,
  VIP,
  VIP6,
  watched,
} from "./probing.test.fixture.ts";

describe("a responder that probes", () => {
  const addresses = fc.subarray([VIP, VIP6]);
  const frames = [
    claim(RIVAL),
    claim(OTHER),
    claim(OWN),
    probe(RIVAL),
    probe(OTHER),
    request,
    advertisementOf(RIVAL),
    advertisementOf(OTHER),
    solicitationOf(RIVAL, 1),
  ];
  const events: fc.Arbitrary<ResponderEvent> = fc.oneof(
    fc.record(
      {
        type: fc.constant("AnnouncementDesired" as const),
        key: fc.constantFrom("web", "other"),
        addresses,
        interfaces: fc.constantFrom("all" as const, ["eth2"]),
        tentative: addresses,
        onConflict: fc.constantFrom("Defend" as const, "Yield" as const),
        watchesRivals: fc.boolean(),
      },
      { noNullPrototype: true },
    ),
    fc.constantFrom("web", "other").map((key) => ({ type: "AnnouncementGone" as const, key })),
    fc.constantFrom("web", "other").map((key) => ({ type: "AnnouncementYielded" as const, key })),
    fc
      .subarray([OTHER])
      .map((some) => ({ type: "SpeakersChanged" as const, speakers: new Map(some.map((mac) => ["other", [mac]])) })),
    fc
      .subarray([interfaceOf(1), interfaceOf(2), { ...interfaceOf(2), carrier: false }])
      .map((interfaces) => ({ type: "InterfacesChanged" as const, interfaces })),
    fc
      .tuple(fc.constantFrom(1, 2), fc.constantFrom(...frames))
      .map(([on, octets]) => ({ type: "FrameReceived" as const, on, octets })),
    fc.constant({ type: "SilenceBegun" as const }),
    fc.constant({ type: "SilenceEnded" as const }),
  );

  it("obeys the laws of machines from every phase of a tentative address", () => {
    const starts = {
      probing: () => new Bench().probe([VIP, VIP6]).state,
      doubting: () => new Bench().probe([VIP, VIP6]).receive(claim(RIVAL)).state,
      contested: () => contested().state,
      challenged: () => new Bench().announce("Yield").receive(claim(RIVAL)).state,
      silent: () => new Bench().probe([VIP6]).announce("Yield").event({ type: "SilenceBegun" }).state,
      watched: () => watched().state,
      givenUp: () => new Bench().announce("Yield").receive(claim(RIVAL)).wait(DEFEND_DELAY).state,
    };
    const all = fc.oneof(events, fc.constant({ type: "HandoverStarted" as const }));
    assertMachineLaws(responder, { starts, events: all, inPlace: true, runs: 50 });
  });

  it("never answers for or announces what is tentative there or wanted by nobody, sends nothing while silent, is on one list only, names as many rivals as go, and where they have all", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(events, fc.nat(3_000)), { maxLength: 40 }), (moves) => {
        const state = createResponderState();
        const rivals = new Set<string>();
        const contestedNow = new Set<string>();
        let now = 0;
        const check = (effects: readonly ResponderEffect[]): void => {
          for (const effect of effects) {
            expect(state.silent && effect.type === "SendFrame").toBe(false);
            if (effect.type === "RivalFound") rivals.add(`${effect.address} ${effect.on}`);
            if (effect.type === "RivalGone") expect(rivals.delete(`${effect.address} ${effect.on}`)).toBe(true);
            if (effect.type === "ContestedChanged")
              expect(contestedNow.delete(effect.address) || contestedNow.add(effect.address).size > 0).toBe(true);
            if (effect.type === "ContestedChanged") expect(contestedNow.has(effect.address)).toBe(effect.contested);
            if (effect.type === "SendFrame" && effect.purpose !== "Probe") {
              const requested = state.announcements.get(effect.address);
              expect(
                requested === undefined || !requested.tentative.has(effect.on) || requested.on.has(effect.on),
              ).toBe(true);
            }
          }
          const named = new Set<string>();
          for (const { address, on, tentative, requestedBy } of state.announcements.values()) {
            const isNowhere = on.size === 0 && tentative.size > 0;
            const isLost = isNowhere && ![...tentative.values()].some(({ rival }) => rival === null);
            expect(contestedNow.has(address)).toBe(isLost);
            if (requestedBy.size === 0) for (const active of on.values()) expect(active.yieldTimer).not.toBeNull();
            for (const index of tentative.keys()) expect(on.has(index)).toBe(false);
            for (const [index, { rival }] of tentative) if (rival !== null) named.add(`${address} ${index}`);
          }
          expect(named).toEqual(rivals);
          expect(state.probing.due.size).toBe(
            [...state.announcements.values()].flatMap((a) => [...a.tentative]).length,
          );
        };
        for (const move of moves) {
          if (typeof move !== "number") check(responder.step(state, move, instant(now)).effects);
          else {
            const end = now + move;
            for (let at = responder.nextDeadline(state); at !== null && at <= end; at = responder.nextDeadline(state)) {
              now = Math.max(now, at);
              check(responder.advance(state, instant(now)).effects);
            }
            now = end;
          }
        }
      }),
    );
  });
});
