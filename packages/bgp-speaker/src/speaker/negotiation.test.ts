import { prefixOf } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { findCapability } from "../capability.ts";
import { INITIAL_CONTEXT } from "../codec-context.ts";
import { decodeMessage } from "../message/index.ts";
import { capabilitiesOf, type OpenMessage } from "../message/open.ts";
import type { Role } from "../role.ts";
import type { PeerConfig } from "../peer-config.ts";
import { frame, KEEPALIVE } from "../testing/model-peer.ts";
import { type Bench, createBench, desired, route } from "./bench.test.support.ts";
import { peersOf } from "./peers-of.ts";

const EXTENDED_MESSAGE = [6, 0];
const addPathOf = (sendReceive: number): readonly number[] => [69, 8, 0, 1, 1, sendReceive, 0, 2, 1, sendReceive];

function sentOpen(peer: Partial<PeerConfig>): OpenMessage {
  const bench = createBench(peer);
  bench.establish();
  const first = bench.effects.find((effect) => effect.type === "SendOctets");
  const decoded = first === undefined ? null : decodeMessage(first.octets, INITIAL_CONTEXT);
  if (decoded?.ok !== true || decoded.value.type !== "OPEN") throw new Error("no OPEN was sent");
  return decoded.value;
}

const stateOf = (bench: Bench): string | undefined => peersOf(bench.state)[0]?.state;
const longest = (bench: Bench): number => Math.max(...bench.model.messages.map(({ length }) => length));
const manyHosts = Array.from({ length: 2_000 }, (_, n) =>
  route(prefixOf(`2001:db8::${(n + 1).toString(16)}` as never, 128)),
);
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

describe("extended messages, RFC 8654", () => {
  it("are offered to every peer", () => {
    expect(findCapability(capabilitiesOf(sentOpen({})), "ExtendedMessage")).not.toBeNull();
  });

  it.each([
    { name: "with the peer's capability", extra: EXTENDED_MESSAGE, isLong: true },
    { name: "without it", extra: [], isLong: false },
  ])("$name: messages above 4096 octets are sent: $isLong", ({ extra, isLong }) => {
    const bench = createBench();
    bench.establish({ extra });
    bench.dispatch(desired(["web", manyHosts]));
    bench.wait(1_000);
    expect(bench.model.held.size).toBe(2_000);
    expect(longest(bench) > 4_096).toBe(isLong);
    bench.dispatch(desired(["web", []]));
    bench.wait(1_000);
    expect(bench.model.held.size).toBe(0);
    expect(longest(bench)).toBeLessThanOrEqual(isLong ? 65_535 : 4_096);
  });

  it("carry a route whose attributes need them; a peer without the capability is not told it, and the reason is known", () => {
    const communities = Array.from({ length: 3_000 }, (_, n) => n);
    for (const extra of [EXTENDED_MESSAGE, []]) {
      const bench = createBench();
      bench.establish({ extra });
      bench.dispatch(desired(["web", [route("203.0.113.7/32", { communities })]]));
      expect(bench.model.held.size).toBe(extra.length === 0 ? 0 : 1);
      expect(peersOf(bench.state)[0]?.notAnnounced.map(({ reason }) => reason)).toEqual(
        extra.length === 0 ? ["TooLong"] : [],
      );
    }
  });

  it.each([15_000, 17_000, 70_000])("leave no room for %i large communities in any message", (count) => {
    const largeCommunities = Array.from({ length: count }, (_, n) => ({
      globalAdministrator: n,
      localDataPart1: 0,
      localDataPart2: 0,
    }));
    const bench = createBench();
    bench.establish({ extra: EXTENDED_MESSAGE });
    bench.dispatch(desired(["web", [route("203.0.113.7/32", { largeCommunities })]]));
    expect(peersOf(bench.state)[0]?.notAnnounced.map(({ reason }) => reason)).toEqual(["TooLong"]);
  });

  it("withdraw a route that grew too long for the peer, §4", () => {
    const bench = createBench();
    bench.establish();
    bench.dispatch(desired(["web", [route("203.0.113.7/32")]]));
    expect(bench.model.held.size).toBe(1);
    const communities = Array.from({ length: 1_020 }, (_, n) => n);
    bench.dispatch(desired(["web", [route("203.0.113.7/32", { communities })]]));
    expect(bench.model.held.size).toBe(0);
  });

  it.each([
    { name: "an UPDATE of 65535 octets", octets: frame(2, 0xff, 0xe8, ...zeros(65_514)), ends: null },
    { name: "an OPEN of 4097 octets", octets: frame(1, ...zeros(4_078)), ends: [1, 2] },
    { name: "a KEEPALIVE of 20 octets", octets: frame(4, 0), ends: [1, 2] },
  ])("$name", ({ octets, ends }) => {
    const bench = createBench();
    bench.establish();
    bench.receive(octets);
    if (ends === null) return expect(stateOf(bench)).toBe("Established");
    expect([...(bench.model.messages.at(-1)?.body ?? [])].slice(0, 2)).toEqual(ends);
  });
});

describe("ADD-PATH, RFC 7911", () => {
  const prefixes = ["203.0.113.7/32", "203.0.112.0/23", "2001:db8:1::7/128"];
  const routes = prefixes.map((prefix) => route(prefix));

  it.each([
    { ours: "Send", theirs: 1, hasIds: true },
    { ours: "SendReceive", theirs: 3, hasIds: true },
    { ours: "Send", theirs: 2, hasIds: false },
    { ours: "Receive", theirs: 3, hasIds: false },
  ] as const)("$ours to a peer of Send/Receive $theirs: Path Identifiers are sent: $hasIds", (row) => {
    const bench = createBench({ addPath: row.ours }, 1, { addPath: row.hasIds });
    bench.establish({ extra: addPathOf(row.theirs) });
    bench.dispatch(desired(["web", routes], ["other", manyHosts]));
    bench.wait(1_000);
    const keys = [...bench.model.held.keys()];
    expect(keys).toHaveLength(2_003);
    expect(keys.filter((key) => key.endsWith(" path 00000001"))).toHaveLength(row.hasIds ? 2_003 : 0);
    expect(longest(bench)).toBeLessThanOrEqual(4_096);
    bench.dispatch(desired(["web", []], ["other", []]));
    bench.wait(1_000);
    expect(bench.model.held.size).toBe(0);
  });

  it("reads Path Identifiers where the peer sends them, and ends the session where it was not agreed", () => {
    // Path Identifier 33 in front of 192.0.2.128/25: read as the length of a prefix it is too long.
    const withdrawal = frame(2, 0, 9, 0, 0, 0, 33, 25, 192, 0, 2, 128, 0, 0);
    for (const addPath of ["Receive", "Send"] as const) {
      const bench = createBench({ addPath });
      bench.establish({ extra: addPathOf(3) });
      bench.receive(withdrawal);
      expect(stateOf(bench)).toBe(addPath === "Receive" ? "Established" : "Idle");
    }
  });

  it("is offered only where it is configured", () => {
    expect(findCapability(capabilitiesOf(sentOpen({})), "AddPath")).toBeNull();
    expect(findCapability(capabilitiesOf(sentOpen({ addPath: "Send" })), "AddPath")?.families).toEqual([
      { family: { afi: 1, safi: 1 }, sendReceive: 2 },
      { family: { afi: 2, safi: 1 }, sendReceive: 2 },
    ]);
  });
});

describe("roles, RFC 9234", () => {
  const routes = [route("203.0.113.7/32")];
  const otcOf = (bench: Bench): string | undefined => bench.model.held.get("4 cb007107/32")?.attributes[35];

  it.each([
    { local: "Provider", peer: 3, otc: "0000fc00" },
    { local: "RS", peer: 2, otc: "0000fc00" },
    { local: "Peer", peer: 4, otc: "0000fc00" },
    { local: "Customer", peer: 0, otc: undefined },
    { local: "RS-Client", peer: 1, otc: undefined },
  ] as const)("$local: Only to Customer is $otc", ({ local, peer, otc }) => {
    for (const extra of [[9, 1, peer], []]) {
      const bench = createBench({ role: { local, strict: false } });
      bench.establish({ extra });
      bench.dispatch(desired(["web", routes]));
      expect(bench.model.held.size).toBe(1);
      expect(otcOf(bench)).toBe(otc);
    }
  });

  it("ends a session with a peer whose role does not fit by Role Mismatch", () => {
    const bench = createBench({ role: { local: "Customer", strict: false } });
    bench.establish({ extra: [9, 1, 4] });
    expect([...(bench.model.messages.at(-1)?.body ?? [])]).toEqual([2, 11]);
    expect(peersOf(bench.state)[0]?.lastError).toMatchObject({
      code: "NotificationSent",
      notification: { name: "OPEN Message Error/Role Mismatch" },
    });
  });

  it("are told to external peers alone, and mean nothing to internal ones", () => {
    const role = { local: "Provider", strict: true } as const satisfies { local: Role; strict: boolean };
    expect(findCapability(capabilitiesOf(sentOpen({ role })), "Role")?.role).toBe(0);
    expect(findCapability(capabilitiesOf(sentOpen({})), "Role")).toBeNull();
    for (const peerAs of [64512, "internal"] as const) {
      expect(findCapability(capabilitiesOf(sentOpen({ role, peerAs })), "Role")).toBeNull();
      const bench = createBench({ role, peerAs });
      bench.establish({ as: 64512 });
      bench.dispatch(desired(["web", routes]));
      expect(bench.model.held.size).toBe(1);
      expect(otcOf(bench)).toBeUndefined();
    }
  });

  it("need a new session where they change", () => {
    const bench = createBench({ role: { local: "Peer", strict: false } });
    bench.establish();
    const config = bench.state.peers.get("router")?.config;
    if (config === undefined) throw new Error("no peer");
    bench.dispatch({ type: "PeersConfigured", peers: [{ ...config, role: { local: "Customer", strict: false } }] });
    expect([...(bench.model.messages.at(-1)?.body ?? [])]).toEqual([6, 6]);
  });
});

it("tells a peer of two-octet AS numbers AS_TRANS, and our AS in AS4_PATH, RFC 6793 §4.2.2", () => {
  const local = { localAs: 4_200_000_000 };
  expect(sentOpen(local).autonomousSystem).toBe(23456);
  const capability = [1, 4, 0, 1, 0, 1];
  const old = frame(1, 4, 0xfd, 0xe9, 0, 90, 192, 0, 2, 1, 8, 2, 6, ...capability);
  const bench = createBench(local);

  bench.dispatch({
    type: "TcpConnected",
    peer: "router",
    connection: bench.connection(),
    local: "192.0.2.10" as never,
  });
  bench.receive(old);
  bench.receive(KEEPALIVE);
  bench.dispatch(desired(["web", [route("203.0.113.7/32")]]));
  expect(bench.model.held.get("4 cb007107/32")?.attributes).toMatchObject({ 2: "02015ba0", 17: "0201fa56ea00" });
});

it("keeps a session whose messages come one octet at a time", () => {
  const bench = createBench();
  bench.establish();
  for (const octet of [...frame(2, 0, 0, 0, 0, 32, 203, 0, 113, 7), ...KEEPALIVE]) bench.receive(Uint8Array.of(octet));
  expect(stateOf(bench)).toBe("Established");
  expect(peersOf(bench.state)[0]?.received).toMatchObject({ update: 1, keepalive: 2 });
});
