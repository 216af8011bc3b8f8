import { createRandom } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { Pair } from "./bfd.test.fixture.ts";
import type { BfdAuthentication } from "./config.ts";
import { decodeControlPacket, Diagnostic } from "./control-packet.ts";

const secret = new Uint8Array(20).fill(3);
const sha1: BfdAuthentication = { type: "MeticulousKeyedSha1", keys: [{ id: 1, secret }] };

interface Losses {
  /** Reports of a side that was up, whose peer was up as well. */
  readonly known: number;
  /** The fewest packets of the peer that were lost in a row before such a report. */
  readonly fewest: number;
}

/** A minute in which packets are lost, over ten seeds, and the recovery from it. */
function losses(share: number, authentication: BfdAuthentication | null = null): Losses {
  let [known, fewest] = [0, Infinity];
  for (let seed = 1; seed <= 10; seed++) {
    const pair = new Pair(seed).up({ authentication }, { authentication });
    const random = createRandom(seed + 100);
    const inARow = { a: 0, b: 0 };
    let [seen, loss] = [pair.reports.length, share];
    // A side that finds a loss tells it at once: this is called right after the report.
    pair.drops = (from) => {
      const other = from === "a" ? "b" : "a";
      for (const { from: was, diagnostic } of pair.reports.slice(seen)) {
        if (was !== "Up" || diagnostic !== Diagnostic.ControlDetectionTimeExpired) continue;
        // A peer that has left Up sends once a second, and the packet that said so may be lost.
        if (pair.view(other)?.state !== "Up") continue;
        known++;
        fewest = Math.min(fewest, inARow[other]);
      }
      seen = pair.reports.length;
      const isLost = random() < loss;
      inARow[from] = isLost ? inARow[from] + 1 : 0;
      return isLost;
    };
    pair.network.run(60_000);
    loss = 0;
    pair.network.run(10_000);
    expect([pair.view("a")?.state, pair.view("b")?.state], `seed ${seed}`).toEqual(["Up", "Up"]);
  }
  return { known, fewest };
}

describe("lost packets", () => {
  it.each([0.02, 0.1, 0.2, 0.3])(
    "at %f end a session after three in a row and not sooner, and it finds back",
    (share) => {
      const { known, fewest } = losses(share);
      expect(fewest).toBeGreaterThanOrEqual(3);
      if (share >= 0.1) expect(known).toBeGreaterThan(0);
    },
  );

  it("close no window of sequence numbers", () => {
    const { known, fewest } = losses(0.2, sha1);
    expect(known).toBe(losses(0.2).known);
    expect(fewest).toBeGreaterThanOrEqual(3);
  });

  it("never end a session if there are not three in a row", () => {
    for (const dropped of [
      [true, false],
      [true, true, false],
    ]) {
      const pair = new Pair(7, { jitter: 2 }).up();
      pair.changes.length = 0;
      const counts = { a: 0, b: 0 };
      pair.drops = (from) => dropped[counts[from]++ % dropped.length] ?? false;
      pair.network.run(120_000);
      // Two of three are lost: the third comes after 150 ms less the jitter.
      expect(pair.changes).toEqual([]);
    }
  });

  it("one way only: the deaf side says 1, the other 3, whichever it is", () => {
    for (const deaf of ["a", "b"] as const) {
      const other = deaf === "a" ? "b" : "a";
      const pair = new Pair(4).up();
      pair.drops = (from) => from === other;
      pair.network.run(200);
      expect(pair.view(deaf)).toMatchObject({ state: "Down", diagnostic: 1 });
      expect(pair.view(other)).toMatchObject({ state: "Down", diagnostic: 3, remoteDiagnostic: 1 });
      // Down is all that the deaf side says: the session cannot come up one way.
      pair.network.run(60_000);
      expect(pair.changes.filter((change) => change.endsWith("Up"))).toHaveLength(2);
    }
  });
});

describe("packets that are late, double or in disorder", () => {
  it("end no session", () => {
    const pair = new Pair(9, { delay: 20, jitter: 45 }).up();
    expect(pair.view("a")?.state).toBe("Up");
    pair.changes.length = 0;
    pair.network.run(60_000);
    expect(pair.changes).toEqual([]);
  });

  it("end no session with meticulous numbers: what was overtaken is ignored", () => {
    const pair = new Pair(9, { delay: 1, jitter: 49 }).up({ authentication: sha1 }, { authentication: sha1 });
    pair.changes.length = 0;
    const packets = pair.network.sent.length;
    pair.network.run(60_000);
    expect(pair.network.sent.length - packets).toBeGreaterThan(2_000);
    expect(pair.changes).toEqual([]);
    expect(new Set(pair.ignored)).toEqual(new Set(["BadSequence"]));
  });
});

describe("a record of a session under MeticulousKeyedSha1", () => {
  it("is of no use later, to either side, whole or by single packets", () => {
    const pair = new Pair(6).up({ authentication: sha1 }, { authentication: sha1 });
    pair.desire("b", { authentication: sha1, administrativelyDown: true });
    pair.network.run(2_000);
    pair.desire("b", { authentication: sha1 });
    pair.network.run(5_000);
    const recorded = [...pair.network.sent];
    const states = new Set(
      recorded.map(({ message }) => {
        const decoded = decodeControlPacket(message);
        return decoded.ok ? decoded.value.state : null;
      }),
    );
    expect(states).toEqual(new Set(["AdminDown", "Down", "Init", "Up"]));
    pair.changes.length = 0;
    pair.ignored.length = 0;
    const random = createRandom(8);
    for (let replayed = 0; replayed < 10_000; replayed++) {
      const packet = recorded[Math.floor(random() * recorded.length)];
      if (packet === undefined) throw new Error("nothing recorded");
      const { from, to, message } = packet;
      pair.dispatch(to as "a" | "b", pair.packetFrom(from as "a" | "b", message));
      if (replayed % 20 === 0) pair.network.run(7);
    }
    expect(pair.changes).toEqual([]);
    expect(pair.ignored.length).toBe(10_000);
    expect([pair.view("a")?.state, pair.view("b")?.state]).toEqual(["Up", "Up"]);
  });
});
