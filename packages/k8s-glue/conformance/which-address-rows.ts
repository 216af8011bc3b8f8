import { expect } from "vitest";
import { annotated, loadBalancerService, pool } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

/** §4.1, §4.2 and §4.7: what is remembered, which address is given, and what a restart makes of it. */
export const whichAddressRows: readonly ConformanceRow[] = [
  {
    section: "§4.1",
    row: "where it is kept",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(pool("a", ["192.0.2.0/29"]));
      cluster
        .apply(loadBalancerService("one"), loadBalancerService("two"), loadBalancerService("three"))
        .reconcile()
        .delete("default/one")
        .reconcile();
      const before = [...cluster.services.values()];
      cluster.forgetHistory().elect().reconcile();
      expect([...cluster.services.values()]).toEqual(before);
      expect(cluster.writes.size).toBe(0);
      expect(cluster.apply(loadBalancerService("four")).reconcile().ips("default/four")).toEqual(["192.0.2.0"]);
    },
  },
  {
    section: "§4.1",
    row: "what is kept",
    verdict: "better",
    why: "the same facts, but addresses lie in ordered runs, so that no question costs more than O(log n); an address that several share counts once, without a counter to go wrong",
    check: () => {
      const key = annotated("allow-shared-ip", "k");
      const cluster = new TestCluster().configure(pool("a", ["192.0.2.0/30", "2001:db8::/126"]));
      cluster.apply(
        loadBalancerService("one", { annotations: key, ports: [80] }),
        loadBalancerService("two", { annotations: key, ports: [81] }),
      );
      cluster.apply(loadBalancerService("three", { stack: "dual" })).reconcile();
      expect(cluster.ledger.usageOf("a")).toMatchObject({
        IPv4: { assigned: 2n, available: 2n },
        IPv6: { assigned: 1n, available: 3n },
      });
      expect(cluster.ledger.servicesByPool()).toEqual(new Map([["a", 3]]));
      cluster.delete("default/one").reconcile();
      expect(cluster.ledger.usageOf("a")).toMatchObject({ IPv4: { assigned: 2n } });
      cluster.delete("default/two").reconcile();
      expect(cluster.ledger.usageOf("a")).toMatchObject({ IPv4: { assigned: 1n } });
    },
  },
  {
    section: "§4.2",
    row: "order of the search",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(pool("a", ["192.0.2.128-192.0.2.129", "192.0.2.0/30"]));
      for (const name of ["one", "two", "three", "four"]) cluster.apply(loadBalancerService(name)).reconcile();
      expect(["one", "two", "three", "four"].map((name) => cluster.ips(`default/${name}`))).toEqual([
        ["192.0.2.128"],
        ["192.0.2.129"],
        ["192.0.2.0"],
        ["192.0.2.1"],
      ]);
    },
  },
  {
    section: "§4.2",
    row: "order of the search",
    case: "the first address that passes the sharing check",
    verdict: "same",
    why: "",
    check: () => {
      const key = annotated("allow-shared-ip", "k");
      const cluster = new TestCluster().configure(pool("a", ["192.0.2.0/30"]));
      cluster
        .apply(loadBalancerService("alone"))
        .reconcile()
        .apply(loadBalancerService("one", { annotations: key, ports: [80] }))
        .reconcile();
      cluster.apply(loadBalancerService("same-port", { annotations: key, ports: [80] })).reconcile();
      cluster.apply(loadBalancerService("other-port", { annotations: key, ports: [81] })).reconcile();
      expect(cluster.ips("default/one")).toEqual(["192.0.2.1"]);
      expect(cluster.ips("default/same-port")).toEqual(["192.0.2.2"]);
      expect(cluster.ips("default/other-port")).toEqual(["192.0.2.1"]);
    },
  },
  {
    section: "§4.2",
    row: "an address that is released",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(pool("a", ["192.0.2.0/30"]));
      cluster
        .apply(loadBalancerService("one"), loadBalancerService("two"))
        .reconcile()
        .delete("default/one")
        .reconcile();
      expect(cluster.apply(loadBalancerService("three")).reconcile().ips("default/three")).toEqual(["192.0.2.0"]);
    },
  },
  {
    section: "§4.2",
    row: "each family",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(
        pool("a", ["2001:db8::/127", "192.0.2.0/31", "192.0.2.8/31", "2001:db8:1::/127"]),
      );
      for (const name of ["one", "two", "three"])
        cluster.apply(loadBalancerService(name, { stack: "dual" })).reconcile();
      expect(["one", "two", "three"].map((name) => cluster.ips(`default/${name}`))).toEqual([
        ["192.0.2.0", "2001:db8::"],
        ["192.0.2.1", "2001:db8::1"],
        ["192.0.2.8", "2001:db8:1::"],
      ]);
    },
  },
  {
    section: "§4.2",
    row: "cost and waiting time",
    verdict: "better",
    why: "O(log n) in what is in use, as bench/docs/allocator.md measures; a pool may have a coolDown, be sticky, or give the address that was free for longest",
    check: () => {
      const minutes = 60_000;
      const cluster = new TestCluster().configure(pool("a", ["192.0.2.0/31"], { coolDown: "10m" }));
      cluster.apply(loadBalancerService("one")).reconcile().delete("default/one").reconcile();
      cluster.apply(loadBalancerService("two")).reconcile().apply(loadBalancerService("three")).reconcile();
      expect([cluster.ips("default/two"), cluster.ips("default/three")]).toEqual([["192.0.2.1"], []]);
      expect(
        cluster
          .pass(10 * minutes)
          .reconcile()
          .ips("default/three"),
      ).toEqual(["192.0.2.0"]);

      const sticky = new TestCluster().configure(pool("a", ["192.0.2.0/30"], { sticky: true }));
      sticky.apply(loadBalancerService("one")).reconcile().apply(loadBalancerService("two")).reconcile();
      sticky.delete("default/one").delete("default/two").reconcile().elect().reconcile();
      expect(sticky.apply(loadBalancerService("two")).reconcile().ips("default/two")).toEqual(["192.0.2.1"]);

      const oldest = new TestCluster().configure(pool("a", ["192.0.2.0/30"], { allocationOrder: "LeastRecentlyUsed" }));
      for (const name of ["one", "two"]) {
        oldest
          .apply(loadBalancerService(name))
          .reconcile()
          .pass(minutes)
          .delete(`default/${name}`)
          .reconcile()
          .pass(minutes);
      }
      const next = ["three", "four", "five", "six"].map((name) =>
        oldest.apply(loadBalancerService(name)).reconcile().ips(`default/${name}`),
      );
      expect(next.flat()).toEqual(["192.0.2.2", "192.0.2.3", "192.0.2.0", "192.0.2.1"]);
    },
  },
  {
    section: "§4.7",
    row: "the first pass",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(pool("a", ["192.0.2.0/30"]));
      cluster.apply(loadBalancerService("holder", { ingress: [{ ip: "192.0.2.0" }] }), loadBalancerService("new"));
      cluster.elect();
      cluster.look("default/new").reconcile();
      expect(cluster.ips("default/new")).toEqual(["192.0.2.1"]);
      expect(cluster.ips("default/holder")).toEqual(["192.0.2.0"]);
    },
  },
  {
    section: "§4.7",
    row: "order of a pass",
    verdict: "better",
    why: "everything recorded is adopted before anything is given, whatever the order in which Services are looked at; of two that record one address the older keeps it",
    check: () => {
      for (const order of [(): number => 0, (count: number): number => count - 1]) {
        const cluster = new TestCluster({}, order).configure(pool("a", ["192.0.2.0/31"]));
        cluster.apply(
          loadBalancerService("pending", { created: "2025-01-01T00:00:00Z" }),
          loadBalancerService("younger", { ingress: [{ ip: "192.0.2.0" }], created: "2026-02-01T00:00:00Z" }),
          loadBalancerService("older", { ingress: [{ ip: "192.0.2.0" }], created: "2026-01-01T00:00:00Z" }),
          loadBalancerService("other", { ingress: [{ ip: "192.0.2.1" }] }),
        );
        cluster.elect().reconcile();
        expect(cluster.ips("default/older")).toEqual(["192.0.2.0"]);
        expect(cluster.ips("default/other")).toEqual(["192.0.2.1"]);
        expect([...cluster.ledger.pending].toSorted()).toEqual(["default/pending", "default/younger"]);
      }
    },
  },
  {
    section: "§4.7",
    row: "reconciling all again",
    verdict: "better",
    why: "who waits is told when, and only when, something changed about the refusal; nothing is retried by time alone",
    check: () => {
      const cluster = new TestCluster().configure(pool("a", ["192.0.2.0/32"]), pool("b", ["198.51.100.0/32"]));
      cluster
        .apply(loadBalancerService("a"), loadBalancerService("b"))
        .reconcile()
        .apply(loadBalancerService("waits"))
        .reconcile();
      expect(cluster.ips("default/waits")).toEqual([]);
      cluster.forgetHistory().delete("default/b").reconcile();
      expect(cluster.ips("default/waits")).toEqual(["198.51.100.0"]);
      expect([...cluster.writes]).toEqual([["default/waits", 1]]);
    },
  },
  {
    section: "§4.7",
    row: "concurrency",
    verdict: "not applicable",
    why: "one thread keeps the state of allocation and needs no lock; status writes, which wait for the API server, go eight at a time",
    check: null,
  },
];
