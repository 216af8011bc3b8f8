import type { Service } from "@herald-lb/k8s-glue/objects";
import { instant } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultAllocationPolicy } from "../demand/policy.ts";
import { servicePatch } from "../status/service-patch.ts";
import type { AllocationResult } from "./allocation-result.ts";
import { pool, pools, service, type ServiceFields } from "./cluster-objects.test.fixture.ts";
import { Ledger } from "./ledger.ts";

const small = pools(pool("small", ["192.0.2.1-192.0.2.2"]));

const NOW = instant(0);

function addressesOf(result: AllocationResult): readonly string[] {
  if (result.type === "Decided") return result.outcome.assignment?.addresses ?? [];
  return result.type === "Refused" ? (result.kept?.assignment?.addresses ?? []) : [];
}

function reconcile(ledger: Ledger, name: string, fields: ServiceFields = {}): readonly string[] {
  return addressesOf(ledger.reconcile(`default/${name}`, service(name, fields), NOW));
}

describe("Ledger", () => {
  it("takes back what it gave a Service of its class that is no load balancer any more, for which the API server drops the class", () => {
    const ledger = new Ledger({ ...defaultAllocationPolicy, loadBalancerClass: "x" }, small);
    const web = service("web", { class: "x" });
    const given = servicePatch(web, ledger.reconcile("default/web", web, NOW), "now");
    const annotations = { "metallb.io/ip-allocated-from-pool": "small" };
    const flipped: Service = {
      ...service("web", { type: "ClusterIP", annotations }),
      status: { loadBalancer: {}, conditions: given?.status?.conditions ?? [] },
    };
    const result = ledger.reconcile("default/web", flipped, NOW);
    expect(result).toEqual({ type: "Released" });
    expect(servicePatch(flipped, result, "now")).toEqual({
      metadata: { resourceVersion: "1", annotations: { "metallb.io/ip-allocated-from-pool": null } },
      status: { conditions: null },
    });
    const plain = service("plain", { type: "ClusterIP" });
    expect(ledger.reconcile("default/plain", plain, NOW)).toEqual({ type: "NotOurs" });
  });

  it("assigns no Service what another's status records, in any order", () => {
    const ledger = new Ledger(defaultAllocationPolicy, small);
    ledger.adopt([service("old", { ips: ["192.0.2.1"] }), service("new")]);
    expect(reconcile(ledger, "new")).toEqual(["192.0.2.2"]);
    expect(reconcile(ledger, "old", { ips: ["192.0.2.1"] })).toEqual(["192.0.2.1"]);
  });

  it("leaves an address that two record with the older one", () => {
    const ledger = new Ledger(defaultAllocationPolicy, small);
    const young = { ips: ["192.0.2.1"], created: "2026-02-02T00:00:00Z" };
    const old = { ips: ["192.0.2.1"], created: "2026-01-01T00:00:00Z" };
    ledger.adopt([service("young", young), service("old", old)]);
    expect(reconcile(ledger, "young", young)).toEqual(["192.0.2.2"]);
    expect(reconcile(ledger, "old", old)).toEqual(["192.0.2.1"]);
  });

  it("leaves a Service what a former leader's late write gave it, while nothing else was written", () => {
    const ledger = new Ledger(defaultAllocationPolicy, small);
    expect(reconcile(ledger, "a")).toEqual(["192.0.2.1"]);
    expect(reconcile(ledger, "a", { ips: ["192.0.2.2"] })).toEqual(["192.0.2.2"]);
    expect(reconcile(ledger, "b")).toEqual(["192.0.2.1"]);
  });

  it("takes what a former leader's late write doubled from the Service that came with it", () => {
    const ledger = new Ledger(defaultAllocationPolicy, small);
    expect([reconcile(ledger, "a"), reconcile(ledger, "b")]).toEqual([["192.0.2.1"], ["192.0.2.2"]]);
    expect(reconcile(ledger, "b", { ips: ["192.0.2.1"] })).toEqual(["192.0.2.2"]);
    expect(reconcile(ledger, "a", { ips: ["192.0.2.1"] })).toEqual(["192.0.2.1"]);
  });

  it("keeps who waits, and says when something became free for them", () => {
    const ledger = new Ledger(defaultAllocationPolicy, small);
    for (const name of ["a", "b", "c"]) reconcile(ledger, name);
    expect([...ledger.pending]).toEqual(["default/c"]);
    ledger.forget("default/a", NOW);
    expect(ledger.takeWoken(NOW)).toEqual(["default/c"]);
    expect(reconcile(ledger, "c")).toEqual(["192.0.2.1"]);
    expect([...ledger.pending]).toEqual([]);
    ledger.forget("default/a", NOW);
    expect(ledger.takeWoken(NOW)).toEqual([]);
  });

  it("frees what a Service holds that is a load balancer no more, or another's", () => {
    const ledger = new Ledger(defaultAllocationPolicy, small);
    reconcile(ledger, "a");
    reconcile(ledger, "b");
    expect(ledger.reconcile("default/a", service("a", { type: "ClusterIP" }), NOW)).toEqual({ type: "Released" });
    expect(ledger.reconcile("default/b", service("b", { class: "other" }), NOW)).toEqual({ type: "NotOurs" });
    expect(reconcile(ledger, "c")).toEqual(["192.0.2.1"]);
  });

  it("says that there is room beside a Service that gave a port back", () => {
    const ledger = new Ledger(defaultAllocationPolicy, pools(pool("one", ["192.0.2.1/32"])));
    const shared = { "metallb.io/allow-shared-ip": "key" };
    reconcile(ledger, "a", { annotations: shared, ports: [80, 443] });
    expect(reconcile(ledger, "b", { annotations: shared, ports: [443] })).toEqual([]);
    reconcile(ledger, "a", { annotations: shared, ports: [80] });
    expect(ledger.takeWoken(NOW)).toEqual(["default/b"]);
    expect(reconcile(ledger, "b", { annotations: shared, ports: [443] })).toEqual(["192.0.2.1"]);
  });

  it("lets a Service keep what it holds while its request cannot be read", () => {
    const ledger = new Ledger(defaultAllocationPolicy, small);
    expect(reconcile(ledger, "a")).toEqual(["192.0.2.1"]);
    const unreadable = { annotations: { "metallb.io/address-pool": "none" } };
    expect(reconcile(ledger, "a", unreadable)).toEqual(["192.0.2.1"]);
    expect([...ledger.pending]).toEqual(["default/a"]);
    expect(reconcile(ledger, "b", unreadable)).toEqual([]);
  });

  it("moves a Service only when its pool went, and counts who holds what", () => {
    const ledger = new Ledger(defaultAllocationPolicy, small);
    reconcile(ledger, "a");
    ledger.configure(pools(pool("big", ["192.0.2.0/24"])));
    expect(reconcile(ledger, "a")).toEqual(["192.0.2.1"]);
    expect(ledger.servicesByPool()).toEqual(new Map([["big", 1]]));
    ledger.configure(pools(pool("else", ["198.51.100.0/30"])));
    expect(reconcile(ledger, "a")).toEqual(["198.51.100.0"]);
    expect(ledger.usageOf("else")?.IPv4).toEqual({ assigned: 1n, available: 3n });
  });

  it("never moves a Service nor assigns an address twice, whatever is created, deleted or elected", () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    const events = fc.array(fc.tuple(fc.constantFrom("come", "go", "look", "elect"), fc.constantFrom(...names)), {
      maxLength: 60,
    });
    const configuration = pools(pool("four", ["192.0.2.4/30"]));
    fc.assert(
      fc.property(events, (happened) => {
        let ledger = new Ledger(defaultAllocationPolicy, configuration);
        /** The statuses as the API server has them. */
        const cluster = new Map<string, Service>();
        const write = (name: string): void => {
          const before = cluster.get(name);
          const ips = addressesOf(ledger.reconcile(`default/${name}`, before ?? service(name), NOW));
          const held = before?.status?.loadBalancer?.ingress?.map(({ ip }) => ip) ?? [];
          if (held.length > 0) expect(ips).toEqual(held);
          cluster.set(name, service(name, { ips }));
        };
        for (const [event, name] of happened) {
          if (event === "come") write(name);
          else if (event === "look" && cluster.has(name)) write(name);
          else if (event === "go") {
            cluster.delete(name);
            ledger.forget(`default/${name}`, NOW);
            for (const key of ledger.takeWoken(NOW)) write(key.slice(8));
          } else if (event === "elect") {
            ledger = new Ledger(defaultAllocationPolicy, configuration);
            ledger.adopt([...cluster.values()]);
            for (const each of [...cluster.keys()].toReversed()) write(each);
          }
          const given = [...cluster.values()].flatMap((each) => each.status?.loadBalancer?.ingress ?? []);
          expect(new Set(given.map(({ ip }) => ip)).size).toBe(given.length);
          // Nobody waits while something is free.
          expect(given.length).toBe(Math.min(4, cluster.size));
        }
      }),
      { numRuns: 200 },
    );
  });
});
