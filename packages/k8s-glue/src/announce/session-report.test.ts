import type { PeerConfig, PeerError, PeerSnapshot } from "@herald-lb/bgp-speaker";
import type { ConfigIssue } from "@herald-lb/k8s-glue/metallb";
import { instant, type IpAddress, type IpPrefix } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { endedSessions, sessionReports } from "./session-report.ts";

const peer = (name: string): PeerConfig => ({
  name,
  address: "192.0.2.1" as IpAddress,
  localAs: 64_512,
  peerAs: 65_001,
});
const snapshot = (name: string, state: PeerSnapshot["state"], lastError: PeerError | null = null): PeerSnapshot => ({
  name,
  configuredName: name,
  address: "192.0.2.1" as IpAddress,
  port: 179,
  interface: null,
  prefix: null,
  state,
  establishedAt: null,
  establishedCount: 0,
  session: null,
  sent: { open: 0, update: 0, notification: 0, keepalive: 0, routeRefresh: 0 },
  received: { open: 0, update: 0, notification: 0, keepalive: 0, routeRefresh: 0 },
  refusedPrefixes: 0,
  announcedPrefixes: 0,
  notAnnounced: [],
  lastError,
  bfd: null,
});
const refused = (at: number, state: PeerError["state"] = "Connect"): PeerError => ({
  code: "TcpConnectionFails",
  reason: "ECONNREFUSED",
  at: instant(at),
  state,
});
const secretIssue = (name: string, reason: string): ConfigIssue => ({
  object: {
    apiVersion: "metallb.io/v1beta2",
    kind: "BGPPeer",
    namespace: "metallb-system",
    name,
    uid: "",
    generation: 1,
    creationTimestamp: "",
  },
  path: "spec.passwordSecret",
  code: "BadSecret",
  effect: "Rejected",
  message: "",
  facts: { secret: "bgp", reason },
});

describe("the reports on a node's sessions", () => {
  it("are sorted by peer, and say nothing but the state of a session that is established", () => {
    const peers = [peer("b"), peer("a")];
    const snapshots = [snapshot("a", "Established", refused(1)), snapshot("b", "Connect")];
    expect(sessionReports({ peers, issues: [] }, snapshots)).toEqual([
      { peer: "a", state: "Established" },
      { peer: "b", state: "Connect", reason: "Connecting", message: "the first attempt is under way" },
    ]);
  });

  it.each([
    { announced: 0, prefixes: undefined },
    { announced: 74, prefixes: undefined },
    { announced: 75, prefixes: "NearLimit" },
    { announced: 100, prefixes: "NearLimit" },
    { announced: 101, prefixes: "OverLimit" },
  ])("say $prefixes with $announced prefixes of 100", ({ announced, prefixes }) => {
    const snapshots = ["a", "b"].map((name) => ({ ...snapshot(name, "Established"), announcedPrefixes: announced }));
    const given = { peers: [peer("a"), peer("b")], issues: [], maxPrefixesSent: new Map([["a", 100]]) };
    expect(sessionReports(given, snapshots)).toEqual([
      { peer: "a", state: "Established", ...(prefixes === undefined ? {} : { prefixes }) },
      { peer: "b", state: "Established" },
    ]);
  });

  it("say of a range of dynamic neighbors how much the one that is told most is told", () => {
    const range = { ...peer("r"), prefix: "192.0.2.0/24" as IpPrefix };
    const of = (name: string, announcedPrefixes: number): PeerSnapshot => ({
      ...snapshot(name, "Established"),
      configuredName: "r",
      announcedPrefixes,
    });
    const limits = { peers: [range], issues: [], maxPrefixesSent: new Map([["r", 100]]) };
    expect(sessionReports(limits, [of("r-1", 10), of("r-2", 80)])).toMatchObject([{ prefixes: "NearLimit" }]);
  });

  it("stay the same while attempts fail alike, whatever state the next attempt is in", () => {
    const during = (state: PeerSnapshot["state"], at: number) =>
      sessionReports({ peers: [peer("a")], issues: [] }, [snapshot("a", state, refused(at))]);
    const [report] = during("Idle", 1);
    expect(report).toMatchObject({ peer: "a", state: "Connect", reason: "ConnectionRefused" });
    for (const state of ["Connect", "Idle", "Active", "OpenSent"] as const) expect(during(state, 9)).toEqual([report]);
  });

  it("are the same whether the router sent its OPEN before it refused ours, or not", () => {
    const [early, late] = (["OpenSent", "OpenConfirm"] as const).map((state) =>
      sessionReports({ peers: [peer("a")], issues: [] }, [snapshot("a", "Idle", refused(1, state))]),
    );
    expect(late).toEqual(early);
    expect(late).toMatchObject([{ state: "OpenSent" }]);
  });

  it.each([
    ["Up", "Up", "Up"],
    ["Init", "Down", "Down"],
    ["Down", "Down", "Down"],
    ["Down", "AdminDown", "AdminDown"],
    ["AdminDown", "Up", "AdminDown"],
  ] as const)("tell the BFD session beside it: %s with %s at the router is %s", (state, remoteState, expected) => {
    const bfd = { state, remoteState, diagnostic: 0, remoteDiagnostic: 0, since: null };
    const [report] = sessionReports({ peers: [peer("a")], issues: [] }, [{ ...snapshot("a", "Established"), bfd }]);
    expect(report).toEqual({ peer: "a", state: "Established", bfd: expected });
  });

  it("call a session that was lost Idle", () => {
    const snapshots = [snapshot("a", "Connect", refused(1, "Established"))];
    expect(sessionReports({ peers: [peer("a")], issues: [] }, snapshots)).toMatchObject([{ state: "Idle" }]);
  });

  it.each([
    ["not found", "SecretMissing", "Secret metallb-system/bgp is missing"],
    ["wrong type", "BadSecret", "Secret metallb-system/bgp is not of type kubernetes.io/basic-auth"],
    ["no such key", "BadSecret", "Secret metallb-system/bgp has no key password"],
    ["not base64 text", "BadSecret", "Secret metallb-system/bgp has a key password that is not base64 text"],
  ])("name the Secret that is %s", (fault, reason, message) => {
    expect(sessionReports({ peers: [], issues: [secretIssue("a", fault)] }, [])).toEqual([
      {
        peer: "a",
        state: "Idle",
        reason,
        message: `${message}: Herald opens no session until spec.passwordSecret names a usable one`,
      },
    ]);
  });

  it("are all ended by a speaker that stops", () => {
    expect(endedSessions([{ peer: "a", state: "Established" }])).toMatchObject([
      { peer: "a", state: "Idle", reason: "SpeakerStopped" },
    ]);
  });
});

describe("the reports on routers that connect", () => {
  const range: PeerConfig = { name: "rack", prefix: "192.0.2.0/24" as IpPrefix, peerAs: 65_001 };
  const neighbor = (address: string, state: PeerSnapshot["state"]): PeerSnapshot => ({
    ...snapshot(`rack ${address}`, state),
    configuredName: "rack",
    address: address as IpAddress,
  });
  const reportOf = (config: PeerConfig, ...snapshots: readonly PeerSnapshot[]) =>
    sessionReports({ peers: [config], issues: [] }, snapshots)[0];

  it("say what the node waits for, and on which port", () => {
    expect(reportOf({ ...peer("a"), connectionMode: "passive", listenPort: 1179 })).toEqual({
      peer: "a",
      state: "Active",
      reason: "Waiting",
      message: "the node waits on TCP port 1179 for a connection of 192.0.2.1:179",
    });
    expect(reportOf(range, snapshot("rack", "Active"))?.message).toBe(
      "the node waits on TCP port 179 for a connection of routers in 192.0.2.0/24",
    );
  });

  it("name the dynamic neighbors that have a session, eight at most", () => {
    const up = (count: number): readonly PeerSnapshot[] =>
      Array.from({ length: count }, (_, n) => neighbor(`192.0.2.${n + 1}`, "Established"));
    expect(reportOf(range, snapshot("rack", "Active"), neighbor("192.0.2.9", "Idle"), ...up(2))).toEqual({
      peer: "rack",
      state: "Established",
      message: "2 sessions: 192.0.2.1, 192.0.2.2",
    });
    expect(reportOf(range, ...up(10))?.message).toMatch(/^10 sessions: .* and 2 more$/);
  });

  it("say why the node cannot listen", () => {
    const failed = snapshot("rack", "Active", {
      code: "ListenFails",
      reason: "bind: EACCES",
      at: instant(1),
      state: "Active",
    });
    expect(reportOf(range, failed)).toMatchObject({ state: "Active", reason: "ListenForbidden" });
  });
});
