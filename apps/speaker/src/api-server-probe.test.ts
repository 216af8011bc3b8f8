import type { Transport } from "@herald-lb/k8s-glue/client";
import { err, ok } from "@herald-lb/sansio";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { ApiServerProbe } from "./api-server-probe.ts";

type Answer = Awaited<ReturnType<Transport["request"]>>;

function createBench(): {
  readonly probe: ApiServerProbe;
  readonly probed: boolean[];
  readonly requests: () => number;
  readonly answer: (answer: "version" | "refused" | "silence") => Promise<void>;
  readonly pass: (milliseconds: number) => void;
} {
  const clock = createVirtualClock();
  const probed: boolean[] = [];
  const waiting: ((answer: Answer) => void)[] = [];
  let requests = 0;
  const transport = {
    request: () =>
      new Promise((resolve) => {
        requests++;
        waiting.push(resolve as (answer: Answer) => void);
      }),
  } as unknown as Transport;
  const failed = (status: number): Answer => err({ code: "Other", status, message: "" } as never);
  return {
    probe: new ApiServerProbe({ transport, clock, onProbed: (reached) => void probed.push(reached) }),
    probed,
    requests: () => requests,
    async answer(answer) {
      waiting.shift()?.(answer === "version" ? ok({}) : failed(answer === "refused" ? 403 : 0));
      await Promise.resolve();
      await Promise.resolve();
    },
    pass: (milliseconds) => clock.advanceBy(milliseconds),
  };
}

describe("ApiServerProbe", () => {
  it("asks once a second while it is wanted, and takes any answer of the server for contact", async () => {
    const { probe, probed, requests, answer, pass } = createBench();
    probe.want(true);
    probe.want(true);
    expect(requests()).toBe(1);
    await answer("version");
    pass(999);
    expect(requests()).toBe(1);
    pass(1);
    await answer("refused");
    pass(1_000);
    await answer("silence");
    expect(probed).toEqual([true, true, false]);
  });

  it("tells nothing more once it is not wanted", async () => {
    const { probe, probed, requests, answer, pass } = createBench();
    probe.want(true);
    probe.want(false);
    await answer("version");
    pass(10_000);
    expect(probed).toEqual([]);
    expect(requests()).toBe(1);
    probe.want(true);
    expect(requests()).toBe(2);
  });
});
