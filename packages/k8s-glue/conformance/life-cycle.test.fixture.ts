import { expect } from "vitest";
import { loadBalancerService, pool } from "../src/ipam/service-objects.test.fixture.ts";
import { type Shown, TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";

/** The pool that serves first. */
export const a: ReturnType<typeof pool> = pool("a", ["192.0.2.0/30"]);
/** The other pool. */
export const b: ReturnType<typeof pool> = pool("b", ["198.51.100.0/30"]);

/** A cluster of pools `a` and `b` in which Service `s` holds 192.0.2.0 of `a`. */
export function serving(policy: ConstructorParameters<typeof TestCluster>[0] = {}): TestCluster {
  const cluster = new TestCluster(policy).configure(a, b).apply(loadBalancerService("s")).reconcile();
  expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "a" });
  return cluster.forgetHistory();
}

/** The outcome of a Service without an address. */
export const nothing: Shown = { ips: [], pool: null };
