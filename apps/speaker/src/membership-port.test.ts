import { createLog } from "@herald-lb/daemon";
import { err, ok, parseIpAddress, type Result } from "@herald-lb/sansio";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { MembershipPort } from "./membership-port.ts";
import type { MembershipStreams } from "./membership-streams.ts";
import type { StreamEffect } from "./worker/protocol.ts";

const parsed = parseIpAddress("192.0.2.1");
if (!parsed.ok) throw new Error("bad address");
const bind = { address: parsed.value, port: 7946 };
const effect: StreamEffect = { type: "CloseStream", stream: "dial-1" };

/** A port whose attempts to open have these results, one after the other: "opens", or the code of an error. */
function bench(...results: readonly string[]): {
  readonly port: MembershipPort;
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly seen: string[];
} {
  const seen: string[] = [];
  const clock = createVirtualClock();
  const streams: MembershipStreams = { perform: ({ type }) => seen.push(type), close: () => seen.push("closed") };
  let attempt = 0;
  const port = new MembershipPort({
    bind,
    clock,
    log: createLog("speaker", "none"),
    open: async (): Promise<Result<MembershipStreams, string>> => {
      const result = results[attempt++] ?? "opens";
      seen.push(result);
      return result === "opens" ? ok(streams) : err(result);
    },
    tell: () => {},
  });
  return { port, clock, seen };
}

describe("the TCP port of the memberlist cluster", () => {
  it("is tried once a second until it is open, and says meanwhile what is wrong", async () => {
    const { port, clock, seen } = bench("EADDRNOTAVAIL", "EADDRINUSE");
    await port.start();
    expect(port.problem).toBe("192.0.2.1 port 7946: EADDRNOTAVAIL");
    port.perform(effect);
    clock.advanceBy(999);
    expect(seen).toEqual(["EADDRNOTAVAIL"]);
    for (const _ of [1, 2]) {
      clock.advanceBy(1_000);
      await Promise.resolve();
      await Promise.resolve();
    }
    expect(seen).toEqual(["EADDRNOTAVAIL", "EADDRINUSE", "opens"]);
    expect(port.problem).toBeNull();
    port.perform(effect);
    expect(seen.at(-1)).toBe("CloseStream");
  });

  it("is not tried again once it was closed, and closed when it opens too late", async () => {
    const failing = bench("EADDRINUSE");
    await failing.port.start();
    failing.port.close();
    failing.clock.advanceBy(5_000);
    expect(failing.seen).toEqual(["EADDRINUSE"]);

    const late = bench("opens");
    const opening = late.port.start();
    late.port.close();
    await opening;
    expect(late.seen).toEqual(["opens", "closed"]);
  });

  it("is not opened by a speaker without a cluster", async () => {
    const port = new MembershipPort({
      bind: null,
      clock: createVirtualClock(),
      log: createLog("speaker", "none"),
      open: () => Promise.reject(new Error("opened")),
      tell: () => {},
    });
    await port.start();
    expect(port.problem).toBeNull();
  });
});
