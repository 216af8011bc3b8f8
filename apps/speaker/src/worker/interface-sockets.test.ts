import type { Interface, InterfaceIndex } from "@herald-lb/arp-responder";
import { err, type MacAddress, ok } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { InterfaceSockets, type OpenInterface } from "./interface-sockets.ts";

const eth = (index: InterfaceIndex): Interface => ({
  index,
  name: `eth${index}`,
  hardwareAddress: "02:00:5e:00:53:01" as MacAddress,
  up: true,
  carrier: true,
  linkLocalAddress: null,
});

/** Sockets whose opening can fail by index, with a log of what happened to them. */
function createBench(): {
  readonly sockets: InterfaceSockets;
  readonly log: string[];
  readonly failures: Map<InterfaceIndex, string>;
  readonly goneBy: Map<InterfaceIndex, () => void>;
} {
  const log: string[] = [];
  const failures = new Map<InterfaceIndex, string>();
  const goneBy = new Map<InterfaceIndex, () => void>();
  const open: OpenInterface = (index, _onFrame, onGone) => {
    const code = failures.get(index);
    if (code !== undefined) return err({ syscall: "socket", code, errno: 1 });
    log.push(`open ${index}`);
    goneBy.set(index, onGone);
    return ok({
      send() {},
      join() {},
      leave() {},
      discard: () => void log.push(`discard ${index}`),
      close: () => void log.push(`close ${index}`),
    });
  };
  const sockets = new InterfaceSockets({ open, onFrame() {}, onGone: (on) => void log.push(`gone ${on}`) });
  return { sockets, log, failures, goneBy };
}

describe("InterfaceSockets", () => {
  it("opens what is new, closes what is missing, and leaves the rest alone", () => {
    const { sockets, log } = createBench();
    sockets.follow([eth(1), eth(2)]);
    sockets.follow([eth(2), eth(3)]);
    expect(log).toEqual(["open 1", "open 2", "close 1", "open 3"]);
    expect(sockets.on(1)).toBeUndefined();
    expect(sockets.on(2)).toBeDefined();
  });

  it("returns the interfaces with sockets, and says why one has none until it has", () => {
    const { sockets, failures } = createBench();
    failures.set(2, "EPERM");
    expect(sockets.follow([eth(1), eth(2)]).map(({ index }) => index)).toEqual([1]);
    expect(sockets.problem).toBe("interface 2: socket: EPERM");
    failures.clear();
    expect(sockets.follow([eth(1), eth(2)]).map(({ index }) => index)).toEqual([1, 2]);
    expect(sockets.problem).toBeNull();
  });

  it.each(["ENODEV", "ENXIO"])("takes %s for an interface that is gone, which is no problem", (code) => {
    const { sockets, failures } = createBench();
    failures.set(1, code);
    expect(sockets.follow([eth(1)])).toEqual([]);
    expect(sockets.problem).toBeNull();
  });

  it("closes the sockets of an interface that went away before it tells of it, and opens them when it is back", () => {
    const { sockets, log, goneBy } = createBench();
    sockets.follow([eth(1)]);
    goneBy.get(1)?.();
    sockets.follow([eth(1)]);
    expect(log).toEqual(["open 1", "close 1", "gone 1", "open 1"]);
  });

  it("discards what waits on every interface", () => {
    const { sockets, log } = createBench();
    sockets.follow([eth(1), eth(2)]);
    log.length = 0;
    sockets.discard();
    expect(log).toEqual(["discard 1", "discard 2"]);
  });

  it("closes everything", () => {
    const { sockets, log } = createBench();
    sockets.follow([eth(1), eth(2)]);
    log.length = 0;
    sockets.close();
    sockets.close();
    expect(log).toEqual(["close 1", "close 2"]);
  });
});
