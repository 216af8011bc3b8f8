import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import { keyOf, type Service } from "@herald-lb/k8s-glue/objects";
import { instant } from "@herald-lb/sansio";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultAllocationPolicy } from "../demand/policy.ts";
import { annotated, loadBalancerService, pool, type ServiceFields } from "../service-objects.test.fixture.ts";
import { allocationText } from "../status/allocation-text.ts";
import { explanationText } from "../status/explanation-text.ts";
import { TestCluster } from "../test-cluster.test.fixture.ts";
import type { AllocationResult } from "./allocation-result.ts";
import { Ledger } from "./ledger.ts";

const pools = [
  pool("a", ["192.0.2.0/31"]),
  pool("b", ["198.51.100.0/30", "2001:db8::/127"], { serviceAllocation: { namespaces: ["x"], priority: 1 } }),
  pool("manual", ["203.0.113.0/30"], { autoAssign: false, tenancy: { namespaces: ["y"] } }),
  pool("slow", ["203.0.113.16/31"], { autoAssign: false, coolDown: "10s", sticky: true }),
];
const variants: readonly ServiceFields[] = [
  {},
  { stack: "dual" },
  { stack: "v6" },
  { stack: "dual", policy: "RequireDualStack" },
  { annotations: annotated("address-pool", "manual") },
  { annotations: annotated("address-pool", "slow") },
  { annotations: annotated("address-pool", "none") },
  { annotations: annotated("loadBalancerIPs", "203.0.113.1") },
  { annotations: annotated("loadBalancerIPs", "192.0.2.0") },
  { annotations: annotated("loadBalancerIPs", "192.0.2.0,198.51.100.1") },
  { annotations: annotated("allow-shared-ip", "k"), ports: [443] },
  { annotations: { "herald-lb.io/addresses-per-family": "2" } },
  { spec: { type: "ClusterIP" } },
  { spec: { loadBalancerClass: "other" } },
];

describe("Ledger.explain", () => {
  it("says what the result will be, in the words of the condition, and changes nothing", () => {
    const step = fc.record({
      namespace: fc.constantFrom("x", "y"),
      name: fc.nat(4),
      fields: fc.nat(variants.length - 1),
      gone: fc.boolean(),
      after: fc.nat(8_000),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.boolean(), (steps, release) => {
        const cluster = new TestCluster({ impossibleRequests: release ? "Release" : "Keep" }).configure(...pools);
        for (const { namespace, name, fields, gone, after } of steps) {
          cluster.pass(after);
          const key = `${namespace}/s${name}`;
          if (gone) {
            cluster.delete(key).reconcile();
            continue;
          }
          cluster.apply(loadBalancerService(key, variants[fields] ?? {}));
          const service = cluster.services.get(key) as Service;
          const foretold = cluster.ledger.explain(service, cluster.now);
          expect(cluster.ledger.explain(service, cluster.now)).toEqual(foretold);
          expect(textOf(foretold.result)).toEqual(textOf(cluster.ledger.reconcile(key, service, cluster.now)));
          cluster.reconcile();
        }
      }),
      { numRuns: 200 },
    );
  });

  it("tells what a Service asks for, what every pool says to it, who holds what, and what comes of it", () => {
    const cluster = new TestCluster()
      .configure(
        pool("closed", ["203.0.113.0/30"], { serviceAllocation: { namespaces: ["x"] } }),
        pool("full", ["192.0.2.0/32"]),
        pool("manual", ["198.51.100.0/30"], { autoAssign: false }),
        pool("six", ["2001:db8::/126"]),
      )
      .apply(loadBalancerService("first"))
      .reconcile()
      .apply(loadBalancerService("web"))
      .reconcile();
    const explain = (service: Service): string => explanationText(cluster.ledger.explain(service, cluster.now));
    expect(explain(loadBalancerService("web")).split("\n")).toEqual([
      "Service default/web",
      "  asks for: one address of IPv4",
      "  pools, in the order in which they are tried:",
      "    full: no IPv4 address is free",
      "    six: no IPv4 addresses",
      "    manual: assigns nothing without a request: its autoAssign is off",
      "    closed: may not be used: its serviceAllocation is for others, or the service requests another pool",
      '  outcome: no available IPs: pool "full": no IPv4 address is free; pool "six": no IPv4 addresses',
    ]);
    const asks = loadBalancerService("web", { annotations: annotated("loadBalancerIPs", "192.0.2.0") });
    expect(explain(asks).split("\n")).toEqual(
      expect.arrayContaining([
        "  asks for: one address of IPv4, requesting 192.0.2.0",
        "    192.0.2.0: held by default/first",
        '  outcome: address 192.0.2.0 is held by "default/first": this service has no annotation metallb.io/allow-shared-ip',
      ]),
    );
    expect(explain(loadBalancerService("first")).split("\n")).toEqual(
      expect.arrayContaining([
        "    full: the service holds addresses of it",
        '  outcome: assigned 192.0.2.0 of pool "full"',
      ]),
    );
    expect(explain(loadBalancerService("web", { spec: { type: "ClusterIP" } }))).toContain(
      "it is not of type LoadBalancer",
    );
    expect(explain(loadBalancerService("web", { spec: { loadBalancerClass: "x" } }))).toContain(
      "its loadBalancerClass belongs to another load balancer",
    );
    const unreadable = loadBalancerService("web", { annotations: annotated("address-pool", "none") });
    expect(explain(unreadable)).toContain("asks for: one address of IPv4, of pool none, which cannot be granted");
    expect(explain(unreadable)).toContain('outcome: unknown pool "none"');
    const tenant = { ...annotated("allow-shared-ip", "k"), "herald-lb.io/addresses-per-family": "2" };
    expect(explain(loadBalancerService("web", { stack: "dual", annotations: tenant }))).toContain(
      'asks for: 2 addresses of each family, IPv4 first if not both, shared by key "k"',
    );
    expect(explain(loadBalancerService("web", { stack: "none" }))).toContain("asks for: a request that cannot be read");
  });

  it("works on a ledger in which nothing was reconciled", () => {
    const service = loadBalancerService("web", { ingress: [{ ip: "192.0.2.1" }] });
    const facts = { configuration: readConfiguration(pools), namespaces: new Map(), quotas: new Map() };
    const ledger = new Ledger(defaultAllocationPolicy, facts);
    const explanation = ledger.explain(service, instant(0));
    expect(explanation.service).toBe(keyOf(service));
    expect(textOf(explanation.result)).toBe('assigned 192.0.2.1 of pool "a"');
    expect(ledger.factsOf(keyOf(service))).toBeNull();
  });
});

function textOf(result: AllocationResult): string {
  if (result.type === "NotOurs" || result.type === "Released") return result.type;
  return allocationText(result);
}
