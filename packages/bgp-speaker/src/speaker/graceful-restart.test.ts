import { describe, expect, it } from "vitest";
import { findCapability } from "../capability.ts";
import { INITIAL_CONTEXT } from "../codec-context.ts";
import { decodeMessage } from "../message/index.ts";
import { capabilitiesOf } from "../message/open.ts";
import { frame, KEEPALIVE, peerOpen } from "../testing/model-peer.ts";
import { type Bench, createBench, desired, route } from "./bench.test.support.ts";
import { peersOf } from "./peers-of.ts";

const NOTIFICATION = 3;
const offered = { gracefulRestart: { restartTime: 120 } };
/** The Graceful Restart capability of a router that only helps, RFC 4724 §4.2: no families. */
const helper = [64, 2, 0, 120];
/** The same with the Notification bit of RFC 8538. */
const notificationHelper = [64, 2, 0x40, 120];

const notifications = (bench: Bench): readonly (readonly number[])[] =>
  bench.model.messages.filter(({ type }) => type === NOTIFICATION).map(({ body }) => [...body]);
const closes = (bench: Bench): readonly boolean[] =>
  bench.effects.flatMap((effect) => (effect.type === "CloseTcp" ? [effect.graceful] : []));

/** The last OPEN that the speaker sent. */
function lastOpen(bench: Bench) {
  const body = bench.model.messages.findLast(({ type }) => type === 1)?.body ?? new Uint8Array(0);
  const decoded = decodeMessage(frame(1, ...body), INITIAL_CONTEXT);
  if (!decoded.ok || decoded.value.type !== "OPEN") throw new Error("no OPEN");
  return capabilitiesOf(decoded.value);
}

describe("a speaker that stops", () => {
  const text = "bye";
  const octets = [3, 98, 121, 101];

  it.each([
    { name: "restarts, the router helps", config: offered, extra: helper, restarting: true, sent: [] },
    {
      name: "restarts, the router helps after any end",
      config: offered,
      extra: notificationHelper,
      restarting: true,
      sent: [],
    },
    {
      name: "restarts, the router does not help",
      config: offered,
      extra: [],
      restarting: true,
      sent: [[6, 2, ...octets]],
    },
    { name: "restarts, not offered", config: {}, extra: helper, restarting: true, sent: [[6, 2, ...octets]] },
    { name: "ends, the router helps", config: offered, extra: helper, restarting: false, sent: [[6, 2, ...octets]] },
    {
      name: "ends, the router helps after any end",
      config: offered,
      extra: notificationHelper,
      restarting: false,
      sent: [[6, 9, 6, 2, ...octets]],
    },
  ])("$name", ({ config, extra, restarting, sent }) => {
    const bench = createBench(config);
    bench.establish({ extra });
    bench.dispatch({ type: "Stop", communication: text, restarting });
    expect(notifications(bench)).toEqual(sent);
    expect(closes(bench)).toEqual([true]);
    expect(peersOf(bench.state)[0]?.state).toBe("Idle");
    bench.dispatch({ type: "TcpClosed", peer: "router", connection: bench.connection(), reason: "closed" });
    expect(bench.effects.at(-1)).toEqual({ type: "Stopped" });
  });

  it.each([
    { name: "before the OPEN of the router", config: offered, octets: [], sent: [] },
    { name: "before the KEEPALIVE of the router", config: offered, octets: [peerOpen({ extra: helper })], sent: [] },
    { name: "before the OPEN, not offered", config: {}, octets: [], sent: [[6, 2, 3, 98, 121, 101]] },
    {
      name: "before the KEEPALIVE, the router does not help",
      config: offered,
      octets: [peerOpen()],
      sent: [[6, 2, 3, 98, 121, 101]],
    },
  ])("for a restart $name", ({ config, octets: received, sent }) => {
    const bench = createBench(config);
    bench.dispatch({ type: "TcpConnected", peer: "router", connection: 1, local: "192.0.2.10" as never });
    for (const each of received) bench.receive(each);
    bench.dispatch({ type: "Stop", communication: text, restarting: true });
    expect(notifications(bench)).toEqual(sent);
  });

  it("writes what was wanted before it closes", () => {
    const bench = createBench(offered);
    bench.establish({ extra: helper });
    bench.dispatch(desired(["web", [route("203.0.113.7/32")]]));
    bench.dispatch({ type: "Stop", communication: "", restarting: true });
    expect([...bench.model.held.keys()]).toEqual(["4 cb007107/32"]);
    expect(bench.effects.findIndex(({ type }) => type === "CloseTcp")).toBeGreaterThan(
      bench.effects.findLastIndex(({ type }) => type === "SendOctets"),
    );
  });
});

describe("a peer that is taken away", () => {
  it.each([
    { extra: helper, sent: [[6, 3]] },
    { extra: notificationHelper, sent: [[6, 9, 6, 3]] },
  ])("is told so that it drops the routes", ({ extra, sent }) => {
    const bench = createBench(offered);
    bench.establish({ extra });
    bench.dispatch({ type: "PeersConfigured", peers: [] });
    expect(notifications(bench)).toEqual(sent);
  });

  it("keeps them while its configuration changes, where any NOTIFICATION is a restart to it", () => {
    const bench = createBench(offered);
    bench.establish({ extra: notificationHelper });
    const config = bench.state.peers.get("router")?.config;
    if (config === undefined) throw new Error("no peer");
    bench.dispatch({ type: "PeersConfigured", peers: [{ ...config, holdTime: 30 }] });
    expect(notifications(bench)).toEqual([[6, 6]]);
  });
});

describe("the OPEN", () => {
  it("says Restart State in the first session only, Forwarding State in all, and the Notification bit", () => {
    const bench = createBench(offered);
    bench.establish({ extra: helper });
    const family = (afi: number): object => ({ family: { afi, safi: 1 }, forwardingState: true });
    const wanted = {
      type: "GracefulRestart",
      restartState: true,
      notification: true,
      restartTime: 120,
      families: [family(1), family(2)],
    };
    expect(findCapability(lastOpen(bench), "GracefulRestart")).toEqual(wanted);
    bench.dispatch({ type: "TcpClosed", peer: "router", connection: bench.connection(), reason: "ECONNRESET" });
    bench.wait(5_000);
    bench.establish({ extra: helper });
    expect(findCapability(lastOpen(bench), "GracefulRestart")).toEqual({ ...wanted, restartState: false });
  });

  it("says Restart State until a session was Established", () => {
    const bench = createBench(offered);
    bench.dispatch({ type: "TcpConnected", peer: "router", connection: 1, local: "192.0.2.10" as never });
    bench.dispatch({ type: "TcpClosed", peer: "router", connection: 1, reason: "ECONNRESET" });
    bench.wait(20_000);
    bench.establish({ extra: helper });
    expect(findCapability(lastOpen(bench), "GracefulRestart")?.restartState).toBe(true);
  });

  it("offers long-lived graceful restart with its stale time alone, and beside graceful restart only", () => {
    const bench = createBench({ gracefulRestart: { restartTime: 30, staleTime: 3_600 } });
    bench.establish({ extra: helper });
    const stale = (afi: number): object => ({ family: { afi, safi: 1 }, forwardingState: true, staleTime: 3_600 });
    expect(findCapability(lastOpen(bench), "LongLivedGracefulRestart")).toEqual({
      type: "LongLivedGracefulRestart",
      families: [stale(1), stale(2)],
    });
    const without = createBench(offered);
    without.establish({ extra: helper });
    expect(findCapability(lastOpen(without), "LongLivedGracefulRestart")).toBeNull();
    const none = createBench();
    none.establish({ extra: helper });
    expect(findCapability(lastOpen(none), "GracefulRestart")).toBeNull();
  });
});

describe("End-of-RIB", () => {
  it("comes behind the routes that are wanted at the start, in each family", () => {
    const bench = createBench(offered);
    bench.dispatch(desired(["web", [route("203.0.113.7/32"), route("2001:db8:1::7/128")]]));
    const updates = (): readonly number[] =>
      bench.model.messages.flatMap(({ type, length }) => (type === 2 ? [length] : []));
    bench.establish({ extra: helper });
    expect(bench.model.endOfRibs).toEqual(["IPv4", "IPv6"]);
    expect(updates().slice(-2)).toEqual([23, 29]);
    expect(bench.model.held.size).toBe(2);
  });

  it("of a router that has restarted is not waited for", () => {
    const restarted = [64, 6, 0x80, 120, 0, 1, 1, 0x80];
    const bench = createBench(offered);
    bench.dispatch(desired(["web", [route("203.0.113.7/32")]]));
    bench.dispatch({ type: "TcpConnected", peer: "router", connection: 1, local: "192.0.2.10" as never });
    bench.receive(peerOpen({ extra: restarted }));
    bench.receive(KEEPALIVE);
    expect([...bench.model.held.keys()]).toEqual(["4 cb007107/32"]);
  });
});

it("a Hard Reset of a router is read with its text", () => {
  const bench = createBench(offered);
  bench.establish({ extra: notificationHelper });
  bench.receive(frame(NOTIFICATION, 6, 9, 6, 2, 3, 98, 121, 101));
  expect(peersOf(bench.state)[0]?.lastError).toMatchObject({
    notification: { name: "Cease/Hard Reset", communication: "bye" },
  });
});
