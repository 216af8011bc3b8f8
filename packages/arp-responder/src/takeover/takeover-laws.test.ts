import { type IpAddress, type MacAddress, prefixOf } from "@herald-lb/sansio";
import { assertMachineLaws } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressDigestOf, serviceDigestOf } from "./node-report.ts";
import { createTakeover } from "./takeover.ts";
import { defaultTakeoverTimes } from "./takeover-config.ts";
import type { TakeoverEvent } from "./takeover-event.ts";
import { ADDRESS, Bench, NODES, PHASES, request } from "./takeover.test.fixture.ts";

const HARDWARE_ADDRESS = "02:00:5e:00:53:02" as MacAddress;
const keys = fc.constantFrom("a", "b", "c");
const nodes = fc.subarray([...NODES, "node-z"]);
const candidate = fc.record(
  {
    node: fc.constantFrom(...NODES),
    score: fc.nat(2),
    interfaces: fc.constantFrom("all" as const, ["eth0"], [], []),
    onSubnet: fc.constantFrom("all" as const, ["eth1"]),
  },
  { noNullPrototype: true, requiredKeys: ["node", "score", "interfaces"] },
);
const addresses = fc.subarray([ADDRESS, "10.0.0.2" as IpAddress], { minLength: 1 });
const anyRequest = fc
  .tuple(
    keys,
    addresses,
    fc.array(candidate, { maxLength: 4 }),
    fc.boolean(),
    fc.boolean(),
    fc.constantFrom("Probe" as const, "Announce" as const),
    fc.constantFrom("Defend" as const, "Yield" as const),
    fc.option(fc.record({ rebalance: fc.boolean() }, { noNullPrototype: true })),
  )
  .map(([key, some, candidates, sticky, spread, conflictPolicy, onConflict, loadSharing]) =>
    request({
      key,
      addresses: some,
      electionAddress: some[0] ?? ADDRESS,
      candidates,
      sticky,
      spread,
      conflictPolicy,
      onConflict,
      ...(loadSharing !== null && { loadSharing }),
    }),
  );
const links = fc.record(
  { interfaces: fc.subarray(["eth0", "eth1"]), prefixes: fc.subarray([prefixOf(ADDRESS, 24)]) },
  { noNullPrototype: true },
);
const subnets = fc.subarray([
  { interface: "eth0", prefixes: [prefixOf(ADDRESS, 32)] },
  { interface: "eth1", prefixes: [prefixOf(ADDRESS, 24)] },
]);
const reports = fc.record(
  {
    subnets,
    lostLinks: links,
    owned: fc.subarray(["a", "b", "c"].map(serviceDigestOf)).map((some) => new Set(some)),
    segment: fc.record(
      {
        hardwareAddresses: fc.subarray([HARDWARE_ADDRESS]),
        tentative: fc.subarray([addressDigestOf(ADDRESS)]).map((some) => new Set(some)),
      },
      { noNullPrototype: true },
    ),
  },
  { noNullPrototype: true, requiredKeys: ["lostLinks", "owned", "segment"] },
);
const events: fc.Arbitrary<TakeoverEvent> = fc.oneof(
  anyRequest.map((each) => ({ type: "AnnouncementRequested" as const, request: each })),
  keys.map((key) => ({ type: "AnnouncementWithdrawn" as const, key })),
  fc.constant({ type: "RequestsListed" as const }),
  fc.nat(3).map((count) => ({ type: "PeersExpected" as const, count })),
  fc
    .tuple(nodes, nodes, nodes)
    .map(([live, joined, died]) => ({ type: "MembersChanged" as const, live, joined, died })),
  nodes.map((each) => ({ type: "NodesListed" as const, nodes: each })),
  fc.tuple(fc.subarray(["eth0", "eth1"]), subnets).map(([names, some]) => ({
    type: "InterfacesChanged" as const,
    names,
    subnets: some,
    hardwareAddresses: names.map(() => HARDWARE_ADDRESS),
  })),
  fc.boolean().map((tentative) => ({ type: "TentativeChanged" as const, address: ADDRESS, tentative })),
  fc.constant({ type: "PauseNoticed" as const }),
  fc.constant({ type: "LinkRestored" as const }),
  fc.constant({ type: "DeathRefuted" as const }),
  nodes.map((live) => ({ type: "MembershipConfirmed" as const, live })),
  fc.record(
    { type: fc.constant("ReportReceived" as const), node: fc.constantFrom(...NODES), report: reports },
    { noNullPrototype: true },
  ),
  links.map((each) => ({ type: "LinksLost" as const, links: each })),
  fc.constant({ type: "WatchersLost" as const }),
  fc.constant({ type: "WatchersHeard" as const }),
  fc.boolean().map((reached) => ({ type: "ApiServerProbed" as const, reached })),
  fc.nat(2).map((count) => ({ type: "OthersReachable" as const, count })),
  fc.constant({ type: "StopRequested" as const }),
  fc.constant({ type: "LeaveCompleted" as const }),
);

describe("createTakeover", () => {
  it.each([true, false])("obeys the laws of machines from every phase, with a membership: %s", (hasMembership) => {
    const machine = createTakeover({ node: "node-b", hasMembership, isolated: "yield", times: defaultTakeoverTimes });
    const sharing = (): Bench => {
      const bench = PHASES.Deciding();
      bench.step({ type: "AnnouncementRequested", request: request({ loadSharing: { rebalance: true } }) });
      return bench;
    };
    const phases = { ...PHASES, Sharing: sharing };
    const starts = Object.fromEntries(Object.entries(phases).map(([name, make]) => [name, () => make().state]));
    assertMachineLaws(machine, { starts, events, now: 10_000, inPlace: true });
  });

  it("gives the responder for each key an announcement and a withdrawal in turn, and reports the same", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(events, fc.nat(3_000)), { maxLength: 40 }), (moves) => {
        const bench = new Bench("node-b");
        const responder = new Set<string>();
        const reported = new Set<string>();
        for (const move of moves) {
          const effects = typeof move === "number" ? bench.wait(move) : bench.step(move);
          for (const effect of effects) {
            if (effect.type === "Announce") responder.add(effect.key);
            if (effect.type === "Withdraw" || effect.type === "Yield") expect(responder.delete(effect.key)).toBe(true);
            if (effect.type === "Announcing") reported.add(effect.key);
            if (effect.type === "NotAnnouncing") reported.delete(effect.key);
          }
          expect(reported).toEqual(responder);
        }
      }),
    );
  });
});
