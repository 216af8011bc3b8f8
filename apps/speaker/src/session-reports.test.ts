import type { PeerConfig, PeerSnapshot } from "@herald-lb/bgp-speaker";
import { type IpAddress, instant } from "@herald-lb/sansio";
import { expect, it } from "vitest";
import { SessionReports } from "./session-reports.ts";

const counts = { open: 0, update: 0, notification: 0, keepalive: 0, routeRefresh: 0 };
const address = "192.0.2.1" as IpAddress;
const peer: PeerConfig = { name: "router", address, localAs: 64_512, peerAs: 65_001 };

it("tells of a session that comes up or is lost, and not of each attempt or reconciliation", () => {
  let snapshot: PeerSnapshot = {
    name: "router",
    configuredName: "router",
    address,
    port: 179,
    interface: null,
    prefix: null,
    state: "Connect",
    establishedAt: null,
    establishedCount: 0,
    session: null,
    sent: counts,
    received: counts,
    refusedPrefixes: 0,
    announcedPrefixes: 0,
    notAnnounced: [],
    lastError: null,
    bfd: null,
  };
  let changes = 0;
  const reports = new SessionReports(
    () => [snapshot],
    () => void changes++,
  );
  const changesBy = (change: Partial<PeerSnapshot>): number => {
    const before = changes;
    snapshot = { ...snapshot, ...change };
    reports.update();
    reports.update();
    reports.configure({ peers: [peer], issues: [] });
    return changes - before;
  };
  const refused = (at: number) =>
    ({ code: "TcpConnectionFails", reason: "ECONNREFUSED", state: "Connect", at: instant(at) }) as const;
  expect(changesBy({})).toBe(1);
  expect(changesBy({ state: "OpenSent" })).toBe(0);
  expect(changesBy({ state: "Idle", lastError: refused(1) })).toBe(1);
  expect(changesBy({ state: "Connect" })).toBe(0);
  expect(changesBy({ state: "Idle", lastError: refused(2) })).toBe(0);
  expect(changesBy({ state: "Established", announcedPrefixes: 3 })).toBe(1);
  expect(changesBy({ announcedPrefixes: 4, received: { ...counts, keepalive: 9 } })).toBe(0);
  expect(reports.current).toEqual([{ peer: "router", state: "Established" }]);
});
