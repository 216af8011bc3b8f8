import { expect } from "vitest";
import { annotated, loadBalancerService, pool } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";
import { asks, names } from "./requests.test.fixture.ts";

/** §4.3: the gaps between tenants. */
export const tenantGapRows: readonly ConformanceRow[] = [
  {
    section: "§4.3",
    row: "gaps between tenants",
    case: "(a) selectors that match no namespace",
    verdict: "better",
    why: "a pool for namespaces that are not there yet is closed to all, to those who ask for it by name as well",
    check: () => {
      const closed = { serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: "none" } }] } };
      const cluster = new TestCluster()
        .namespace("default", { team: "a" })
        .configure(pool("c", ["192.0.2.0/30"], closed));
      cluster.apply(
        loadBalancerService("auto"),
        loadBalancerService("pool", { annotations: names("c") }),
        loadBalancerService("ip", { annotations: asks("192.0.2.3") }),
      );
      cluster.reconcile();
      for (const name of ["auto", "pool", "ip"]) expect(cluster.ips(`default/${name}`)).toEqual([]);
      cluster.namespace("default", { team: "none" }).reconcile();
      for (const name of ["auto", "pool", "ip"]) expect(cluster.ips(`default/${name}`)).toHaveLength(1);
    },
  },
  {
    section: "§4.3",
    row: "gaps between tenants",
    case: "(b) any namespace may name any pool",
    verdict: "better",
    why: "a pool's tenancy says who may ask for it and its addresses; without one it is as there",
    check: () => {
      const mine = { tenancy: { namespaces: ["team-a"] } };
      const cluster = new TestCluster().namespace("team-a", {}).configure(pool("a", ["192.0.2.0/30"], mine));
      for (const namespace of ["team-a", "default"]) {
        cluster.apply(loadBalancerService(`${namespace}/any`)).reconcile();
        cluster.apply(loadBalancerService(`${namespace}/pool`, { annotations: names("a") })).reconcile();
      }
      cluster.apply(loadBalancerService("default/ip", { annotations: asks("192.0.2.3") }));
      cluster.apply(loadBalancerService("team-a/ip", { annotations: asks("192.0.2.3") })).reconcile();
      const served = [...cluster.services.keys()].filter((key) => cluster.ips(key).length > 0);
      expect(served.toSorted()).toEqual(["default/any", "team-a/any", "team-a/ip", "team-a/pool"]);
      cluster.configure(pool("a", ["192.0.2.0/29"])).reconcile();
      expect([...cluster.ledger.pending]).toEqual(["default/ip"]);
    },
  },
  {
    section: "§4.3",
    row: "gaps between tenants",
    case: "(c) keys are of the whole cluster",
    verdict: "better",
    why: "a pool with a tenancy keeps keys within a namespace, but for Services that name each other's",
    check: () => {
      const sharing = (namespace: string, port: number, others: string): ReturnType<typeof loadBalancerService> => {
        const named = others === "" ? {} : { "herald-lb.io/share-with-namespaces": others };
        return loadBalancerService(`${namespace}/s`, {
          annotations: { ...annotated("allow-shared-ip", "k"), ...named },
          ports: [port],
        });
      };
      const together = (tenancy: object, one: string, other: string): boolean => {
        const cluster = new TestCluster().configure(pool("a", ["192.0.2.0/32"], tenancy));
        cluster
          .apply(sharing("team-a", 80, one))
          .reconcile()
          .apply(sharing("team-b", 81, other))
          .reconcile();
        return cluster.ips("team-b/s").length === 1;
      };
      const confined = { tenancy: { sharing: "Namespace" } };
      expect(together({}, "", "")).toBe(true);
      expect(together(confined, "", "")).toBe(false);
      expect(together(confined, "team-b", "")).toBe(false);
      expect(together(confined, "team-b", "team-a")).toBe(true);
      expect(together({ tenancy: { sharing: "Cluster" } }, "", "")).toBe(true);
    },
  },
];
