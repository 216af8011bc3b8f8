import type { Service } from "@herald-lb/k8s-glue/objects";
import { expect } from "vitest";
import { annotated, loadBalancerService, pool } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

/** What two Services on one address are told apart by. */
interface Sharer {
  readonly key?: string;
  readonly ports?: readonly (number | string)[];
  /** The selector of a Service with externalTrafficPolicy Local; absent: Cluster. */
  readonly local?: Readonly<Record<string, string>>;
}

function sharer(name: string, { key = "k", ports = [80], local }: Sharer): Service {
  const spec = local === undefined ? {} : { externalTrafficPolicy: "Local", selector: local };
  return loadBalancerService(name, { annotations: key === "" ? {} : annotated("allow-shared-ip", key), ports, spec });
}

const one = pool("one", ["192.0.2.1/32"]);

/** Whether two Services may hold one address: asked on a pool that has no other. */
function together(first: Sharer, second: Sharer): boolean {
  const cluster = new TestCluster()
    .configure(one)
    .apply(sharer("a", first))
    .reconcile()
    .apply(sharer("b", second))
    .reconcile();
  expect(cluster.ips("default/a")).toEqual(["192.0.2.1"]);
  return cluster.ips("default/b").length === 1;
}

/** §4.5: who may share an address. */
export const sharingRows: readonly ConformanceRow[] = [
  {
    section: "§4.5",
    row: "keys",
    verdict: "same",
    why: "",
    check: () => {
      expect(together({ key: "k", ports: [80] }, { key: "k", ports: [81] })).toBe(true);
      expect(together({ key: "", ports: [80] }, { key: "", ports: [81] })).toBe(false);
      expect(together({ key: "k", ports: [80] }, { key: "", ports: [81] })).toBe(false);
      expect(together({ local: { a: "1", b: "2" } }, { ports: [81], local: { b: "2", a: "1" } })).toBe(true);
    },
  },
  {
    section: "§4.5",
    row: "condition",
    verdict: "same",
    why: "",
    check: () => {
      expect(together({ key: "k", ports: [80] }, { key: "other", ports: [81] })).toBe(false);
      expect(together({ key: "k", ports: [80, 443] }, { key: "k", ports: [443] })).toBe(false);
      expect(together({ local: { a: "1" } }, { ports: [81], local: { a: "2" } })).toBe(false);
      const cluster = new TestCluster()
        .configure(pool("p", ["192.0.2.0/30"]))
        .apply(sharer("a", { key: "k" }))
        .reconcile();
      cluster
        .forgetHistory()
        .apply(sharer("a", { key: "other", ports: [8080] }))
        .reconcile();
      expect(cluster.ips("default/a")).toEqual(["192.0.2.0"]);
      expect(cluster.writes.size).toBe(0);
    },
  },
  {
    section: "§4.5",
    row: "consequences",
    verdict: "same",
    why: "",
    check: () => {
      expect(together({}, { ports: [81], local: {} })).toBe(true);
      expect(together({}, { ports: [81], local: { a: "1" } })).toBe(false);
      expect(together({ ports: ["53/TCP"] }, { ports: ["53/UDP"] })).toBe(true);
      expect(together({ ports: ["53/TCP"] }, { ports: ["53/TCP"] })).toBe(false);
      const classes = new TestCluster({ loadBalancerClass: "herald" }).configure(pool("p", ["192.0.2.0/30"]));
      classes.apply({ ...sharer("a", {}) }).reconcile();
      expect(classes.ips("default/a")).toEqual([]);
    },
  },
  {
    section: "§4.5",
    row: "a Service that may not stay",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(pool("p", ["192.0.2.0/30"]));
      cluster
        .apply(sharer("a", { ports: [80] }))
        .reconcile()
        .apply(sharer("b", { ports: [81] }))
        .reconcile();
      cluster
        .forgetHistory()
        .apply(sharer("b", { key: "other", ports: [81] }))
        .reconcile();
      expect(cluster.ips("default/a")).toEqual(["192.0.2.0"]);
      expect(cluster.ips("default/b")).toEqual(["192.0.2.1"]);
      expect(cluster.reasons("default/b")).toEqual(["Normal ClearAssignment", "Normal IPAllocated"]);
      cluster.apply(sharer("b", { key: "k", ports: [81] }), sharer("c", { ports: [82] })).reconcile();
      cluster.apply(sharer("c", { ports: [80] })).reconcile();
      expect(cluster.ips("default/c")).not.toEqual(["192.0.2.0"]);
    },
  },
  {
    section: "§4.5",
    row: "a key that changes",
    verdict: "better",
    why: "those who wait are asked again, not all: also when only a port was given back",
    check: () => {
      const cluster = new TestCluster()
        .configure(one)
        .apply(sharer("a", { key: "k" }))
        .reconcile();
      cluster.apply(sharer("b", { key: "other", ports: [81] })).reconcile();
      expect(cluster.ips("default/b")).toEqual([]);
      cluster.apply(sharer("a", { key: "other" })).reconcile();
      expect(cluster.ips("default/b")).toEqual(["192.0.2.1"]);
      cluster.apply(sharer("c", { key: "other", ports: [80] })).reconcile();
      expect(cluster.ips("default/c")).toEqual([]);
      cluster.apply(sharer("a", { key: "other", ports: [443] })).reconcile();
      expect(cluster.ips("default/c")).toEqual(["192.0.2.1"]);
    },
  },
  {
    section: "§4.5",
    row: "together or apart",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(pool("p", ["192.0.2.0/30"]));
      cluster
        .apply(loadBalancerService("plain"))
        .reconcile()
        .apply(sharer("a", { ports: [80] }))
        .reconcile()
        .delete("default/plain")
        .reconcile();
      cluster
        .apply(sharer("b", { ports: [81] }))
        .reconcile()
        .apply(sharer("c", { ports: [82] }))
        .reconcile();
      expect(cluster.ips("default/a")).toEqual(["192.0.2.1"]);
      expect(cluster.ips("default/b")).toEqual(["192.0.2.0"]);
      expect(cluster.ips("default/c")).toEqual(["192.0.2.0"]);
    },
  },
];
