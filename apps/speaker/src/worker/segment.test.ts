import type { InterfaceObserver, SystemError } from "@herald-lb/host";
import { err, type IpAddress, ok } from "@herald-lb/sansio";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { networkInterface } from "./network-interface.test.fixture.ts";
import { Segment } from "./segment.ts";

const eth0 = networkInterface();

/** A segment that is to announce one address, on an interface whose link is `carrier`, with a log of what it told, opened and sent. */
function createBench(watchFailure: SystemError | null = null): {
  readonly segment: Segment;
  readonly setLink: (carrier: boolean) => void;
  readonly takeLog: () => readonly string[];
} {
  const log: string[] = [];
  let observer: InterfaceObserver | null = null;
  const segment = new Segment({
    clock: createVirtualClock(),
    excludedInterfaces: "",
    seed: new Uint8Array(32),
    openInterface: () => {
      log.push("open");
      return ok({ send: () => void log.push("send"), join() {}, leave() {}, discard() {}, close() {} });
    },
    watchInterfaces: (each) => {
      observer = each;
      return watchFailure === null ? ok(undefined) : err(watchFailure);
    },
    tell: (event) => void log.push(event.type),
    post() {},
    counters: { add() {} },
    measurement: { desired() {}, announced: (address) => void log.push(`announced ${address}`) },
    problems: { note: (part, problem) => void (problem === null || log.push(`${part}: ${problem}`)) },
  });
  segment.start();
  const addresses = ["10.0.0.1" as IpAddress];
  segment.announce({ type: "Announce", key: "default/web", addresses, interfaces: "all" });
  return {
    segment,
    setLink: (carrier) => observer?.onChange([{ ...eth0, carrier }]),
    takeLog: () => log.splice(0),
  };
}

describe("Segment", () => {
  it("tells that a link is back before it announces there", () => {
    const { setLink, takeLog } = createBench();
    setLink(false);
    expect(takeLog()).toEqual(["open", "InterfacesChanged"]);
    setLink(true);
    const log = takeLog();
    expect(log[0]).toBe("LinkRestored");
    expect(log).toContain("announced 10.0.0.1");
    expect(log.at(-1)).toBe("InterfacesChanged");
  });

  it("tells which links are lost after the interfaces, and that none is once they are back", () => {
    const { setLink, takeLog } = createBench();
    setLink(true);
    takeLog();
    setLink(false);
    expect(takeLog()).toEqual(["InterfacesChanged", "LinksLost"]);
    setLink(true);
    expect(takeLog().slice(-2)).toEqual(["InterfacesChanged", "LinksLost"]);
  });

  it("opens no interface and tells nothing once it is closed", () => {
    const { segment, setLink, takeLog } = createBench();
    segment.close();
    takeLog();
    setLink(true);
    expect(takeLog()).toEqual([]);
  });

  it("notes that the interfaces cannot be followed", () => {
    const { takeLog } = createBench({ syscall: "socket", code: "EPERM", errno: 1 });
    expect(takeLog()).toEqual(["netlink: netlink: socket: EPERM"]);
  });
});
