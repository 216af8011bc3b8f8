import type { Logger } from "@herald-lb/daemon";
import { type L2AnnouncementFacts, noAvoidedNodes } from "@herald-lb/k8s-glue/announce";
import type { Occurrence } from "@herald-lb/k8s-glue/client";
import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { EndpointSlice, Node, Service } from "@herald-lb/k8s-glue/objects";
import { type IpAddress, type MacAddress, parseIpAddress } from "@herald-lb/sansio";
import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import type { Caches } from "./caches.ts";
import { Layer2 } from "./layer2.ts";
import type { ToWorker } from "./worker/protocol.ts";

const object = (kind: string, name: string, spec: object): object => ({
  apiVersion: "metallb.io/v1beta1",
  kind,
  metadata: { name, namespace: "metallb-system", uid: name, generation: 1 },
  spec,
});
const configuration = readConfiguration([
  object("IPAddressPool", "pool", { addresses: ["192.0.2.0/24"] }) as never,
  object("L2Advertisement", "all", { refreshInterval: "60s", arpAnnouncementForm: "Reply", sticky: true }) as never,
]);
const key = "default/web";
const RIVAL = "02:00:5e:00:53:99" as MacAddress;
const cause = { reason: "Started" as const, previous: null };
const address = ((): IpAddress => {
  const parsed = parseIpAddress("192.0.2.1");
  if (!parsed.ok) throw new Error("address");
  return parsed.value;
})();

function web(ip: string, type = "LoadBalancer"): Service {
  return {
    metadata: { name: "web", namespace: "default", uid: "u" },
    spec: { type },
    status: { loadBalancer: { ingress: [{ ip }] } },
  };
}

interface Rival {
  readonly ip: string;
  readonly interface: string;
  readonly mac: string;
}

interface Bench {
  readonly layer2: Layer2;
  readonly clock: VirtualClock;
  readonly told: ToWorker[];
  readonly events: Occurrence[];
  readonly statuses: string[];
  readonly announced: string[];
  /** The reasons of the takeovers that were counted. */
  readonly takeovers: string[];
  /** The causes in the statuses. */
  readonly causes: L2AnnouncementFacts["cause"][];
  /** The rivals in the metric. */
  readonly rivals: string[];
  readonly warnings: string[];
}

function bench(): Bench {
  const clock = createVirtualClock();
  const rivals: string[] = [];
  const warnings: string[] = [];
  const told: ToWorker[] = [];
  const events: Occurrence[] = [];
  const statuses: string[] = [];
  const announced: string[] = [];
  const takeovers: string[] = [];
  const causes: L2AnnouncementFacts["cause"][] = [];
  const slices: readonly EndpointSlice[] = [{ endpoints: [{ addresses: ["10.0.0.1"], nodeName: "n1" }] }] as never;
  const nodes = new Map<string, Node>(["n1", "n2"].map((name) => [name, { metadata: { name } }]));
  const service = web("192.0.2.1");
  const caches = {
    services: { store: { get: () => service } },
    slicesOf: () => slices,
    sharersOf: () => [],
    nodesByName: () => nodes,
    reference: () => ({ apiVersion: "v1", kind: "Service", name: "web" }),
  } as unknown as Caches;
  const layer2 = new Layer2({
    node: "n1",
    clock,
    caches,
    configuration: { current: () => configuration },
    ignoreExcludeLb: false,
    avoidedNodes: noAvoidedNodes,
    loadBalancerClass: null,
    tell: (message) => void told.push(message),
    events: { record: (occurrence) => void events.push(occurrence) },
    statuses: {
      layer2Announced: (of, { addresses, interfaces, cause, conflicts = [] }) => {
        const rest = conflicts.map((each) => `, ${each.address} ${each.interface} ${each.hardwareAddress}`);
        statuses.push(`${of} ${String(addresses)} on ${String(interfaces)}${rest.join("")}`);
        causes.push(cause);
      },
      layer2Ended: (of) => void statuses.push(`${of} ended`),
    },
    metrics: {
      announced: {
        set: ({ ip }: { ip: string }) => void announced.push(ip),
        remove: ({ ip }: { ip: string }) => void announced.splice(announced.indexOf(ip), 1),
      },
      takeovers: { inc: ({ reason }: { reason: string }) => void takeovers.push(reason) },
      rivals: {
        set: ({ ip, interface: on, mac }: Rival) => void rivals.push(`${ip} ${on} ${mac}`),
        remove: ({ ip, interface: on, mac }: Rival) => void rivals.splice(rivals.indexOf(`${ip} ${on} ${mac}`), 1),
      },
    } as never,
    log: {
      info() {},
      warn: (_facts: object, message: string) => void warnings.push(message),
      debug() {},
    } as unknown as Logger,
  });
  return { layer2, clock, told, events, statuses, announced, takeovers, causes, rivals, warnings };
}

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
    const { layer2, told } = bench();
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
});
