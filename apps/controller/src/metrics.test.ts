import { defaultAllocationPolicy, Ledger } from "@herald-lb/k8s-glue/ipam";
import type { KubernetesObject, Service } from "@herald-lb/k8s-glue/objects";
import { instant } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { pool, pools, service } from "./cluster-objects.test.fixture.ts";
import { createControllerMetrics } from "./metrics.ts";

const NOW = instant(0);

/** The figures of a cluster with these pools and Services, by name and labels as Prometheus reads them. */
async function figuresOf(
  objects: readonly KubernetesObject[],
  services: readonly Service[],
): Promise<ReadonlyMap<string, number>> {
  const configuration = pools(...objects);
  const ledger = new Ledger(defaultAllocationPolicy, { configuration, namespaces: new Map(), quotas: new Map() });
  for (const each of services) ledger.reconcile(`default/${each.metadata?.name}`, each, NOW);
  const metrics = createControllerMetrics();
  metrics.show(
    ledger,
    configuration.pools.map(({ pool: { name } }) => name),
  );
  const { text } = await metrics.exposition();
  const lines = text.split("\n").filter((line) => /^(?:metallb|herald)_/.test(line));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
  );
}

describe("the allocator's figures under MetalLB's names", () => {
  it("count Services, which MetalLB's metallb_allocator_services_allocated_total never does", async () => {
    const shared = { annotations: { "metallb.io/allow-shared-ip": "key" } };
    const figures = await figuresOf(
      [pool("a", ["192.0.2.0/30"]), pool("b", ["198.51.100.0/31"], { autoAssign: false })],
      [service("one"), service("two", { ...shared, ports: [80] }), service("three", { ...shared, ports: [443] })],
    );
    expect(figures.get('metallb_allocator_services_allocated_total{pool="a"}')).toBe(3);
    expect(figures.get('metallb_allocator_services_allocated_total{pool="b"}')).toBe(0);
    expect(figures.get('metallb_allocator_addresses_in_use_total{pool="a"}')).toBe(2);
    expect(figures.get('metallb_allocator_ipv4_addresses_in_use_total{pool="a"}')).toBe(2);
    expect(figures.get('metallb_allocator_addresses_total{pool="a"}')).toBe(4);
    expect(figures.get('metallb_allocator_ipv6_addresses_total{pool="a"}')).toBe(0);
  });

  it.each([
    { name: "IPv6 first", addresses: ["2001:db8::/64", "192.0.2.0/24"] },
    { name: "IPv6 last", addresses: ["192.0.2.0/24", "2001:db8::/64"] },
    { name: "two of IPv6, the wide one first", addresses: ["2001:db8::/64", "2001:db8:1::/120"] },
  ])("never go below nothing for a pool wider than 64 bits can count: $name", async ({ addresses }) => {
    const figures = await figuresOf([pool("wide", addresses)], []);
    expect(figures.get('metallb_allocator_addresses_total{pool="wide"}')).toBeGreaterThanOrEqual(2 ** 64);
    expect(figures.get('metallb_allocator_addresses_in_use_total{pool="wide"}')).toBe(0);
  });

  it("say how many Services wait, and for what", async () => {
    const figures = await figuresOf(
      [pool("one", ["192.0.2.0/32"])],
      [
        service("first"),
        service("second"),
        service("third"),
        service("lost", { annotations: { "metallb.io/address-pool": "none" } }),
      ],
    );
    expect(figures.get('herald_services_pending{code="PoolsExhausted"}')).toBe(2);
    expect(figures.get('herald_services_pending{code="UnknownPool"}')).toBe(1);
  });
});
