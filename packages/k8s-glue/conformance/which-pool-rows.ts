import { expect } from "vitest";
import { loadBalancerService, pool } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";
import { asks, names } from "./requests.test.fixture.ts";

const forTeamB = { serviceAllocation: { namespaces: ["team-b"] } };

/** §4.3: which pool serves. */
export const whichPoolRows: readonly ConformanceRow[] = [
  {
    section: "§4.3",
    row: "requested addresses",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(
        pool("a", ["192.0.2.0/30"]),
        pool("b", ["198.51.100.0/30", "2001:db8::/126"]),
      );
      cluster.apply(
        loadBalancerService("annotation", { annotations: asks("198.51.100.2") }),
        loadBalancerService("field", { spec: { loadBalancerIP: "198.51.100.3" } }),
        loadBalancerService("dual", { stack: "dual", annotations: asks("2001:db8::1,198.51.100.1") }),
        loadBalancerService("apart", { stack: "dual", annotations: asks("192.0.2.1,2001:db8::2") }),
      );
      cluster.reconcile();
      expect(cluster.show("default/annotation")).toEqual({ ips: ["198.51.100.2"], pool: "b" });
      expect(cluster.show("default/field")).toEqual({ ips: ["198.51.100.3"], pool: "b" });
      expect(cluster.show("default/dual")).toEqual({ ips: ["198.51.100.1", "2001:db8::1"], pool: "b" });
      expect(cluster.show("default/apart")).toEqual({ ips: [], pool: null });
    },
  },
  {
    section: "§4.3",
    row: "requested addresses beside a pool",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(
        pool("a", ["192.0.2.0/30"]),
        pool("b", ["198.51.100.0/30"], { autoAssign: false }),
        pool("c", ["203.0.113.0/30"], forTeamB),
      );
      cluster.apply(loadBalancerService("agree", { annotations: { ...names("b"), ...asks("198.51.100.2") } }));
      cluster.apply(loadBalancerService("manual", { annotations: asks("198.51.100.3") }));
      cluster.apply(loadBalancerService("differ", { annotations: { ...names("a"), ...asks("198.51.100.1") } }));
      cluster.apply(loadBalancerService("closed", { annotations: asks("203.0.113.1") }));
      cluster.apply(loadBalancerService("team-b/open", { annotations: asks("203.0.113.1") })).reconcile();
      expect(cluster.show("default/agree")).toEqual({ ips: ["198.51.100.2"], pool: "b" });
      expect(cluster.show("default/manual")).toEqual({ ips: ["198.51.100.3"], pool: "b" });
      expect(cluster.show("default/differ")).toEqual({ ips: [], pool: null });
      expect(cluster.show("default/closed")).toEqual({ ips: [], pool: null });
      expect(cluster.show("team-b/open")).toEqual({ ips: ["203.0.113.1"], pool: "c" });
      expect(cluster.reasons("default/differ")).toEqual(["Warning AllocationFailed"]);
    },
  },
  {
    section: "§4.3",
    row: "requested pool",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(
        pool("a", ["192.0.2.0/30"]),
        pool("b", ["198.51.100.0/30"], { autoAssign: false }),
        pool("c", ["203.0.113.0/30"], forTeamB),
      );
      cluster.apply(
        loadBalancerService("manual", { annotations: names("b") }),
        loadBalancerService("closed", { annotations: names("c") }),
      );
      cluster.reconcile();
      expect(cluster.show("default/manual")).toEqual({ ips: ["198.51.100.0"], pool: "b" });
      expect(cluster.show("default/closed")).toEqual({ ips: [], pool: null });
    },
  },
  {
    section: "§4.3",
    row: "pinned pools",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster();
      cluster.namespace("team-a", { team: "a" }).namespace("team-b", { team: "b" });
      const app = (value: string): object => ({ serviceSelectors: [{ matchLabels: { app: value } }] });
      cluster.configure(
        pool("any", ["192.0.2.0/28"]),
        pool("named", ["192.0.2.16/28"], { serviceAllocation: { namespaces: ["team-a"] } }),
        pool("selected", ["192.0.2.32/28"], {
          serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: "b" } }] },
        }),
        pool("labelled", ["192.0.2.48/28"], { serviceAllocation: app("web") }),
        pool("both", ["192.0.2.64/28"], { serviceAllocation: { namespaces: ["team-c"], ...app("db") } }),
        pool("manual", ["192.0.2.80/28"], { autoAssign: false, serviceAllocation: { namespaces: ["team-d"] } }),
      );
      cluster.apply(
        loadBalancerService("team-a/x"),
        loadBalancerService("team-b/x"),
        loadBalancerService("team-c/x"),
        loadBalancerService("team-d/x"),
      );
      cluster.apply(
        loadBalancerService("default/x", { labels: { app: "web" } }),
        loadBalancerService("default/y", { labels: { app: "db" } }),
      );
      cluster.apply(loadBalancerService("team-c/y", { labels: { app: "db" } })).reconcile();
      const pools = (...keys: readonly string[]): readonly unknown[] => keys.map((key) => cluster.show(key).pool);
      expect(pools("team-a/x", "team-b/x", "team-c/x", "team-d/x")).toEqual(["named", "selected", "any", "any"]);
      expect(pools("default/x", "default/y", "team-c/y")).toEqual(["labelled", "any", "both"]);
    },
  },
  {
    section: "§4.3",
    row: "order of pinned pools",
    verdict: "better",
    why: "ties are broken by name and not at random, so that the same cluster gives the same addresses again",
    check: () => {
      const pinned = (name: string, at: number, priority: number): ReturnType<typeof pool> =>
        pool(name, [`192.0.2.${at}/32`], { serviceAllocation: { namespaces: ["default"], priority } });
      const cluster = new TestCluster();
      cluster.configure(pinned("zero", 1, 0), pinned("ten", 2, 10), pinned("five-b", 3, 5), pinned("five-a", 4, 5));
      const got = ["s1", "s2", "s3", "s4"].map(
        (name) => cluster.apply(loadBalancerService(name)).reconcile().show(`default/${name}`).pool,
      );
      expect(got).toEqual(["five-a", "five-b", "ten", "zero"]);
    },
  },
  {
    section: "§4.3",
    row: "other pools",
    verdict: "better",
    why: "in the order of their names and not at random at each call, so that an address can be predicted; or the emptiest first, by a flag",
    check: () => {
      const objects = ["c", "a", "d", "b"].map((name, at) => pool(name, [`192.0.2.${at * 2}/31`]));
      for (let turn = 0; turn < 4; turn += 1) {
        const cluster = new TestCluster().configure(...objects.slice(turn), ...objects.slice(0, turn));
        const got = Array.from(
          { length: 8 },
          (_, at) =>
            cluster
              .apply(loadBalancerService(`s${at}`))
              .reconcile()
              .show(`default/s${at}`).pool,
        );
        expect(got).toEqual(["a", "a", "b", "b", "c", "c", "d", "d"]);
      }
      const spread = new TestCluster({ spreadPools: true }).configure(...objects);
      const got = ["s1", "s2", "s3", "s4"].map(
        (name) => spread.apply(loadBalancerService(name)).reconcile().show(`default/${name}`).pool,
      );
      expect(got).toEqual(["a", "b", "c", "d"]);
    },
  },
  {
    section: "§4.3",
    row: "pinned pools that are full",
    verdict: "same",
    why: "",
    check: () => {
      const pinned = { serviceAllocation: { namespaces: ["default"] } };
      const cluster = new TestCluster().configure(
        pool("any", ["192.0.2.0/28"]),
        pool("own", ["198.51.100.0/32"], pinned),
      );
      cluster.apply(loadBalancerService("one")).reconcile().apply(loadBalancerService("two")).reconcile();
      expect(cluster.show("default/one").pool).toBe("own");
      expect(cluster.show("default/two").pool).toBe("any");
    },
  },
  {
    section: "§4.3",
    row: "one family",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(
        pool("a", ["2001:db8::/127"]),
        pool("b", ["192.0.2.0/32"]),
        pool("c", ["192.0.2.8/30"]),
      );
      cluster
        .apply(loadBalancerService("one"), loadBalancerService("two"), loadBalancerService("six", { stack: "v6" }))
        .reconcile();
      expect(cluster.show("default/one").pool).toBe("b");
      expect(cluster.show("default/two").pool).toBe("c");
      expect(cluster.show("default/six").pool).toBe("a");
    },
  },
  {
    section: "§4.3",
    row: "both families",
    verdict: "same",
    why: "",
    check: () => {
      const both = new TestCluster().configure(
        pool("a", ["192.0.2.0/30"]),
        pool("b", ["192.0.2.8/30", "2001:db8::/126"]),
      );
      expect(
        both
          .apply(loadBalancerService("s", { stack: "dual" }))
          .reconcile()
          .show("default/s").pool,
      ).toBe("b");
      const apart = [pool("a", ["2001:db8::/126"]), pool("b", ["192.0.2.0/32"])];
      const primary = new TestCluster().configure(...apart);
      primary
        .apply(loadBalancerService("s", { stack: "dual" }), loadBalancerService("t", { stack: "dual" }))
        .reconcile();
      expect(primary.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "b" });
      expect(primary.show("default/t")).toEqual({ ips: ["2001:db8::"], pool: "a" });
    },
  },
  {
    section: "§4.3",
    row: "primary family",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(pool("a", ["192.0.2.0/30"]), pool("b", ["2001:db8::/126"]));
      cluster
        .apply(loadBalancerService("four", { stack: "dual" }), loadBalancerService("six", { stack: "dual-v6-first" }))
        .reconcile();
      expect(cluster.ips("default/four")).toEqual(["192.0.2.0"]);
      expect(cluster.ips("default/six")).toEqual(["2001:db8::"]);
    },
  },
  {
    section: "§4.3",
    row: "one pool for both",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(pool("a", ["192.0.2.0/30"]), pool("b", ["2001:db8::/126"]));
      cluster.apply(loadBalancerService("s", { stack: "dual", policy: "RequireDualStack" })).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: [], pool: null });
    },
  },
];
