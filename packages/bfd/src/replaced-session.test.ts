import type { IpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { Bench, Pair, sessionWith } from "./bfd.test.fixture.ts";
import type { BfdAuthentication } from "./config.ts";

const key = { id: 1, secret: new Uint8Array(20).fill(1) };
const authentications: readonly (BfdAuthentication | null)[] = [null, { type: "MeticulousKeyedSha1", keys: [key] }];

describe("a session that takes the place of an ended one", () => {
  it.each(
    authentications.flatMap((authentication) =>
      [10, 500, 2_000, 4_000, 20_000].map((apart) => ({ authentication, apart })),
    ),
  )(
    "comes up within a second and a half, and stays up ($apart ms apart, $authentication.type)",
    ({ authentication, apart }) => {
      const pair = new Pair().up({ authentication }, { authentication });
      pair.desire("a", null);
      pair.network.run(apart);
      pair.desire("a", { authentication });
      pair.network.run(1_500);
      expect(pair.view("a")?.state).toBe("Up");
      pair.changes.length = 0;
      pair.network.run(20_000);
      expect(pair.changes).toEqual([]);
      expect(pair.view("b")?.state).toBe("Up");
    },
  );

  it("is remembered for the last thousand peers alone", () => {
    const bench = new Bench();
    for (let peer = 0; peer < 1_500; peer++) {
      const remote = `198.18.${peer >> 8}.${peer & 255}` as IpAddress;
      bench.step({ type: "SessionsDesired", sessions: new Map([["peer", { ...sessionWith("b"), remote }]]) });
    }
    expect(bench.state.lastSequences.size).toBe(1_024);
  });
});
