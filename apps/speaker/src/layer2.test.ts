import type { TakeoverCause } from "@herald-lb/arp-responder";
import type { IpAddress, MacAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { address, bench, cause, key, RIVAL, web } from "./layer2.test.fixture.ts";

describe("Layer2", () => {
  it("tells the worker only what changed", () => {
    const { layer2, told } = bench();
    layer2.reconcile(key, web("192.0.2.1"));
    layer2.reconcile(key, web("192.0.2.1"));
    expect(told).toMatchObject([{ type: "AnnouncementRequested", request: { key, addresses: ["192.0.2.1"] } }]);
    layer2.reconcile(key, web("192.0.2.2"));
    expect(told).toHaveLength(2);
    layer2.reconcile(key, undefined);
    layer2.reconcile(key, undefined);
    expect(told.slice(2)).toEqual([{ type: "AnnouncementWithdrawn", key }]);
  });

  it("tells the worker how the advertisement wants it announced", () => {
    const { layer2, told, advertise } = bench();
    advertise({ refreshInterval: "60s", arpAnnouncementForm: "Reply", sticky: true });
    layer2.reconcile(key, web("192.0.2.1"));
    const cadence = { refreshInterval: 60_000, form: "Reply" };
    expect(told).toMatchObject([{ request: { cadence, sticky: true } }]);
  });

  it("wants nothing for what has no address of a pool, or is no load balancer any more", () => {
    const { layer2, told } = bench();
    layer2.reconcile(key, web("198.51.100.1"));
    expect(told).toEqual([]);
    layer2.reconcile(key, web("192.0.2.1"));
    layer2.reconcile(key, web("192.0.2.1", "ClusterIP"));
    expect(told.at(-1)).toEqual({ type: "AnnouncementWithdrawn", key });
  });

  it("says once that this node announces, and counts it until it does not", () => {
    const { layer2, events, statuses, announced } = bench();
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: null, cause });
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: null, cause });
    expect(events.map(({ reason }) => reason)).toEqual(["nodeAssigned"]);
    expect(announced).toEqual(["192.0.2.1"]);
    layer2.receive({ type: "NotAnnouncing", key, to: "n2" });
    expect(announced).toEqual([]);
    expect(statuses).toEqual([`${key} 192.0.2.1 on all`, `${key} 192.0.2.1 on all`, `${key} ended`]);
  });

  it("tells in the status who found the announcer before it dead, and counts each takeover once", () => {
    const { layer2, causes, takeovers } = bench();
    const died = { reason: "NodeDied" as const, previous: "n2" };
    layer2.learnDeath("n2", ["n1", "n3"]);
    // The membership's word comes after the watchers' agreement, and names one of them.
    layer2.learnDeath("n2", ["n1"]);
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: null, cause: died });
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: ["eth0"], cause: died });
    expect(causes).toEqual([
      { ...died, detectedBy: ["n1", "n3"] },
      { ...died, detectedBy: ["n1", "n3"] },
    ]);
    expect(takeovers).toEqual(["NodeDied"]);
    layer2.receive({ type: "NotAnnouncing", key, to: "n2" });
    layer2.forgetDeath("n2");
    layer2.learnDeath("n2", ["n4"]);
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: null, cause: died });
    expect(causes.at(-1)?.detectedBy).toEqual(["n4"]);
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: null, cause });
    expect(causes.at(-1)).toEqual({ ...cause, detectedBy: [] });
  });

  it("warns for all nodes that none is on the subnet", () => {
    const { layer2, events, warnings } = bench();
    layer2.receive({ type: "NotAnnouncing", key, to: null, offSubnet: [address] });
    expect(events.map(({ type, reason, message }) => `${type} ${reason}: ${message.slice(0, 89)}`)).toEqual([
      'Warning announceFailed: no node that may announce the service has an interface on the subnet of "192.0.2.1", whic',
    ]);
    expect(warnings).toHaveLength(1);
  });

  it("warns when no selected interface is there, and announces when one comes", () => {
    const { layer2, events, statuses, announced } = bench();
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: [], cause });
    expect(announced).toEqual([]);
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: ["eth1"], cause });
    expect(announced).toEqual(["192.0.2.1"]);
    expect(events.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      "Warning announceFailed",
      "Normal nodeAssigned",
    ]);
    expect(statuses).toEqual([`${key} ended`, `${key} 192.0.2.1 on eth1`]);
  });

  it("asks for each family apart on request, and withdraws what is asked for no longer", () => {
    const { layer2, told, advertise } = bench();
    const both = web("192.0.2.1", "LoadBalancer", "2001:db8::1");
    layer2.reconcile(key, both);
    advertise({ electionScope: "IPFamily" });
    layer2.reconcile(key, both);
    layer2.reconcile(key, both);
    advertise({});
    layer2.reconcile(key, both);
    layer2.reconcile(key, undefined);
    const said = told.map((each) =>
      each.type === "AnnouncementRequested"
        ? `${each.request.key} ${String(each.request.addresses)}`
        : `${each.type} ${"key" in each ? each.key : ""}`,
    );
    expect(said).toEqual([
      `${key} 192.0.2.1,2001:db8::1`,
      `${key} 192.0.2.1`,
      `${key}#IPv6 2001:db8::1`,
      `${key} 192.0.2.1,2001:db8::1`,
      `AnnouncementWithdrawn ${key}#IPv6`,
      `AnnouncementWithdrawn ${key}`,
    ]);
  });

  it("has one status for the families that this node announces", () => {
    const { layer2, statuses, announced } = bench();
    const six = `${key}#IPv6`;
    const v6 = "2001:db8::1" as IpAddress;
    layer2.receive({ type: "Announcing", key: six, addresses: [v6], interfaces: ["eth1"], cause });
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: ["eth0"], cause });
    expect(announced).toEqual(["2001:db8::1", "192.0.2.1"]);
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: null, cause });
    layer2.receive({ type: "NotAnnouncing", key: six, to: "n2" });
    layer2.receive({ type: "NotAnnouncing", key, to: "n2" });
    expect(announced).toEqual([]);
    expect(statuses).toEqual([
      `${key} 2001:db8::1 on eth1`,
      `${key} 192.0.2.1,2001:db8::1 on eth0,eth1`,
      `${key} 192.0.2.1,2001:db8::1 on all`,
      `${key} 192.0.2.1 on all`,
      `${key} ended`,
    ]);
  });

  it("warns of claims to an address only every ten seconds", () => {
    const { layer2, clock, warnings } = bench();
    const conflict = { type: "Conflict", address, by: RIVAL, interface: "eth0" } as const;
    layer2.receiveConflict(conflict);
    layer2.receiveConflict(conflict);
    clock.advanceBy(10_000);
    layer2.receiveConflict(conflict);
    expect(warnings).toHaveLength(2);
  });

  it("does not count or report an address that is probed, and does once it is announced", () => {
    const { layer2, events, statuses, announced } = bench();
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: null, cause, tentative: [address] });
    expect([events, statuses, announced]).toEqual([[], [], []]);
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: null, cause });
    expect(events.map(({ reason }) => reason)).toEqual(["nodeAssigned"]);
    expect(statuses).toEqual([`${key} 192.0.2.1 on all`]);
    expect(announced).toEqual(["192.0.2.1"]);
  });

  it("names the rival of an address once in an Event and a warning, and in metric and status while it is there", () => {
    const { layer2, events, statuses, announced, warnings, rivals } = bench();
    const found = { type: "RivalFound", address, by: RIVAL, interface: "eth0" } as const;
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: null, cause, tentative: [address] });
    layer2.receiveConflict(found);
    // Found again, as after another probe, without an announcement between.
    layer2.receiveConflict({ type: "RivalGone", address, interface: "eth0" });
    layer2.receiveConflict(found);
    expect(events.map(({ type, reason, message }) => [type, reason, message])).toEqual([
      [
        "Warning",
        "addressConflict",
        `address "192.0.2.1" is in use by another station, ${RIVAL}, on interface "eth0" of node "n1", which does not announce it there until the station is gone`,
      ],
    ]);
    expect(warnings).toHaveLength(1);
    expect(rivals).toEqual([`192.0.2.1 eth0 ${RIVAL}`]);
    expect(announced).toEqual([]);
    expect(statuses.at(-1)).toBe(`${key}  on all, 192.0.2.1 eth0 ${RIVAL}`);
    layer2.receiveConflict({ type: "RivalGone", address, interface: "eth0" });
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: null, cause });
    expect(rivals).toEqual([]);
    expect(statuses.at(-1)).toBe(`${key} 192.0.2.1 on all`);
    expect(announced).toEqual(["192.0.2.1"]);
    // A rival that comes back after the address was announced is news.
    layer2.receiveConflict(found);
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: null, cause, tentative: [address] });
    expect(events.map(({ reason }) => reason)).toEqual(["addressConflict", "nodeAssigned", "addressConflict"]);
    expect(announced).toEqual([]);
    layer2.receive({ type: "NotAnnouncing", key, to: null });
    expect(statuses.at(-1)).toBe(`${key} ended`);
  });

  it("has an Event for another rival, and none for a storm of the same", () => {
    const { layer2, events, rivals } = bench();
    layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: null, cause, tentative: [address] });
    for (let i = 0; i < 1_000; i++)
      layer2.receiveConflict({ type: "RivalFound", address, by: RIVAL, interface: "eth0" });
    const by = "02:00:5e:00:53:88" as MacAddress;
    layer2.receiveConflict({ type: "RivalFound", address, by, interface: "eth0" });
    expect(events).toHaveLength(2);
    expect(rivals).toEqual([`192.0.2.1 eth0 ${by}`]);
  });

  it("tells the controller of each rival, and whether the address is announced beside it, also when the Service has another", () => {
    const { layer2, reported } = bench();
    const rival = { address, hardwareAddress: RIVAL, interface: "eth1" };
    layer2.receiveConflict({ type: "RivalFound", address, by: RIVAL, interface: "eth1" });
    expect(layer2.conflicts).toEqual([{ ...rival, announcedElsewhere: true }]);
    layer2.receiveConflict({ type: "RivalFound", address, by: RIVAL, interface: "eth0" });
    layer2.receiveConflict({ type: "ContestedChanged", address, contested: true });
    expect(layer2.conflicts).toEqual([{ ...rival, interface: "eth0" }, rival]);
    layer2.receive({ type: "NotAnnouncing", key: "default/web", to: null });
    expect(layer2.conflicts).toHaveLength(2);
    layer2.receiveConflict({ type: "ContestedChanged", address, contested: false });
    layer2.receiveConflict({ type: "RivalGone", address, interface: "eth0" });
    layer2.receiveConflict({ type: "RivalGone", address, interface: "eth1" });
    expect(reported.map((each) => each.length)).toEqual([1, 2, 2, 2, 1, 0]);
  });

  it("has in status and metric how many clients this node serves, until it serves none", () => {
    const { layer2, statuses, clients, takeovers } = bench();
    const shared: TakeoverCause = { reason: "LoadSharing", previous: null };
    const serving = (sharedBy: readonly string[]): void =>
      layer2.receive({ type: "Announcing", key, addresses: [address], interfaces: null, cause: shared, sharedBy });
    serving(["n1", "n2"]);
    expect(statuses.at(-1)).toBe(`${key} 192.0.2.1 on all, ? of n1,n2`);
    layer2.receiveClients({ type: "ClientsCounted", counts: new Map([[address, 16]]) });
    expect(statuses.at(-1)).toBe(`${key} 192.0.2.1 on all, 16 of n1,n2`);
    expect([...clients]).toEqual([["192.0.2.1", 16]]);
    serving(["n1"]);
    expect(statuses.at(-1)).toBe(`${key} 192.0.2.1 on all, 16 of n1`);
    expect(takeovers).toEqual(["LoadSharing"]);
    layer2.receive({ type: "NotAnnouncing", key, to: "n2" });
    expect(statuses.at(-1)).toBe(`${key} ended`);
    expect(clients.size).toBe(0);
    // A count that was under way.
    const before = statuses.length;
    layer2.receiveClients({ type: "ClientsCounted", counts: new Map([[address, 17]]) });
    expect(clients.size).toBe(0);
    expect(statuses).toHaveLength(before);
  });

  it("adds up the clients of a Service's addresses", () => {
    const { layer2, statuses } = bench();
    const other = "2001:db8::1" as IpAddress;
    const shared: TakeoverCause = { reason: "LoadSharing", previous: null };
    const addresses = [address, other];
    layer2.receive({ type: "Announcing", key, addresses, interfaces: null, cause: shared, sharedBy: ["n1"] });
    const counts = new Map([
      [address, 2],
      [other, 3],
    ]);
    layer2.receiveClients({ type: "ClientsCounted", counts });
    expect(statuses.at(-1)).toBe(`${key} 192.0.2.1,2001:db8::1 on all, 5 of n1`);
  });
});
