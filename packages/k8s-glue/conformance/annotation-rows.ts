import { allocatedFromPool } from "@herald-lb/k8s-glue/metallb";
import { expect } from "vitest";
import { annotated, loadBalancerService, pool } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

const a = pool("a", ["192.0.2.0/30"]);
const b = pool("b", ["198.51.100.0/30"]);
const old = (name: string, value: string): Readonly<Record<string, string>> => ({
  [`metallb.universe.tf/${name}`]: value,
});

/** §4.8 and §4.9: annotations and classes. */
export const annotationRows: readonly ConformanceRow[] = [
  {
    section: "§4.8",
    row: "metallb.io/address-pool",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(a, b);
      cluster.apply(loadBalancerService("new", { annotations: annotated("address-pool", "b") }));
      cluster.apply(loadBalancerService("old", { annotations: old("address-pool", "b") }));
      cluster.apply(
        loadBalancerService("both", {
          annotations: { ...old("address-pool", "a"), ...annotated("address-pool", "b") },
        }),
      );
      cluster.reconcile();
      for (const name of ["new", "old", "both"]) expect(cluster.show(`default/${name}`).pool).toBe("b");
    },
  },
  {
    section: "§4.8",
    row: "metallb.io/loadBalancerIPs",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(a, b);
      cluster.apply(loadBalancerService("new", { annotations: annotated("loadBalancerIPs", "198.51.100.1") }));
      cluster.apply(loadBalancerService("old", { annotations: old("loadBalancerIPs", "198.51.100.2") }));
      const both = { ...old("loadBalancerIPs", "192.0.2.1"), ...annotated("loadBalancerIPs", "198.51.100.3") };
      cluster.apply(loadBalancerService("both", { annotations: both }));
      cluster
        .apply(loadBalancerService("twice", { annotations: annotated("loadBalancerIPs", "192.0.2.1,192.0.2.2") }))
        .reconcile();
      expect(cluster.ips("default/new")).toEqual(["198.51.100.1"]);
      expect(cluster.ips("default/old")).toEqual(["198.51.100.2"]);
      expect(cluster.ips("default/both")).toEqual(["198.51.100.3"]);
      expect(cluster.ips("default/twice")).toEqual([]);
    },
  },
  {
    section: "§4.8",
    row: "metallb.io/allow-shared-ip",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(pool("one", ["192.0.2.1/32"]));
      cluster
        .apply(loadBalancerService("new", { annotations: annotated("allow-shared-ip", "k"), ports: [80] }))
        .reconcile();
      cluster.apply(loadBalancerService("old", { annotations: old("allow-shared-ip", "k"), ports: [81] })).reconcile();
      const both = { ...old("allow-shared-ip", "other"), ...annotated("allow-shared-ip", "k") };
      cluster.apply(loadBalancerService("both", { annotations: both, ports: [82] })).reconcile();
      for (const name of ["new", "old", "both"]) expect(cluster.ips(`default/${name}`)).toEqual(["192.0.2.1"]);
    },
  },
  {
    section: "§4.8",
    row: "metallb.io/ip-allocated-from-pool",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster()
        .configure(a)
        .apply(loadBalancerService("s", { annotations: { mine: "stays" } }))
        .reconcile();
      expect(cluster.services.get("default/s")?.metadata?.annotations).toEqual({
        mine: "stays",
        [allocatedFromPool]: "a",
      });
      cluster.configure().reconcile();
      expect(cluster.services.get("default/s")?.metadata?.annotations).toEqual({ mine: "stays" });
    },
  },
  {
    section: "§4.8",
    row: "other fields and old names",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(a);
      cluster.apply(loadBalancerService("s", { annotations: old("address-pool", "a") })).reconcile();
      expect(cluster.reasons("default/s").toSorted()).toEqual(["Normal IPAllocated", "Warning deprecatedAnnotation"]);
      cluster.apply(loadBalancerService("field", { spec: { loadBalancerIP: "192.0.2.3" } })).reconcile();
      expect(cluster.ips("default/field")).toEqual(["192.0.2.3"]);
      const external = { externalIPs: ["192.0.2.2"] };
      const { spec, ...rest } = loadBalancerService("external");
      cluster.apply({ ...rest, spec: { ...external, ...spec } }).reconcile();
      expect(cluster.ips("default/external")).toEqual(["192.0.2.1"]);
    },
  },
  {
    section: "§4.8",
    row: "other fields and old names",
    case: "ipMode",
    verdict: "better",
    why: "written: VIP, or Proxy where the annotation herald-lb.io/ip-mode says so",
    check: () => {
      const cluster = new TestCluster().configure(a).apply(loadBalancerService("s"));
      cluster.apply(loadBalancerService("proxy", { annotations: { "herald-lb.io/ip-mode": "Proxy" } })).reconcile();
      const ingress = (key: string): unknown => cluster.services.get(key)?.status?.loadBalancer?.ingress;
      expect(ingress("default/s")).toEqual([{ ip: "192.0.2.0", ipMode: "VIP" }]);
      expect(ingress("default/proxy")).toEqual([{ ip: "192.0.2.1", ipMode: "Proxy" }]);
    },
  },
  {
    section: "§4.8",
    row: "other fields and old names",
    case: "unknown keys",
    verdict: "better",
    why: "a key of either new prefix that means nothing is warned about, once",
    check: () => {
      const annotations = { "metallb.io/adress-pool": "b", "herald-lb.io/ipmode": "Proxy", "example.org/other": "x" };
      const cluster = new TestCluster().configure(a).apply(loadBalancerService("s", { annotations })).reconcile();
      for (let turn = 0; turn < 3; turn += 1) cluster.look("default/s").reconcile();
      const warned = cluster.events
        .filter(({ reason }) => reason === "unknownAnnotation")
        .map(({ message }) => message);
      expect(warned).toHaveLength(2);
      expect(warned.join(" ")).toContain("metallb.io/adress-pool");
      expect(warned.join(" ")).toContain("herald-lb.io/ipmode");
      expect(cluster.ips("default/s")).toEqual(["192.0.2.0"]);
    },
  },
  {
    section: "§4.9",
    row: "without the flag",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(a);
      cluster
        .apply(loadBalancerService("none"), loadBalancerService("theirs", { spec: { loadBalancerClass: "other" } }))
        .reconcile();
      expect(cluster.ips("default/none")).toEqual(["192.0.2.0"]);
      expect(cluster.ips("default/theirs")).toEqual([]);
    },
  },
  {
    section: "§4.9",
    row: "with the flag",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster({ loadBalancerClass: "ours" }).configure(a);
      const classed = (name: string, loadBalancerClass: string): void => {
        cluster.apply(loadBalancerService(name, { spec: { loadBalancerClass } }));
      };
      cluster.apply(loadBalancerService("none"));
      classed("exact", "ours");
      classed("longer", "ours2");
      classed("case", "Ours");
      cluster.reconcile();
      expect(cluster.ips("default/exact")).toEqual(["192.0.2.0"]);
      for (const name of ["none", "longer", "case"]) expect(cluster.ips(`default/${name}`)).toEqual([]);
    },
  },
  {
    section: "§4.9",
    row: "a Service of another class that holds an address",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(a);
      const theirs = loadBalancerService("s", {
        spec: { loadBalancerClass: "other" },
        ingress: [{ ip: "203.0.113.1" }],
      });
      cluster.apply(theirs).reconcile();
      expect(cluster.ips("default/s")).toEqual(["203.0.113.1"]);
      expect([cluster.writes.size, cluster.events.length]).toEqual([0, 0]);
    },
  },
  {
    section: "§4.9",
    row: "how many classes",
    verdict: "same",
    why: "",
    check: () => {
      const classes = [null, "x", "y"];
      for (const ours of classes) {
        const cluster = new TestCluster({ loadBalancerClass: ours }).configure(a);
        for (const theirs of classes) {
          cluster.apply(
            loadBalancerService(`of-${theirs ?? "none"}`, {
              spec: theirs === null ? {} : { loadBalancerClass: theirs },
            }),
          );
        }
        cluster.reconcile();
        const served = [...cluster.services.keys()].filter((key) => cluster.ips(key).length > 0);
        expect(served).toEqual([`default/of-${ours ?? "none"}`]);
      }
    },
  },
];
