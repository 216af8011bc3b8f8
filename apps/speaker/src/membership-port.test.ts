import { err, type IpAddress, ok, type Result } from "@herald-lb/sansio";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { MembershipPort } from "./membership-port.ts";
import type { MembershipStreams } from "./membership-streams.ts";
import type { StreamEffect } from "./worker/protocol.ts";

const closeStream: StreamEffect = { type: "CloseStream", stream: "accepted-0" };

/** A port whose opening is answered by the test, and what was done on its streams and logged. */
function createBench(): {
  readonly port: MembershipPort;
  readonly tries: () => number;
  readonly answer: (failure: string | null) => Promise<void>;
  readonly pass: (milliseconds: number) => void;
  readonly performed: StreamEffect[];
  readonly closed: () => boolean;
  readonly errors: object[];
} {
  const clock = createVirtualClock();
  const waiting: ((opened: Result<MembershipStreams, string>) => void)[] = [];
  const performed: StreamEffect[] = [];
  const errors: object[] = [];
  let tries = 0;
  let closed = false;
  const streams: MembershipStreams = {
    perform: (effect) => void performed.push(effect),
    close: () => {
      closed = true;
    },
  };
  const port = new MembershipPort({
    bind: { address: "192.0.2.1" as IpAddress, port: 7946 },
    clock,
    openStreams: () =>
      new Promise((resolve) => {
        tries++;
        waiting.push(resolve);
      }),
    tell() {},
    log: { error: (facts: object) => void errors.push(facts) } as never,
  });
  return {
    port,
    tries: () => tries,
    async answer(failure) {
      waiting.shift()?.(failure === null ? ok(streams) : err(failure));
      await Promise.resolve();
      await Promise.resolve();
    },
    pass: (milliseconds) => clock.advanceBy(milliseconds),
    performed,
    closed: () => closed,
    errors,
  };
}

describe("MembershipPort", () => {
  it("tries once a second until the port opens, and says meanwhile why it is not open", async () => {
    const { port, tries, answer, pass, errors } = createBench();
    void port.open();
    expect(port.problem).toBeNull();
    await answer("EADDRINUSE");
    expect(port.problem).toBe("192.0.2.1 port 7946: EADDRINUSE");
    expect(errors).toEqual([{ address: "192.0.2.1", port: 7946, code: "EADDRINUSE" }]);
    pass(999);
    expect(tries()).toBe(1);
    pass(1);
    expect(tries()).toBe(2);
    await answer(null);
    expect(port.problem).toBeNull();
    pass(60_000);
    expect(tries()).toBe(2);
  });

  it("carries out effects once it is open, and after the end, until it is closed", async () => {
    const { port, answer, performed, closed } = createBench();
    void port.open();
    port.perform(closeStream);
    expect(performed).toEqual([]);
    await answer(null);
    port.end();
    port.perform(closeStream);
    expect(performed).toEqual([closeStream]);
    expect(closed()).toBe(false);
    port.close();
    expect(closed()).toBe(true);
  });

  it("tries no more after the end", async () => {
    const { port, tries, answer, pass } = createBench();
    void port.open();
    await answer("EADDRINUSE");
    port.end();
    pass(60_000);
    expect(tries()).toBe(1);
  });
});
