import { describe, expect, it } from "vitest";
import { fast } from "./profile.ts";
import { alive, endpoint, joined, nonce, packet, report, run, started, step, wire } from "./machine.test.fixture.ts";
import { nodeName } from "./node-name.ts";
import type { MembershipState } from "./state.ts";
import { encodeStream } from "./wire/stream.ts";

/** A push/pull by which node-2 says that node-9 is alive at this incarnation. */
function pushPull(incarnation: number): Uint8Array {
  const node = {
    addr: Uint8Array.of(192, 0, 2, 9),
    port: 7946,
    meta: null,
    state: 0,
    vsn: Uint8Array.of(1, 5, 2, 0, 0, 0),
  };
  const nodes = [{ ...node, name: nodeName("node-9"), incarnation }];
  return encodeStream(wire, { type: "pushPull", join: true, userState: new Uint8Array(), nodes }, true, nonce);
}

function receivePushPull(state: MembershipState, incarnation: number, now: number): MembershipState {
  const open = step(state, { type: "StreamAccepted", stream: "a", from: endpoint(2) }, now).state;
  return step(open, { type: "StreamReceived", stream: "a", octets: pushPull(incarnation) }, now).state;
}

const stateOf = (state: MembershipState): string | undefined => state.members.get(nodeName("node-9"))?.state;
const early = step(run(joined), packet(2, report("dead", "node-9", 3, "node-2"))).state;

describe("the death of a node that is not known yet", () => {
  it("makes no member", () => {
    expect(stateOf(early)).toBeUndefined();
  });

  it.each([
    ["a push/pull that was written before it", receivePushPull(early, 3, 2_000)],
    ["gossip that was overtaken by it", step(early, packet(2, alive(9, 3)), 2_000).state],
  ])("is believed when the node becomes known by %s", (_, state) => {
    expect(stateOf(state)).toBe("dead");
  });

  it("is no news to the host: the node neither joins nor leaves", () => {
    const { effects } = step(early, packet(2, alive(9, 3)), 2_000);
    expect(effects.filter(({ type }) => type === "MembersChanged")).toEqual([]);
  });

  it("is not believed of a node that has refuted it, or is back", () => {
    expect(stateOf(receivePushPull(early, 4, 2_000))).toBe("alive");
    expect(stateOf(step(early, packet(2, alive(9, 4)), 2_000).state)).toBe("alive");
    const dead = receivePushPull(early, 3, 2_000);
    expect(stateOf(step(dead, packet(2, alive(9, 4)), 2_100).state)).toBe("alive");
  });

  it("counts for as long as a stream may take, and once", () => {
    expect(stateOf(receivePushPull(early, 3, 1_000 + fast.tcpTimeout))).toBe("dead");
    expect(stateOf(receivePushPull(early, 3, 1_001 + fast.tcpTimeout))).toBe("alive");
    expect(receivePushPull(early, 3, 2_000).earlyDeaths.size).toBe(0);
  });

  it("is remembered for a bounded number of nodes, the latest ones", () => {
    let state = run([started]);
    for (let first = 0; first < 10_000; first += 20) {
      const forged = Array.from({ length: 20 }, (_, at) => report("dead", `forged-${first + at}`, 1, "node-2"));
      state = step(state, packet(2, ...forged)).state;
    }
    expect(state.earlyDeaths.size).toBe(1_024);
    expect(state.earlyDeaths.has(nodeName("forged-9999"))).toBe(true);
    expect(state.earlyDeaths.has(nodeName("forged-0"))).toBe(false);
  });

  it("is forgotten when others come long after it", () => {
    const later = step(early, packet(2, report("dead", "node-8", 1, "node-2")), 1_001 + fast.tcpTimeout).state;
    expect([...later.earlyDeaths.keys()]).toEqual(["node-8"]);
  });
});
