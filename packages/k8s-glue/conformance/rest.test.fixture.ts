import { summaryOf } from "@herald-lb/k8s-glue/ipam";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { expect } from "vitest";
import { pool } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";

/** The addresses and the pool that each Service's status says. */
export function shownBy(cluster: TestCluster): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...cluster.services.keys()].map((key) => [key, cluster.show(key)]));
}

/** True if two Services may hold one address, by the rules as they are written (§4.5). */
function mayShare(one: Service, other: Service): boolean {
  const key = (service: Service): string => service.metadata?.annotations?.["metallb.io/allow-shared-ip"] ?? "";
  const backend = (service: Service): string =>
    service.spec?.externalTrafficPolicy === "Local" ? JSON.stringify(service.spec.selector) : "";
  const ports = (service: Service): readonly string[] =>
    (service.spec?.ports ?? []).map(({ port, protocol = "TCP" }) => `${protocol}/${port}`);
  if (key(one) === "" || key(one) !== key(other) || backend(one) !== backend(other)) return false;
  return ports(one).every((port) => !ports(other).includes(port));
}

/** The addresses of a pool, one by one: for pools as small as these, whose entries differ in their last number alone. */
function membersOf(each: ReturnType<typeof pool>): readonly string[] {
  const { spec } = each as { spec: { addresses: string[]; avoidBuggyIPs?: boolean; excludeAddresses?: string[] } };
  const { addresses, avoidBuggyIPs = false, excludeAddresses = [] } = spec;
  const members = addresses.flatMap((entry) => {
    const [, stem = "", first = "", length = ""] = /^(.*[.:])(\d*)\/(\d+)$/u.exec(entry) ?? [];
    const count = 2 ** ((stem.includes(":") ? 128 : 32) - Number(length));
    return Array.from({ length: count }, (_, at) =>
      stem.includes(":") && at === 0 ? stem : `${stem}${Number(first) + at}`,
    );
  });
  const avoided = (ip: string): boolean => avoidBuggyIPs && /\.(?:0|255)$/u.test(ip);
  return members.filter((ip) => !avoided(ip) && !excludeAddresses.includes(ip));
}

/** Holds every address against the pools, and against its other holders. */
export function expectLegal(cluster: TestCluster, pools: readonly ReturnType<typeof pool>[]): void {
  const holders = new Map<string, Service[]>();
  for (const [key, service] of cluster.services) {
    const { ips, pool: from } = cluster.show(key);
    expect(ips.length > 0).toBe(from !== null);
    const members = pools.filter(({ metadata }) => metadata?.name === from).flatMap(membersOf);
    for (const ip of ips) {
      expect(members, `${key} of ${from}`).toContain(ip);
      for (const other of holders.get(ip) ?? []) {
        expect(mayShare(service, other), `${key} and ${other.metadata?.name} on ${ip}`).toBe(true);
      }
      holders.set(ip, [...(holders.get(ip) ?? []), service]);
    }
  }
}

/** Holds that the pending Services are those whose explanation has a refusal, and that no Service would get anything else by another reconcile. */
export function expectExplained(cluster: TestCluster): void {
  for (const [key, service] of cluster.services) {
    const { result } = cluster.ledger.explain(service, cluster.now);
    if (result.type === "NotOurs" || result.type === "Released") {
      expect(cluster.ledger.pending.has(key)).toBe(false);
      continue;
    }
    const { assignment, refusal } = summaryOf(result);
    expect(cluster.ledger.pending.has(key), key).toBe(refusal !== null);
    expect(cluster.show(key), key).toEqual({ ips: assignment?.addresses ?? [], pool: assignment?.pool ?? null });
  }
}

/**
 * Reconciles everything again, and nothing changes but the messages of pending Services: where several conditions refuse a request, the
 * one that is named may be another by now.
 */
export function expectRest(cluster: TestCluster): void {
  const shown = shownBy(cluster);
  for (const again of ["once", "twice"]) {
    cluster.forgetHistory();
    for (const key of cluster.services.keys()) cluster.look(key);
    cluster.reconcile();
    const written = [...cluster.writes.keys()];
    if (again === "twice") expect(written).toEqual([]);
    expect(written.filter((key) => !cluster.ledger.pending.has(key))).toEqual([]);
    expect(shownBy(cluster)).toEqual(shown);
  }
}

/** The Services that have all they ask for, with what they have. */
export function contented(cluster: TestCluster): ReadonlyMap<string, unknown> {
  const served = [...cluster.services.keys()].filter((key) => !cluster.ledger.pending.has(key));
  return new Map(served.map((key) => [key, cluster.show(key)]));
}
