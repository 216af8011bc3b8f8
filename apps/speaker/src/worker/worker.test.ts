import type { BgpBfdSession } from "@herald-lb/k8s-glue/announce";
import type { IpAddress } from "@herald-lb/sansio";
import { octetsFromHex } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import type { FromWorker } from "./protocol.ts";
import {
  ADDRESS,
  announcing,
  type Bench,
  bind,
  createBench,
  eth0,
  KEY,
  other,
  PEER,
  request,
} from "./worker-bench.test.fixture.ts";

const LINK_LOCAL = { address: "fe80::1" as IpAddress, prefixLength: 64, scope: "link" as const };

/** An ARP packet about ADDRESS: a Request of a client, or an Announcement of another station. */
const arpRequest = octetsFromHex(`ffffffffffff${PEER}08060001080006040001${PEER}c00002630000000000000a000001`);
const arpClaim = octetsFromHex(`ffffffffffff${PEER}08060001080006040001${PEER}0a0000010000000000000a000001`);

const typesOf = (bench: Bench): readonly string[] => bench.posted.map(({ type }) => type);
const counts = (bench: Bench): FromWorker | undefined => bench.posted.findLast(({ type }) => type === "Counted");

describe("the worker", () => {
  it("announces nothing before it knows the members, then sends five announcements", () => {
    const bench = createBench();
    bench.worker.start();
    bench.interfaces([eth0]);
    bench.worker.receive({ type: "AnnouncementRequested", request });
    bench.worker.receive({ type: "PeersDesired", peers: [bind, other] });
    bench.clock.advanceBy(2_499);
    expect(bench.takeFrames()).toEqual([]);
    expect(typesOf(bench)).not.toContain("Announcing");
    bench.clock.advanceBy(1);
    expect(bench.posted.filter(({ type }) => type === "Announcing")).toEqual([
      {
        type: "Announcing",
        key: KEY,
        addresses: [ADDRESS],
        interfaces: null,
        cause: { reason: "Started", previous: null },
      },
    ]);
    expect(bench.takeFrames()).toHaveLength(2);
    bench.clock.advanceBy(60_000);
    expect(bench.takeFrames()).toHaveLength(8);
  });

  it("does not wait where its own address is the only peer", () => {
    const bench = createBench();
    bench.worker.start();
    bench.worker.receive({ type: "AnnouncementRequested", request });
    bench.worker.receive({ type: "PeersDesired", peers: [bind] });
    expect(typesOf(bench)).toContain("Announcing");
  });

  it("waits for a speaker at its own address but another port", () => {
    const bench = createBench();
    bench.worker.start();
    bench.interfaces([eth0]);
    bench.worker.receive({ type: "AnnouncementRequested", request });
    bench.worker.receive({ type: "PeersDesired", peers: [bind, { ...bind, port: 7947 }] });
    expect(typesOf(bench)).not.toContain("Announcing");
  });

  it("elects among all Nodes where there is no membership, not this node whatever it is", () => {
    const bench = createBench("node-a", { membership: null });
    bench.worker.start();
    bench.interfaces([eth0]);
    bench.worker.receive({ type: "AnnouncementRequested", request });
    bench.worker.receive({ type: "NodesListed", nodes: ["node-a", "node-b"] });
    expect(bench.posted).toContainEqual({ type: "NotAnnouncing", key: KEY, to: "node-b" });
    bench.worker.receive({ type: "NodesListed", nodes: ["node-b"] });
    bench.worker.receive({ type: "NodesListed", nodes: [] });
    expect(bench.posted).toContainEqual({ type: "NotAnnouncing", key: KEY, to: null });
    expect(bench.takeFrames()).toEqual([]);
    bench.worker.receive({ type: "NodesListed", nodes: ["node-a"] });
    expect(bench.takeFrames()).toHaveLength(2);
  });

  it("answers requests, and counts them, announcements and ignored frames once a second", () => {
    const bench = announcing();
    bench.frame(arpRequest);
    bench.frame(octetsFromHex("ffff"));
    expect(bench.takeFrames()).toEqual(["ARP 42"]);
    bench.clock.advanceBy(1_000);
    expect(counts(bench)).toMatchObject({
      counts: {
        requests: { [ADDRESS]: 1 },
        replies: { [ADDRESS]: 1 },
        announcements: { [ADDRESS]: 10 },
        ignored: { Malformed: 1 },
      },
    });
    const reports = typesOf(bench).filter((type) => type === "Counted").length;
    bench.clock.advanceBy(10_000);
    expect(typesOf(bench).filter((type) => type === "Counted")).toHaveLength(reports);
  });

  it("reports a conflict with the interface's name, and defends the address", () => {
    const bench = announcing();
    bench.frame(arpClaim);
    expect(bench.posted.at(-1)).toEqual({
      type: "Conflict",
      address: ADDRESS,
      by: "02:00:5e:00:53:99",
      interface: "eth0",
    });
    bench.clock.advanceBy(500);
    expect(bench.takeFrames()).toHaveLength(2);
  });

  it("stops answering when the request is withdrawn", () => {
    const bench = announcing();
    bench.worker.receive({ type: "AnnouncementWithdrawn", key: KEY });
    expect(bench.posted.at(-1)).toEqual({ type: "NotAnnouncing", key: KEY, to: null });
    bench.frame(arpRequest);
    expect(bench.takeFrames()).toEqual([]);
  });

  it("hands over: answers until a successor announces, announces and defends nothing, then stops", () => {
    const bench = announcing();
    bench.worker.receive({ type: "StopRequested" });
    bench.frame(arpRequest);
    expect(bench.takeFrames()).toEqual(["ARP 42"]);
    const posted = bench.posted.length;
    bench.frame(arpClaim);
    bench.frame(arpRequest);
    expect(bench.takeFrames()).toEqual([]);
    expect(bench.posted.slice(posted).map(({ type }) => type)).not.toContain("Conflict");
    expect(typesOf(bench)).not.toContain("Stopped");
    bench.clock.advanceBy(1_300);
    expect(typesOf(bench).filter((type) => type === "Stopped")).toHaveLength(1);
    expect(bench.closed.toSorted()).toEqual(["interface", "membership"]);
    bench.interfaces([{ ...eth0, name: "eth9", index: 9 }]);
    bench.clock.advanceBy(10_000);
    expect(bench.takeFrames()).toEqual([]);
    expect(bench.opened).toEqual([2]);
  });

  it("stops at once where no membership can be told", () => {
    const bench = createBench("node-b", { membership: null });
    bench.worker.start();
    bench.worker.receive({ type: "StopRequested" });
    expect(typesOf(bench)).toContain("Stopped");
  });

  it("stops though its membership never started", () => {
    const bench = createBench();
    bench.membershipFailure = "EADDRNOTAVAIL";
    bench.worker.start();
    bench.worker.receive({ type: "StopRequested" });
    bench.clock.advanceBy(250);
    expect(typesOf(bench)).toContain("Stopped");
  });

  it("does not open the membership's socket once it has stopped", () => {
    const bench = createBench();
    bench.membershipFailure = "EADDRNOTAVAIL";
    bench.worker.start();
    bench.worker.receive({ type: "StopRequested" });
    bench.clock.advanceBy(250);
    const posted = typesOf(bench);
    expect(posted).toContain("Stopped");
    bench.membershipFailure = null;
    bench.clock.advanceBy(60_000);
    expect(typesOf(bench)).toEqual(posted);
    expect(bench.datagrams).toBe(0);
  });

  it("tries the membership's socket again until it opens, and tells of it meanwhile", () => {
    const bench = createBench();
    bench.membershipFailure = "EADDRNOTAVAIL";
    bench.worker.start();
    bench.worker.receive({ type: "PeersDesired", peers: [bind, other] });
    expect(bench.posted).toEqual([{ type: "ProblemChanged", problem: "membership socket: bind: EADDRNOTAVAIL" }]);
    bench.membershipFailure = null;
    bench.clock.advanceBy(1_000);
    expect(bench.posted.filter(({ type }) => type === "ProblemChanged").at(-1)).toEqual({
      type: "ProblemChanged",
      problem: null,
    });
    // It joins the peers that it was told of before.
    bench.worker.receive({ type: "AnnouncementRequested", request });
    bench.clock.advanceBy(2_499);
    expect(typesOf(bench)).not.toContain("Announcing");
    bench.clock.advanceBy(1);
    expect(typesOf(bench)).toContain("Announcing");
  });

  it("opens a stream to join a peer, and passes answers of the main thread on", () => {
    const bench = createBench();
    bench.worker.start();
    bench.worker.receive({ type: "PeersDesired", peers: [bind, other] });
    const stream = bench.posted.find((message) => message.type === "Stream");
    expect(stream).toMatchObject({ effect: { type: "OpenStream", to: other } });
    if (stream?.type !== "Stream") throw new Error("no stream");
    bench.worker.receive({ type: "StreamClosed", stream: stream.effect.stream });
    bench.clock.advanceBy(30_000);
    const opened = bench.posted.filter((message) => message.type === "Stream" && message.effect.type === "OpenStream");
    expect(opened.length).toBeGreaterThan(1);
  });

  it("follows interfaces as they come, fail and go", () => {
    const bench = announcing();
    bench.goneInterface();
    expect(bench.closed).toEqual(["interface"]);
    bench.clock.advanceBy(1_000);
    bench.takeFrames();
    bench.interfaces([eth0]);
    // Nobody answered before: others may serve by now, so the node waits for them as at a start.
    expect(bench.takeFrames()).toEqual([]);
    bench.clock.advanceBy(2_500);
    expect(bench.takeFrames()).toHaveLength(2);
    bench.netlinkFails({ syscall: "recv", code: "ENOBUFS", errno: 105 });
    expect(bench.posted.at(-1)).toEqual({ type: "ProblemChanged", problem: "netlink: recv: ENOBUFS" });
  });

  it("announces an IPv6 address on the NDP socket, and is in its group for as long", () => {
    const bench = createBench("node-b", { membership: null });
    bench.worker.start();
    bench.interfaces([{ ...eth0, addresses: [LINK_LOCAL] }]);
    bench.worker.receive({ type: "NodesListed", nodes: ["node-b"] });
    const address = "2001:db8::1:2:3" as IpAddress;
    const candidates = [{ node: "node-b", score: 0, interfaces: "all" as const }];
    const ipv6Request = {
      key: KEY,
      addresses: [address],
      electionAddress: address,
      candidates,
      sticky: false,
      spread: false,
    };
    bench.worker.receive({ type: "AnnouncementRequested", request: ipv6Request });
    const frames = bench.takeFrames();
    expect(frames.length).toBeGreaterThan(0);
    for (const frame of frames) expect(frame).toMatch(/^NDP /);
    expect([...bench.groups]).toEqual(["ff02::1:ff02:3"]);
    bench.worker.receive({ type: "AnnouncementWithdrawn", key: KEY });
    expect([...bench.groups]).toEqual([]);
  });

  it("tells which of the selected interfaces exist", () => {
    const bench = createBench("node-b", { membership: null });
    bench.worker.start();
    bench.interfaces([eth0]);
    bench.worker.receive({ type: "NodesListed", nodes: ["node-b"] });
    const candidates = [{ node: "node-b", score: 0, interfaces: ["eth0", "eth1"] }];
    bench.worker.receive({ type: "AnnouncementRequested", request: { ...request, candidates } });
    bench.interfaces([]);
    const told = bench.posted.flatMap((message) => (message.type === "Announcing" ? [message.interfaces] : []));
    expect(told).toEqual([["eth0"], []]);
  });

  it("has the BFD sessions with routers, reports them every second, and ends them as soon as it is to stop", () => {
    const bench = announcing();
    const reports = (): readonly number[] =>
      bench.posted.flatMap((message) => (message.type === "BgpBfdReported" ? [message.sessions.length] : []));
    const session: BgpBfdSession = {
      key: "router",
      remote: "192.0.2.1" as IpAddress,
      hops: "single",
      sourceAddress: null,
      interface: null,
      vrf: null,
      desiredMinTxInterval: 300,
      requiredMinRxInterval: 300,
      detectMult: 3,
      role: "active",
      minimumTtl: 254,
    };
    bench.worker.receive({ type: "BgpBfdSessionsDesired", sessions: [session] });
    expect(reports()).toEqual([1]);
    bench.clock.advanceBy(2_000);
    expect(reports()).toEqual([1, 1, 1]);
    bench.worker.receive({ type: "StopRequested" });
    expect(reports()).toEqual([1, 1, 1, 0]);
    expect(typesOf(bench)).not.toContain("Stopped");
  });
});
