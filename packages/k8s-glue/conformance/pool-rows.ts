import { type IPAddressPoolStatus, readConfiguration, wantedPoolStatus } from "@herald-lb/k8s-glue/metallb";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { expect } from "vitest";
import { annotated, loadBalancerService } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import { codes, pool } from "../src/metallb/config/objects.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

const asks = (addresses: string): Readonly<Record<string, string>> => annotated("loadBalancerIPs", addresses);

/** The ranges that entries are read as, "first-last" each, of one pool. */
function rangesOf(...addresses: readonly string[]): readonly string[] {
  const { pools } = readConfiguration([pool("p", addresses)]);
  return (pools[0]?.pool.ranges ?? []).map(({ first, last }) => `${first}-${last}`);
}

const allocate = (serviceAllocation: object, name = "p", address = "192.0.2.0/30"): ReturnType<typeof pool> =>
  pool(name, [address], { serviceAllocation });

/** What the status of a pool counts, with Services on these addresses. */
function countersOf(addresses: readonly string[], ...services: readonly Service[]): IPAddressPoolStatus {
  const object = pool("p", addresses);
  const cluster = new TestCluster()
    .configure(object)
    .apply(...services)
    .reconcile();
  const [ref] = readConfiguration([object]).objects;
  if (ref === undefined) throw new Error("no object");
  const effect = { programmed: true, reason: "Allocating", message: "" };
  const usage = cluster.ledger.usageOf("p");
  return wantedPoolStatus({ object: ref, live: null, issues: [], effect, now: "2026-01-01T00:00:00Z", usage }).status;
}

/** §2.1: IPAddressPool. */
export const poolRows: readonly ConformanceRow[] = [
  {
    section: "§2.1",
    row: "spec.addresses",
    case: "blocks and ranges of both families",
    verdict: "same",
    why: "",
    check: () => {
      expect(rangesOf("192.0.2.77/28", "2001:db8::5/126")).toEqual([
        "192.0.2.64-192.0.2.79",
        "2001:db8::4-2001:db8::7",
      ]);
      expect(rangesOf("192.0.2.9-192.0.2.12")).toEqual(["192.0.2.9-192.0.2.12"]);
      expect(rangesOf(" 192.0.2.9  -  192.0.2.12 ")).toEqual(["192.0.2.9-192.0.2.12"]);
      expect(rangesOf("192.0.2.7/32", "2001:db8::7/128")).toEqual(["192.0.2.7-192.0.2.7", "2001:db8::7-2001:db8::7"]);
    },
  },
  {
    section: "§2.1",
    row: "spec.addresses",
    case: "entries that cannot be read",
    verdict: "better",
    why: "the entry is named and left out, the others serve; there it discards the whole configuration",
    check: () => {
      const bad = [
        "192.0.2.1",
        "192.0.2.0/33",
        "192.0.2.256/32",
        "x",
        "",
        "192.0.2.1-192.0.2.2-192.0.2.3",
        "192.0.2.1-",
      ];
      expect(codes(pool("p", [...bad, "198.51.100.0/24"]))).toEqual(
        bad.map((_, at) => `p spec.addresses[${at}] BadAddress Partial`),
      );
      expect(rangesOf(...bad, "198.51.100.0/24")).toEqual(["198.51.100.0-198.51.100.255"]);
    },
  },
  {
    section: "§2.1",
    row: "spec.addresses",
    case: "none",
    verdict: "same",
    why: "",
    check: () => expect(codes(pool("p", []))).toEqual(["p spec.addresses NoAddresses Rejected"]),
  },
  {
    section: "§2.1",
    row: "spec.autoAssign",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(pool("p", ["192.0.2.0/30"], { autoAssign: false }));
      cluster.apply(loadBalancerService("any"), loadBalancerService("address", { annotations: asks("192.0.2.1") }));
      cluster.apply(loadBalancerService("pool", { annotations: annotated("address-pool", "p") })).reconcile();
      expect(cluster.ips("default/any")).toEqual([]);
      expect(cluster.ips("default/address")).toEqual(["192.0.2.1"]);
      expect(cluster.ips("default/pool")).toEqual(["192.0.2.0"]);
      const [read] = readConfiguration([pool("p", ["192.0.2.0/30"])]).pools;
      expect(read?.autoAssign).toBe(true);
    },
  },
  {
    section: "§2.1",
    row: "spec.avoidBuggyIPs",
    verdict: "same",
    why: "",
    check: () => {
      const buggy = pool("p", ["192.0.2.254-192.0.3.1", "2001:db8::/126"], { avoidBuggyIPs: true });
      const cluster = new TestCluster().configure(buggy);
      cluster.apply(
        loadBalancerService("zero", { annotations: asks("192.0.3.0") }),
        loadBalancerService("last", { annotations: asks("192.0.2.255") }),
      );
      cluster
        .apply(
          loadBalancerService("a"),
          loadBalancerService("b"),
          loadBalancerService("c"),
          loadBalancerService("v6", { stack: "v6" }),
        )
        .reconcile();
      expect(["zero", "last", "a", "b", "c", "v6"].map((name) => cluster.ips(`default/${name}`))).toEqual([
        [],
        [],
        ["192.0.2.254"],
        ["192.0.3.1"],
        [],
        ["2001:db8::"],
      ]);
      expect(readConfiguration([pool("p", ["192.0.2.0/30"])]).pools[0]?.pool.avoidBuggyIPs).toBe(false);
    },
  },
  {
    section: "§2.1",
    row: "spec.serviceAllocation",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(allocate({ namespaces: ["team"] }), pool("q", ["198.51.100.0/30"]));
      cluster.apply(loadBalancerService("team/s"), loadBalancerService("s")).reconcile();
      expect(cluster.show("team/s").pool).toBe("p");
      expect(cluster.show("default/s").pool).toBe("q");
    },
  },
  {
    section: "§2.1",
    row: "serviceAllocation.priority",
    verdict: "same",
    why: "",
    check: () => {
      const last = allocate({ priority: 0, namespaces: ["default"] }, "a");
      const second = allocate({ priority: 20, namespaces: ["default"] }, "b", "198.51.100.0/32");
      const first = allocate({ priority: 10, namespaces: ["default"] }, "c", "203.0.113.0/32");
      const cluster = new TestCluster().configure(last, second, first);
      for (const name of ["s", "t", "u"]) cluster.apply(loadBalancerService(name)).reconcile();
      expect(["s", "t", "u"].map((name) => cluster.show(`default/${name}`).pool)).toEqual(["c", "b", "a"]);
    },
  },
  {
    section: "§2.1",
    row: "serviceAllocation.namespaces",
    case: "duplicates",
    verdict: "better",
    why: "the CRD refuses them when they are applied; an object that has them all the same serves, and says so",
    check: () => {
      const twice = allocate({ namespaces: ["a", "a"] });
      expect(codes(twice)).toEqual(["p spec.serviceAllocation.namespaces[1] Duplicate Noted"]);
      expect(readConfiguration([twice]).pools[0]?.allocation?.namespaces).toEqual(["a"]);
    },
    shownBy: "e2e/src/admission/configuration-rules.ts: a namespace twice",
  },
  {
    section: "§2.1",
    row: "serviceAllocation.namespaceSelectors",
    case: "union",
    verdict: "same",
    why: "",
    check: () => {
      const both = allocate({ namespaces: ["named"], namespaceSelectors: [{ matchLabels: { team: "red" } }] });
      const cluster = new TestCluster().configure(both).namespace("labelled", { team: "red" }).namespace("other", {});
      cluster
        .apply(loadBalancerService("named/s"), loadBalancerService("labelled/s"), loadBalancerService("other/s"))
        .reconcile();
      expect(["named/s", "labelled/s", "other/s"].map((key) => cluster.show(key).pool)).toEqual(["p", "p", null]);
    },
  },
  {
    section: "§2.1",
    row: "serviceAllocation.namespaceSelectors",
    case: "that match no namespace",
    verdict: "better",
    why: "the pool is closed, and its condition Programmed says so; in MetalLB every Service may use it that names the pool or an address of it",
    check: () => {
      const cluster = new TestCluster().configure(
        allocate({ namespaceSelectors: [{ matchLabels: { team: "none" } }] }),
      );
      cluster.apply(
        loadBalancerService("s"),
        loadBalancerService("t", { annotations: annotated("address-pool", "p") }),
      );
      cluster.apply(loadBalancerService("u", { annotations: asks("192.0.2.1") })).reconcile();
      expect(["s", "t", "u"].map((name) => cluster.ips(`default/${name}`))).toEqual([[], [], []]);
    },
    shownBy: "packages/k8s-glue/src/metallb/status/programmed.test.ts: a pool for a team that is not there",
  },
  {
    section: "§2.1",
    row: "serviceAllocation.serviceSelectors",
    verdict: "same",
    why: "",
    check: () => {
      const chosen = allocate({
        namespaces: ["a"],
        serviceSelectors: [{ matchLabels: { app: "x" } }, { matchLabels: { app: "y" } }],
      });
      const cluster = new TestCluster().configure(chosen);
      cluster.apply(
        loadBalancerService("a/x", { labels: { app: "x" } }),
        loadBalancerService("a/y", { labels: { app: "y" } }),
      );
      cluster
        .apply(
          loadBalancerService("a/z", { labels: { app: "z" } }),
          loadBalancerService("b/x", { labels: { app: "x" } }),
        )
        .reconcile();
      expect(["a/x", "a/y", "a/z", "b/x"].map((key) => cluster.show(key).pool)).toEqual(["p", "p", null, null]);
    },
  },
  {
    section: "§2.1",
    row: "status.assignedIPv4, assignedIPv6, availableIPv4, availableIPv6",
    case: "of shared addresses and both families",
    verdict: "same",
    why: "",
    check: () => {
      const shared = { ...annotated("allow-shared-ip", "k"), ...asks("192.0.2.1") };
      const counters = countersOf(
        ["192.0.2.0/24", "192.0.3.128/25", "2001:db8::/120"],
        loadBalancerService("a", { annotations: shared, ports: [80] }),
        loadBalancerService("b", { annotations: shared, ports: [81] }),
        loadBalancerService("c", { stack: "v6" }),
      );
      const counted = { assignedIPv4: 1, availableIPv4: 383, assignedIPv6: 1, availableIPv6: 255 };
      expect(counters).toMatchObject(counted);
    },
  },
  {
    section: "§2.1",
    row: "status.assignedIPv4, assignedIPv6, availableIPv4, availableIPv6",
    case: "of wide ranges",
    verdict: "better",
    why: "counted exactly to 2^53-1, the largest number that every reader of JSON takes, and cut there; there sums of wide ranges overflow",
    check: () => {
      const exact = countersOf(["2001:db8::/76"]);
      expect(exact.availableIPv6).toBe(2 ** 52);
      const cut = countersOf(["2001:db8::/64", "2001:db8:1::/64", "192.0.2.0/31"], loadBalancerService("a"));
      expect(cut).toMatchObject({ availableIPv6: Number.MAX_SAFE_INTEGER, assignedIPv4: 1, availableIPv4: 1 });
    },
  },
  {
    section: "§2.1",
    row: "order of a range",
    case: "order, and blocks of a range",
    verdict: "same",
    why: "",
    check: () => {
      expect(codes(pool("p", ["192.0.2.9-192.0.2.8", "192.0.2.9-192.0.2.9"]))).toEqual([
        "p spec.addresses[0] ReversedRange Partial",
      ]);
      expect(codes(pool("p", ["2001:db8::2-2001:db8::1"]))[0]).toBe("p spec.addresses[0] ReversedRange Partial");
      const [read] = readConfiguration([pool("p", ["192.0.2.0-192.0.2.255", "198.51.100.1-198.51.100.6"])]).pools;
      // 198.51.100.1/32, .2/31, .4/31, .6/32.
      expect(read?.shortestPrefixes).toEqual([24, 31]);
    },
  },
  {
    section: "§2.1",
    row: "order of a range",
    case: "of two families",
    verdict: "better",
    why: "such a range means nothing: the CRD refuses it, and an object that has it says so; there it is taken and has no address",
    check: () =>
      expect(codes(pool("p", ["192.0.2.1-2001:db8::1", "192.0.2.1/32"]))).toEqual([
        "p spec.addresses[0] MixedFamilies Partial",
      ]),
  },
  {
    section: "§2.1",
    row: "serviceAllocation with three empty lists",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(
        pool("a", ["192.0.2.0/30"]),
        allocate({ priority: 5 }, "c", "198.51.100.0/32"),
        allocate({ priority: 9 }, "b", "203.0.113.0/32"),
      );
      for (const name of ["s", "t", "u"]) cluster.apply(loadBalancerService(name)).reconcile();
      expect(["s", "t", "u"].map((name) => cluster.show(`default/${name}`).pool)).toEqual(["c", "b", "a"]);
    },
  },
];
