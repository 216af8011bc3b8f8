import { describe, expect, it } from "vitest";
import type { BgpSession } from "../crd/bgp-session.ts";
import { peer } from "../config/objects.test.fixture.ts";
import { readConfiguration } from "../config/read-configuration.ts";
import { wantedPeerStatus } from "./config-status.ts";
import { establishedOf, type SessionNode } from "./established.ts";
import { speakerSessionsOf } from "./speaker-sessions.ts";

const node = (name: string, more: Partial<SessionNode> = {}): SessionNode => ({
  name,
  labels: { host: name },
  isReachable: true,
  ...more,
});
const nodes = [node("a"), node("b"), node("c")];
const up = { peer: "r", state: "Established" };
const refused = { peer: "r", state: "Connect", reason: "ConnectionRefused", message: "connection refused" };
const badAs = { peer: "r", state: "OpenSent", reason: "BadPeerAS", message: "Bad Peer AS" };
const everywhere = { name: "r", nodeSelectors: null };
const reports = (by: Readonly<Record<string, BgpSession>>) =>
  new Map(Object.entries(by).map(([name, session]) => [name, [{ peer: "other", state: "Idle" }, session]]));

interface Row {
  readonly name: string;
  readonly peer?: typeof everywhere | { readonly name: string; readonly nodeSelectors: readonly object[] };
  readonly nodes?: readonly SessionNode[];
  readonly reports: Readonly<Record<string, BgpSession>>;
  readonly expected: string;
}

const NOBODY = "no speaker on the node has reported the session";
const LOST = "the Node does not report to the control plane (its condition Ready is Unknown)";

const rows: readonly Row[] = [
  {
    name: "every node has its session",
    reports: { a: up, b: up, c: up },
    expected: "3/3 True Established: 3 of 3 nodes have the session",
  },
  {
    name: "the one node has it",
    nodes: [node("a")],
    reports: { a: up },
    expected: "1/1 True Established: 1 of 1 node has the session",
  },
  {
    name: "one node has none",
    reports: { a: up, b: refused, c: up },
    expected: "2/3 False ConnectionRefused: 2 of 3 nodes have the session. b: Connect, connection refused",
  },
  {
    name: "nodes lack it for two reasons, the more frequent first",
    reports: { a: refused, b: badAs, c: badAs },
    expected:
      "0/3 False SeveralReasons: 0 of 3 nodes have the session. b, c: OpenSent, Bad Peer AS; a: Connect, connection refused",
  },
  {
    name: "BFD is up everywhere",
    reports: { a: { ...up, bfd: "Up" }, b: { ...up, bfd: "Up" }, c: up },
    expected: "3/3 True Established: 3 of 3 nodes have the session",
  },
  {
    name: "BFD never came up on two nodes",
    reports: { a: { ...up, bfd: "Down" }, b: { ...up, bfd: "Up" }, c: { ...up, bfd: "AdminDown" } },
    expected:
      "3/3 True Established: 3 of 3 nodes have the session. BFD is not up on a, c: until it is, only the Hold Time finds a loss there",
  },
  {
    name: "the router has taken BFD down, and one node has no session",
    reports: { a: { ...up, bfd: "AdminDown" }, b: { ...refused, bfd: "Down" }, c: { ...up, bfd: "Up" } },
    expected:
      "2/3 False ConnectionRefused: 2 of 3 nodes have the session. b: Connect, connection refused. BFD is taken down on purpose on a: until it is, only the Hold Time finds a loss there",
  },
  {
    name: "a speaker that has not reported",
    reports: { a: up, b: up },
    expected: `2/3 False NotReported: 2 of 3 nodes have the session. c: ${NOBODY}`,
  },
  {
    name: "no speaker has reported",
    reports: {},
    expected: `0/3 Unknown NotReported: 0 of 3 nodes have the session. a, b, c: ${NOBODY}`,
  },
  {
    name: "a report of a node that is not selected",
    peer: { name: "r", nodeSelectors: [{ matchLabels: { host: "a" } }] },
    reports: { a: up, b: refused },
    expected: "1/1 True Established: 1 of 1 node has the session",
  },
  {
    name: "a report of a Node that was deleted",
    nodes: [node("a")],
    reports: { a: refused, gone: up },
    expected: "0/1 False ConnectionRefused: 0 of 1 node has the session. a: Connect, connection refused",
  },
  {
    name: "a report of a node that the control plane has lost",
    nodes: [node("a"), node("b", { isReachable: false })],
    reports: { a: up, b: up },
    expected: `1/2 False NodeUnreachable: 1 of 2 nodes have the session. b: ${LOST}`,
  },
  {
    name: "no node is selected",
    peer: { name: "r", nodeSelectors: [{ matchLabels: { host: "z" } }] },
    reports: { a: up },
    expected: "0/0 Unknown NoNodeSelected: no Node matches nodeSelectors",
  },
  {
    name: "Nodes are not known: those that report count",
    nodes: [],
    reports: { a: up, b: refused },
    expected: "1/2 False ConnectionRefused: 1 of 2 nodes have the session. b: Connect, connection refused",
  },
  {
    name: "neither Nodes nor reports are known",
    nodes: [],
    reports: {},
    expected: "0/0 Unknown NotReported: no speaker has reported a session",
  },
];

describe("the sessions of all nodes with a BGPPeer", () => {
  const say = (state: ReturnType<typeof establishedOf>): string =>
    `${state.nodes?.established}/${state.nodes?.selected} ${state.status} ${state.reason}: ${state.message}`;

  it.each(rows)("$name", ({ peer: asked = everywhere, nodes: known = nodes, reports: by, expected }) => {
    expect(say(establishedOf(asked, known, reports(by)))).toBe(expected);
    const reversed = Object.fromEntries(Object.entries(by).toReversed());
    expect(say(establishedOf(asked, known.toReversed(), reports(reversed)))).toBe(expected);
  });

  it("name three of three hundred nodes, and three causes, in a bounded text", () => {
    const many = Array.from({ length: 300 }, (_, at) => node(`n${String(at).padStart(3, "0")}`));
    const all = (session: (at: number) => BgpSession) =>
      new Map(many.map(({ name }, at) => [name, [session(at)]] as const));
    expect(
      establishedOf(
        everywhere,
        many,
        all(() => badAs),
      ).message,
    ).toBe("0 of 300 nodes have the session. n000, n001, n002 and 297 more nodes: OpenSent, Bad Peer AS");
    const each = (at: number): BgpSession => ({ ...refused, message: `${at} ${"x".repeat(5_000)}` });
    const { message } = establishedOf(everywhere, many, all(each));
    expect(message.length).toBeLessThan(4_000);
    expect(message).toMatch(/; 297 more nodes for other reasons$/);
  });

  it("are read from ConfigurationStates of speakers, however these look", () => {
    const state = (name: string, bgpSessions: unknown, labels: Readonly<Record<string, string>> = {}) =>
      ({ metadata: { name, labels: { ...labels } }, status: { bgpSessions } }) as object;
    const of = (nodeName: string) => ({ "metallb.io/node-name": nodeName });
    const sessions = speakerSessionsOf([
      state("speaker-a", [up, null, { peer: 1 }, "x"], of("a")),
      state("speaker-b", "nonsense", of("b")),
      { metadata: { name: "speaker-c", labels: of("c") } },
      state("controller", [up]),
    ]);
    expect([...sessions]).toEqual([
      ["a", [up]],
      ["b", []],
      ["c", []],
    ]);
  });

  it("are a condition and counts beside the others, and none for a peer that is not accepted", () => {
    const statusOf = (spec: object, established: ReturnType<typeof establishedOf>) => {
      const { objects, issues } = readConfiguration([peer(spec)]);
      const [object] = objects;
      if (object === undefined) throw new Error("no object");
      const effect = { programmed: true, reason: "NodesSelected", message: "" };
      return wantedPeerStatus({ object, live: null, issues, effect, established, now: "2026-01-01T00:00:00Z" }).status;
    };
    expect(statusOf({}, establishedOf(everywhere, nodes, reports({ a: up })))).toMatchObject({
      sessions: "1/3",
      establishedNodes: 1,
      selectedNodes: 3,
      conditions: [{ type: "Accepted" }, { type: "Programmed" }, { type: "Established", status: "False" }],
    });
    const near = { ...up, prefixes: "NearLimit" as const };
    const limited = establishedOf({ ...everywhere, maxPrefixesSent: 9 }, nodes, reports({ a: near, gone: near }));
    expect(statusOf({ maxPrefixesSent: 9 }, limited).conditions?.slice(2)).toMatchObject([
      { type: "Established" },
      {
        type: "WithinMaxPrefixes",
        status: "False",
        reason: "NearLimit",
        message: expect.stringMatching(/^a announces/),
      },
    ]);
    const rejected = statusOf({ myASN: 0 }, establishedOf(undefined, nodes, reports({ a: up })));
    expect(rejected).not.toHaveProperty("sessions");
    expect(rejected.conditions?.at(-1)).toMatchObject({
      type: "Established",
      status: "Unknown",
      reason: "NotAccepted",
    });
  });
});
