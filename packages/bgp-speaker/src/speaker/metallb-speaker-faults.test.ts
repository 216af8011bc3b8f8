import { describe, expect, it } from "vitest";
import { frame, KEEPALIVE, peerOpen } from "../testing/model-peer.ts";
import { createBench, route, desired } from "./bench.test.support.ts";
import { peersOf } from "./peers-of.ts";

describe("what MetalLB's own speaker does wrong", () => {
  it("drops a peer that falls silent when the Hold Time is over", () => {
    const bench = createBench();
    bench.establish({ hold: 9 });
    bench.wait(8_999);
    expect(peersOf(bench.state)[0]?.state).toBe("Established");
    bench.wait(1);
    expect([...(bench.model.messages.at(-1)?.body ?? [])]).toEqual([4, 0]);
  });

  it("leaves a peer alone that sends a NOTIFICATION right after the OPEN, and one that closes at once", () => {
    for (const last of ["notification", "close"]) {
      const bench = createBench({ connectTime: 1 });
      const connects = (): number => bench.effects.filter((effect) => effect.type === "ConnectTcp").length;
      let seen = 0;
      const end = 600_000;
      while (bench.now < end) {
        if (connects() > seen) {
          seen = connects();
          const connection = bench.connection();
          bench.dispatch({ type: "TcpConnected", peer: "router", connection, local: "192.0.2.10" as never });
          if (last === "notification") bench.receive(frame(3, 6, 5));
          bench.dispatch({ type: "TcpClosed", peer: "router", connection, reason: "closed" });
        }
        bench.wait(100);
      }
      expect(connects()).toBeLessThan(16);
      expect(connects()).toBeGreaterThan(7);
    }
  });

  it("splits withdrawals of 2000 host routes into messages of at most 4096 octets, and packs their announcements", () => {
    const bench = createBench();
    const routes = Array.from({ length: 2000 }, (_, n) => route(`10.0.${n >> 8}.${n & 0xff}/32`));
    bench.dispatch(desired(["web", routes]));
    bench.establish();
    expect(bench.model.held.size).toBe(2000);
    bench.dispatch(desired(["web", []]));
    expect(bench.model.held.size).toBe(0);
    expect(Math.max(...bench.model.messages.map((message) => message.length))).toBeLessThanOrEqual(4096);
    expect(bench.model.messages.filter((message) => message.type === 2).length).toBe(3 + 2 + 3);
  });

  it("sends LOCAL_PREF 100 to internal peers when none is asked for, and none to external ones", () => {
    const internal = createBench({ peerAs: "internal" });
    internal.dispatch(desired(["web", [route("203.0.113.7/32")]]));
    internal.establish({ as: 64512 });
    expect(internal.model.held.get("4 cb007107/32")?.attributes).toMatchObject({ 2: "", 5: "00000064" });
    const external = createBench();
    external.dispatch(desired(["web", [route("203.0.113.7/32", { localPref: 7 })]]));
    external.establish();
    expect(external.model.held.get("4 cb007107/32")?.attributes[5]).toBeUndefined();
  });

  it("awaits the peer's KEEPALIVE before it sends an UPDATE", () => {
    const bench = createBench();
    bench.dispatch(desired(["web", [route("203.0.113.7/32")]]));
    bench.dispatch({
      type: "TcpConnected",
      peer: "router",
      connection: bench.connection(),
      local: "192.0.2.10" as never,
    });
    bench.receive(peerOpen());
    expect(bench.model.messages.map((message) => message.type)).toEqual([1, 4]);
    expect(peersOf(bench.state)[0]?.state).toBe("OpenConfirm");
  });

  it("sends a Cease with its reason when it stops, closes gracefully, and says when that is done", () => {
    const bench = createBench();
    bench.establish();
    const effects = bench.dispatch({ type: "Stop", communication: "rolling update" });
    const body = bench.model.messages.at(-1)?.body ?? new Uint8Array(0);
    expect([...body.subarray(0, 3)]).toEqual([6, 2, 14]);
    expect(new TextDecoder().decode(body.subarray(3))).toBe("rolling update");
    expect(effects).toContainEqual({ type: "CloseTcp", peer: "router", connection: 1, graceful: true });
    expect(bench.dispatch({ type: "TcpClosed", peer: "router", connection: 1, reason: "" })).toEqual([
      { type: "Stopped" },
    ]);
    expect(bench.wait(1_000_000)).toEqual([]);
  });

  it("sends Peer De-configured to a peer that is taken away", () => {
    const bench = createBench();
    bench.establish();
    bench.dispatch({ type: "PeersConfigured", peers: [] });
    expect([...(bench.model.messages.at(-1)?.body ?? [])]).toEqual([6, 3]);
    expect(peersOf(bench.state)).toEqual([]);
  });

  it("gives up a peer that takes nothing for eight minutes though it keeps talking", () => {
    const bench = createBench();
    bench.establish();
    bench.stuck = true;
    for (let minute = 0; minute < 10; minute++) {
      bench.receive(KEEPALIVE);
      bench.wait(60_000);
    }
    expect(bench.effects).toContainEqual(expect.objectContaining({ on: "SendHoldTimer_Expires", from: "Established" }));
  });
});
