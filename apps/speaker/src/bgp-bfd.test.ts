import type { PeerSnapshot, SpeakerEvent } from "@herald-lb/bgp-speaker";
import type { Logger } from "@herald-lb/daemon";
import { createMetrics } from "@herald-lb/daemon";
import type { LocatedPeer } from "@herald-lb/k8s-glue/announce";
import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { addBfdMetrics } from "./bfd-metrics.ts";
import { BgpBfd } from "./bgp-bfd.ts";
import type { BgpBfdReport, ToWorker } from "./worker/protocol.ts";

const KEY = "single 192.0.2.1 any";
const bfd = {
  desiredMinTxInterval: 300,
  requiredMinRxInterval: 300,
  detectMult: 3,
  role: "active",
  minimumTtl: 254,
} as const;
const peer = (name: string, more: Partial<LocatedPeer> = {}): LocatedPeer => ({
  name,
  address: "192.0.2.1" as IpAddress,
  localAs: 64_500,
  peerAs: 64_501,
  bfd,
  ...more,
});
const report = (state: BgpBfdReport["state"], more: Partial<BgpBfdReport> = {}): BgpBfdReport => ({
  key: KEY,
  state,
  diagnostic: 0,
  remoteState: "Up",
  remoteDiagnostic: 0,
  packetsSent: 1,
  packetsReceived: 1,
  ups: 0,
  downs: 0,
  problem: null,
  ...more,
});

function createBench(isOnLink: () => boolean = () => true) {
  const told: ToWorker[] = [];
  const events: SpeakerEvent[] = [];
  const lines: string[] = [];
  const logged = (level: string) => (facts: object, text: string) =>
    void lines.push(`${level} ${text} ${JSON.stringify(facts)}`);
  const log = Object.fromEntries(["debug", "info", "warn", "error"].map((level) => [level, logged(level)]));
  let located: readonly LocatedPeer[] = [];
  const part = new BgpBfd({
    isOnLink,
    peers: () => located.map(({ name, address }) => ({ name, configuredName: name, address }) as PeerSnapshot),
    tell: (message) => void told.push(message),
    dispatch: (event) => void events.push(event),
    log: log as unknown as Logger,
  });
  const configure = (peers: readonly LocatedPeer[]): void => {
    located = peers;
    part.configure(peers);
  };
  return { part, configure, told, events, lines };
}

describe("BFD beside BGP", () => {
  it("tells the worker the sessions when they change, and only then", () => {
    const { configure, told } = createBench();
    configure([]);
    expect(told).toEqual([]);
    for (const _ of [1, 2]) configure([peer("a")]);
    expect(told).toMatchObject([{ type: "BgpBfdSessionsDesired", sessions: [{ key: KEY, detectMult: 3 }] }]);
    configure([peer("a", { bfd: { ...bfd, detectMult: 5 } })]);
    configure([]);
    expect(told.slice(1)).toMatchObject([{ sessions: [{ key: KEY, detectMult: 5 }] }, { sessions: [] }]);
  });

  it("tells every peer of a session what becomes of it, also one that comes later", () => {
    const { part, configure, events } = createBench();
    configure([peer("a")]);
    part.receive([report("Up"), report("Up", { key: "another" })]);
    part.receive([report("Up", { packetsSent: 9 })]);
    expect(events).toEqual([
      { type: "BfdStateChanged", peer: "a", state: "Up", diagnostic: 0, remoteState: "Up", remoteDiagnostic: 0 },
    ]);
    configure([peer("a"), peer("b", { port: 1_790 })]);
    expect(events.slice(1)).toMatchObject([
      { peer: "a", state: "Up" },
      { peer: "b", state: "Up" },
    ]);
    part.receive([report("Down", { diagnostic: 1 })]);
    expect(events.slice(3)).toMatchObject([
      { peer: "a", state: "Down", diagnostic: 1 },
      { peer: "b", state: "Down", diagnostic: 1 },
    ]);
  });

  it("looks for addresses when a session of a name that is not configured changes", () => {
    const { part, configure, told } = createBench();
    configure([peer("a")]);
    part.noteSession("a");
    expect(told).toHaveLength(1);
    part.noteSession("rack 192.0.2.7");
    expect(told).toHaveLength(1);
  });

  it("forgets what it knew of a session that ended", () => {
    const { part, configure, events } = createBench();
    configure([peer("a")]);
    part.receive([report("Up")]);
    configure([]);
    configure([peer("a")]);
    expect(events.map((event) => event.type === "BfdStateChanged" && event.state)).toEqual(["Up", "AdminDown"]);
    expect(part.sessions).toEqual([]);
  });

  it("takes a session on another path for a new one, not for a loss", () => {
    let isOnLink = false;
    const { part, configure, told, events } = createBench(() => isOnLink);
    const internal = peer("a", { peerAs: 64_500 });
    configure([internal]);
    part.receive([report("Up", { key: "multi 192.0.2.1 any" })]);
    isOnLink = true;
    configure([internal]);
    part.receive([report("Down", { remoteState: "Down" })]);
    expect(events.map((event) => event.type === "BfdStateChanged" && event.state)).toEqual(["Up", "AdminDown", "Down"]);
    expect(told).toMatchObject([{ sessions: [{ hops: "multi" }] }, { sessions: [{ hops: "single" }] }]);
  });

  it("logs the ups and downs with the diagnostics in words, and a problem once", () => {
    const { part, configure, lines } = createBench();
    configure([peer("a")]);
    for (const _ of [1, 2]) part.receive([report("Down", { remoteState: "Down", problem: "bind: EADDRINUSE" })]);
    part.receive([report("Up")]);
    part.receive([report("Down", { diagnostic: 1, remoteDiagnostic: 3 })]);
    part.receive([report("Init")]);
    part.receive([report("Up")]);
    part.receive([report("Down", { diagnostic: 3, remoteState: "AdminDown", remoteDiagnostic: 7 })]);
    const facts = '"peers":["a"],"remote":"192.0.2.1"';
    expect(lines).toEqual([
      `error BFD socket not open; it is tried again each second {${facts},"problem":"bind: EADDRINUSE"}`,
      `info BFD session up {${facts}}`,
      `warn BFD session down {${facts},"diagnostic":"Control Detection Time Expired","remoteState":"Up","remoteDiagnostic":"Neighbor Signaled Session Down"}`,
      `debug BFD session {${facts},"from":"Down","to":"Init"}`,
      `info BFD session up {${facts}}`,
      `warn BFD session taken down by the router; BGP goes on without it {${facts},"diagnostic":"Neighbor Signaled Session Down","remoteState":"AdminDown","remoteDiagnostic":"Administratively Down"}`,
    ]);
  });
});

it("shows BFD under MetalLB's names and labels, and nothing of a session that is gone", async () => {
  const { part, configure } = createBench();
  const metrics = createMetrics();
  addBfdMetrics(metrics.registry, () => part.sessions);
  const lines = async (): Promise<readonly string[]> =>
    (await metrics.exposition()).text.split("\n").filter((line) => line.startsWith("metallb_bfd"));
  configure([peer("a")]);
  expect(await lines()).toEqual([]);
  part.receive([report("Up", { packetsSent: 7, packetsReceived: 5, ups: 2, downs: 1 })]);
  const labels = '{peer="192.0.2.1",vrf="default"}';
  const expected = [
    `metallb_bfd_session_up${labels} 1`,
    `metallb_bfd_control_packet_input${labels} 5`,
    `metallb_bfd_control_packet_output${labels} 7`,
    `metallb_bfd_echo_packet_input${labels} 0`,
    `metallb_bfd_echo_packet_output${labels} 0`,
    `metallb_bfd_session_up_events${labels} 2`,
    `metallb_bfd_session_down_events${labels} 1`,
  ];
  for (const _ of [1, 2]) expect(await lines()).toEqual(expected);
  part.receive([report("Init")]);
  expect((await lines())[0]).toBe(`metallb_bfd_session_up${labels} 0`);
  configure([]);
  expect(await lines()).toEqual([]);
});
