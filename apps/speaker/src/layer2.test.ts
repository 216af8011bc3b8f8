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
const configurationOf = (advertisement: object) =>
  readConfiguration([
    object("IPAddressPool", "pool", { addresses: ["192.0.2.0/24", "2001:db8::/64"] }) as never,
    object("L2Advertisement", "all", advertisement) as never,
  ]);
const key = "default/web";
const cause = { reason: "Started" as const, previous: null };
const address = ((): IpAddress => {
  const parsed = parseIpAddress("192.0.2.1");
  if (!parsed.ok) throw new Error("address");
  return parsed.value;
})();

function web(ip: string, type = "LoadBalancer", ...more: string[]): Service {
  return {
    metadata: { name: "web", namespace: "default", uid: "u" },
    spec: { type },
    status: { loadBalancer: { ingress: [ip, ...more].map((each) => ({ ip: each })) } },
  };
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
  readonly conflicts: string[];
  readonly warnings: string[];
  /** Changes the only L2Advertisement. */
  readonly advertise: (spec: object) => void;
}

function bench(): Bench {
  let configuration = configurationOf({});
  const clock = createVirtualClock();
  const conflicts: string[] = [];
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
      layer2Announced: (of, { addresses, interfaces, cause }) => {
        statuses.push(`${of} ${String(addresses)} on ${String(interfaces)}`);
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
      conflicts: { inc: ({ ip }: { ip: string }) => void conflicts.push(ip) },
    } as never,
    log: {
      info() {},
      warn: (_facts: object, message: string) => void warnings.push(message),
      debug() {},
    } as unknown as Logger,
  });
  const advertise = (spec: object): void => void (configuration = configurationOf(spec));
  return { advertise, layer2, clock, told, events, statuses, announced, takeovers, causes, conflicts, warnings };
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

  it("counts every conflict, and logs one about an address only every ten seconds", () => {
    const { layer2, clock, warnings, conflicts } = bench();
    const conflict = { type: "Conflict", address, by: "02:00:5e:00:53:99" as MacAddress, interface: "eth0" } as const;
    layer2.conflict(conflict);
    layer2.conflict(conflict);
    clock.advanceBy(10_000);
    layer2.conflict(conflict);
    expect(conflicts).toEqual(["192.0.2.1", "192.0.2.1", "192.0.2.1"]);
    expect(warnings).toHaveLength(2);
  });
});
