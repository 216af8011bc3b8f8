import { type IpAddress, prefixOf } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AnnouncementRequest } from "./announcement-request.ts";
import { electAnnouncer } from "./election.ts";
import { explainElections } from "./explain-elections.ts";
import { type ElectionFacts, factsOf } from "./onlooker.ts";
import { announcersOf, simulateLoss } from "./simulate-loss.ts";
import { addressOf } from "./spread.test.fixture.ts";
import { ADDRESS, NODES, request } from "./takeover.test.fixture.ts";

const candidates = fc
  .subarray([...NODES])
  .chain((some) =>
    fc.tuple(...some.map((node) => fc.nat(1).map((score) => ({ node, score, interfaces: "all" as const })))),
  );
const requests = fc
  .array(fc.tuple(fc.nat(5), candidates, fc.boolean(), fc.boolean()), { maxLength: 12 })
  .map((rows): readonly AnnouncementRequest[] =>
    rows.map(([address, some, sticky, spread], at) => ({
      key: `default/s${at}`,
      addresses: [addressOf(address)],
      electionAddress: addressOf(address),
      candidates: some,
      sticky,
      spread,
    })),
  );
const facts = fc
  .tuple(
    fc.subarray([...NODES]),
    fc.subarray([...NODES]),
    fc.dictionary(
      fc.nat(11).map((at) => `default/s${at}`),
      fc.constantFrom(...NODES),
    ),
  )
  .map(([live, lost, announcers]): ElectionFacts => {
    const links = { interfaces: ["eth0"], prefixes: [prefixOf(addressOf(0), 31)] };
    return {
      live: new Set(live),
      lostLinks: new Map(lost.map((node) => [node, links])),
      announcers: new Map(Object.entries(announcers)),
    };
  });

describe("explainElections", () => {
  it("names every candidate once in the order of the election, one of them elected where one lives", () => {
    fc.assert(
      fc.property(requests, facts, (all, known) => {
        const explanations = explainElections(all, known);
        expect(explanations.map(({ key }) => key)).toEqual(all.map(({ key }) => key));
        for (const [at, { candidates: explained, announcer }] of explanations.entries()) {
          const { candidates: given, electionAddress } = all[at] as AnnouncementRequest;
          const order = electAnnouncer(given, electionAddress).map(({ node }) => node);
          const isShared = all.filter((each) => each.electionAddress === electionAddress).length > 1;
          const names = explained.map(({ node }) => node);
          expect(isShared ? names.toSorted() : names).toEqual(isShared ? order.toSorted() : order);
          const elected = explained.filter(({ verdict }) => verdict.reason === "Elected").map(({ node }) => node);
          expect(elected).toEqual(announcer === null ? [] : [announcer]);
          expect(announcer === null).toBe(given.every(({ node }) => !known.live.has(node)));
        }
      }),
    );
  });

  it("gives no reason that the facts do not bear out", () => {
    fc.assert(
      fc.property(requests, facts, (all, known) => {
        for (const { candidates: explained, announcer, addresses, spread } of explainElections(all, known)) {
          const place = explained.findIndex(({ node }) => node === announcer);
          const winner = explained[place];
          for (const [at, { node, score, verdict }] of explained.entries()) {
            const isBefore = place < 0 || at < place;
            if (verdict.reason === "NotLive") expect(known.live.has(node)).toBe(false);
            else expect(known.live.has(node)).toBe(true);
            if (verdict.reason === "LinkLost") expect(known.lostLinks.has(node)).toBe(true);
            if (verdict.reason === "LowerScore") expect(score).toBeLessThan(winner?.score ?? 0);
            if (verdict.reason === "LaterHash") expect([score, isBefore]).toEqual([winner?.score, false]);
            if (verdict.reason === "LoadBound") {
              expect(isBefore).toBe(true);
              // A sharer may be spread where this service is not.
              expect(spread || all.some((each) => each.spread && each.addresses[0] === addresses[0])).toBe(true);
              expect(verdict.load).toBeGreaterThanOrEqual(verdict.bound);
            }
            if (verdict.reason === "OwnerKeeps") expect(isBefore).toBe(true);
          }
        }
      }),
    );
  });

  it("gives the load that kept a node from a spread service: never less than its bound", () => {
    const ten = Array.from({ length: 10 }, (_, at) => `node-${at}`);
    const some = ten.map((node) => ({ node, score: 0, interfaces: "all" as const }));
    const spread = Array.from({ length: 95 }, (_, at) => addressOf(at)).map((address) =>
      request({ key: address, electionAddress: address, addresses: [address], candidates: some, spread: true }),
    );
    const full = [ten, ten.slice(1), ten.slice(3)].flatMap((live) =>
      explainElections(spread, factsOf(live))
        .flatMap((each) => each.candidates.map(({ verdict }) => verdict))
        .flatMap((verdict) => (verdict.reason === "LoadBound" ? [verdict] : [])),
    );
    expect(full.length).toBeGreaterThan(5);
    for (const { load, bound } of full) expect(load).toBe(bound);
  });

  it("says that a candidate is none of a service that shares the address", () => {
    const local = request({ key: "default/local", candidates: request().candidates.slice(0, 1) });
    const [explanation] = explainElections([request(), local], factsOf(NODES));
    expect(explanation?.announcer).toBe("node-a");
    expect(explanation?.candidates.map(({ verdict }) => verdict.reason)).toEqual(["Elected", "NotShared", "NotShared"]);
  });
});

describe("simulateLoss", () => {
  it("takes nothing from a node that stays, where services are not spread, and names every service that a lost node has", () => {
    fc.assert(
      fc.property(requests, facts, fc.subarray([...NODES]), (all, known, down) => {
        const before = announcersOf(all, known);
        const { takeovers, loads } = simulateLoss(all, known, new Set(down));
        const moved = new Set(takeovers.map(({ key }) => key));
        for (const { key } of all) if (down.includes(before.get(key) ?? "")) expect(moved.has(key)).toBe(true);
        for (const { from, reason } of takeovers)
          expect(reason).toBe(from !== null && down.includes(from) ? "NodeDown" : "Spread");
        for (const { node, after } of loads) if (down.includes(node)) expect(after).toBe(0);
      }),
    );
  });

  it("counts an address that services share once", () => {
    const shared = [
      request(),
      request({ key: "default/other" }),
      request({ key: "default/dual", addresses: [ADDRESS, "2001:db8::1" as IpAddress] }),
    ];
    const { loads } = simulateLoss(shared, factsOf(NODES), new Set(["node-b"]));
    expect(loads).toEqual([
      { node: "node-a", before: 0, after: 2 },
      { node: "node-b", before: 2, after: 0 },
      { node: "node-c", before: 0, after: 0 },
    ]);
  });
});
