/**
 * The life of Services in random order. Every case says what it leaves its Service with; all of them are applied to one cluster, in a
 * hundred orders, and each time a case leaves exactly that, whatever came before.
 *
 * What may come before: any of the other cases on the same Service or another, with the Service gone in between by one of several
 * ways; a case whose outcome does not follow from what the Service holds (a request that can be met, a type that has none) also straight
 * over what it held. What a Service holds is history by intention in one way only: an address that is legal stays. Hence a case that
 * would be met by several addresses begins with a Service that holds none, or makes itself the history that it is about.
 */
import { describe, expect, it } from "vitest";
import { loadBalancerService } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { MutationCase } from "./mutation-case.ts";
import { mutationCases } from "./mutation-cases.ts";
import { bystanders, fixedNamespaces, poolsWith } from "./mutation-cluster.ts";
import { oneOf, type Random, randomOf, shuffled } from "./random-order.ts";

type Policy = "Keep" | "Release";

function begin(policy: Policy, random: Random): TestCluster {
  const cluster = new TestCluster({ impossibleRequests: policy }, (count) => Math.floor(random() * count));
  reset(cluster);
  for (const [key, fields] of bystanders) cluster.apply(loadBalancerService(key, fields));
  return cluster.reconcile();
}

function reset(cluster: TestCluster): void {
  for (const [name, labels] of fixedNamespaces) cluster.namespace(name, labels);
  cluster.configure(...poolsWith({})).reconcile();
}

const waysToGo: readonly ((cluster: TestCluster, key: string) => unknown)[] = [
  (cluster, key) => cluster.delete(key),
  (cluster, key) => cluster.delete(key).reconcile(),
  (cluster, key) =>
    cluster
      .apply(loadBalancerService(key, { spec: { type: "ClusterIP" } }))
      .reconcile()
      .delete(key),
  (cluster, key) =>
    cluster
      .apply(loadBalancerService(key, { spec: { loadBalancerClass: "other" } }))
      .reconcile()
      .delete(key)
      .reconcile(),
  (cluster, key) => cluster.delete(key).elect().reconcile(),
];

function clear(cluster: TestCluster, random: Random, kept: string | null): void {
  for (const key of ["default/s", "team-a/s", "team-b/s"]) {
    if (key !== kept && cluster.services.has(key)) oneOf(random, waysToGo)(cluster, key);
  }
  cluster.reconcile();
}

/** Applies a case, and holds what it leaves against what it should. Returns the Events about its Service if that was new. */
function apply(cluster: TestCluster, policy: Policy, each: MutationCase, random: Random): readonly string[] | null {
  const isNew = !each.inPlace || random() < 0.5;
  clear(cluster, random, isNew ? null : each.key);
  cluster.forgetHistory();
  each.run(cluster);
  const reasons = cluster.reasons(each.key);
  expect(cluster.show(each.key)).toEqual(policy === "Release" ? (each.shownReleased ?? each.shown) : each.shown);
  for (const [key, , ips] of bystanders) expect(cluster.ips(key)).toEqual(ips);
  // At rest: neither another look nor another leader changes anything.
  cluster.forgetHistory();
  if (random() < 0.3) cluster.elect();
  for (const key of cluster.services.keys()) cluster.look(key);
  cluster.reconcile();
  expect([...cluster.writes.keys()]).toEqual([]);
  if (each.reconfigures) reset(cluster);
  return isNew ? reasons : null;
}

/** What is said of a case's Service where nothing came before. */
function saidAtFirst(policy: Policy, each: MutationCase): readonly string[] | null {
  const first = (): number => 0;
  return apply(begin(policy, first), policy, each, first);
}

describe("what is done to a Service", () => {
  it("is in the table at least sixty times over, by names of its own", () => {
    expect(mutationCases.length).toBeGreaterThanOrEqual(60);
    expect(new Set(mutationCases.map(({ name }) => name)).size).toBe(mutationCases.length);
  });

  it.each(mutationCases)("leaves it as it should: $name", (each) => {
    saidAtFirst("Keep", each);
    saidAtFirst("Release", each);
  });

  it.each([
    { policy: "Keep" as const, orders: 100 },
    { policy: "Release" as const, orders: 20 },
  ])(
    "leaves it so in $orders random orders, and says the same about it, with the policy $policy",
    ({ policy, orders }) => {
      const first = new Map(mutationCases.map((each) => [each.name, saidAtFirst(policy, each)]));
      for (let seed = 1; seed <= orders; seed += 1) {
        const random = randomOf(seed);
        const cluster = begin(policy, random);
        const done: string[] = [];
        for (const each of shuffled(random, mutationCases)) {
          done.push(each.name);
          try {
            const said = apply(cluster, policy, each, random);
            if (said !== null) expect(said).toEqual(first.get(each.name));
          } catch (error) {
            throw new Error(`order ${seed}, after ${done.slice(-4).join("; ")}`, { cause: error });
          }
        }
      }
    },
  );
});
