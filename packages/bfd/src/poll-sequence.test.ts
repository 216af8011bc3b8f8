import { describe, expect, it } from "vitest";
import { Bench, Pair, sentPackets } from "./bfd.test.fixture.ts";

/** A session whose two sides send once a second, up. */
const slow = (): Bench => new Bench({ desiredMinTxInterval: 1_000, requiredMinRxInterval: 1_000 }).up();

describe("a change of intervals", () => {
  it("polls for a new interval of either kind, and for nothing else", () => {
    for (const changes of [
      { desiredMinTxInterval: 60 },
      { requiredMinRxInterval: 60 },
      { requiredMinRxInterval: 20 },
    ]) {
      const bench = new Bench().up();
      bench.desire(changes);
      expect(sentPackets(bench.wait(50))[0]?.poll, JSON.stringify(changes)).toBe(true);
    }
    const bench = new Bench().up();
    bench.desire({ detectMult: 9 });
    expect(sentPackets(bench.wait(50))[0]).toMatchObject({ poll: false, detectMult: 9 });
  });

  it("polls with every packet until the answer comes, and no more after it", () => {
    const bench = new Bench().up();
    bench.desire({ desiredMinTxInterval: 60 });
    const asked = sentPackets(bench.wait(145)).map(({ poll }) => poll);
    expect(asked.length).toBeGreaterThanOrEqual(2);
    expect(new Set(asked)).toEqual(new Set([true]));
    bench.hear({ state: "Up", final: true });
    expect(new Set(sentPackets(bench.wait(140)).map(({ poll }) => poll))).toEqual(new Set([false]));
  });

  it("raises the detection time at once where a longer interval is asked for: the peer may use it at once", () => {
    const bench = new Bench().up();
    bench.desire({ requiredMinRxInterval: 400 });
    expect(bench.view.detectionTime).toBe(1_200);
  });

  it("in the midst of a Poll Sequence asks once more: the answer under way speaks of older values", () => {
    const bench = slow();
    bench.desire({ desiredMinTxInterval: 1_000, requiredMinRxInterval: 500 });
    expect(sentPackets(bench.wait(1_000))).toMatchObject([{ poll: true, requiredMinRxInterval: 500_000 }]);
    bench.desire({ desiredMinTxInterval: 1_000, requiredMinRxInterval: 50 });
    bench.hear({ state: "Up", final: true });
    // The peer has been told of 500 ms and sends so: 150 ms would be a loss.
    expect(bench.view.detectionTime).toBe(3_000);
    expect(sentPackets(bench.wait(1_000))).toMatchObject([{ poll: true, requiredMinRxInterval: 50_000 }]);
    bench.hear({ state: "Up", final: true });
    expect(bench.view.detectionTime).toBe(150);
    expect(sentPackets(bench.wait(1_000))).toMatchObject([{ poll: false }]);
  });

  it("in the midst of a Poll Sequence does not lengthen our interval before the peer knows", () => {
    const bench = new Bench().up();
    bench.desire({ desiredMinTxInterval: 100 });
    bench.wait(50);
    bench.desire({ desiredMinTxInterval: 800 });
    bench.hear({ state: "Up", final: true });
    expect(bench.view.transmitInterval).toBe(50);
    bench.hear({ state: "Up", final: true });
    expect(bench.view.transmitInterval).toBe(800);
  });

  it("is forgotten with the session: one that comes up anew polls for its own interval alone", () => {
    const bench = slow();
    bench.desire({ desiredMinTxInterval: 1_000, requiredMinRxInterval: 500 });
    bench.desire({ desiredMinTxInterval: 1_000, requiredMinRxInterval: 50 });
    const [down] = sentPackets(bench.hear({ state: "Down" }));
    expect(down).toMatchObject({ state: "Down", poll: false });
    bench.desire({ requiredMinRxInterval: 50 });
    bench.up();
    expect(sentPackets(bench.wait(50))).toMatchObject([{ state: "Up", poll: false }]);
    expect(bench.view.detectionTime).toBe(150);
  });

  it("while not up needs no Poll Sequence", () => {
    const bench = new Bench();
    bench.hear({ yourDiscriminator: 0, state: "Down" });
    bench.desire({ requiredMinRxInterval: 200 });
    expect(bench.view).toMatchObject({ state: "Init" });
    bench.hear({ state: "Down" });
    expect(bench.view.detectionTime).toBe(600);
    expect(sentPackets(bench.wait(590))).toEqual([]);
  });
});

describe("an answer", () => {
  it("has the F bit and never the P bit, even while we poll ourselves", () => {
    const bench = new Bench().up();
    bench.desire({ desiredMinTxInterval: 60 });
    expect(sentPackets(bench.hear({ state: "Up", poll: true }))).toMatchObject([{ final: true, poll: false }]);
    expect(sentPackets(bench.wait(50))[0]).toMatchObject({ final: false, poll: true });
  });

  it("tells a new state as well: one packet, not two", () => {
    const bench = new Bench();
    const sent = sentPackets(bench.hear({ yourDiscriminator: 0, state: "Down", poll: true }));
    expect(sent).toMatchObject([{ state: "Init", final: true }]);
  });

  it("comes while we are silent for the peer's sake", () => {
    const bench = new Bench().up();
    bench.hear({ state: "Up", requiredMinRxInterval: 0 });
    expect(sentPackets(bench.hear({ state: "Up", requiredMinRxInterval: 0, poll: true }))).toHaveLength(1);
  });

  it("that nobody asked for changes nothing", () => {
    const bench = new Bench().up();
    const { packetsReceived, ...before } = bench.view;
    bench.hear({ state: "Up", final: true });
    expect(bench.view).toEqual({ ...before, packetsReceived: packetsReceived + 1 });
  });
});

describe("two sides", () => {
  it("stay up when both change their intervals again and again", () => {
    const pair = new Pair(5, { delay: 10, jitter: 5 }).up(
      { desiredMinTxInterval: 300, requiredMinRxInterval: 300 },
      { desiredMinTxInterval: 300, requiredMinRxInterval: 300 },
    );
    expect(pair.view("a")?.state).toBe("Up");
    pair.changes.length = 0;
    // The F bit does not say which packet it answers: a round trip must be shorter than an interval.
    const intervals = [1_000, 500, 60, 800, 50, 2_000, 100];
    for (let round = 0; round < 200; round++) {
      const of = (shift: number): number => intervals[(round * 3 + shift) % intervals.length] ?? 0;
      pair.desire(round % 2 === 0 ? "a" : "b", { desiredMinTxInterval: of(0), requiredMinRxInterval: of(2) });
      pair.network.run(1 + ((round * 37) % 300));
    }
    pair.network.run(60_000);
    expect(pair.changes).toEqual([]);
  });
});
