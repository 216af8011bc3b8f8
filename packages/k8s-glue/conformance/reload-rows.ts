import { readConfiguration, wantedConfigurationState } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { expect } from "vitest";
import { loadBalancerService, pool } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

const a = pool("a", ["192.0.2.0/30"]);
const bad = pool("bad", ["192.0.2.300/32"]);

const component = { type: "controller" } as const;

/** What the controller's ConfigurationState says of objects. */
function stateOf(objects: readonly KubernetesObject[]): string | undefined {
  const { issues } = readConfiguration(objects);
  const now = "2026-01-01T00:00:00Z";
  return wantedConfigurationState({ component, namespace: "metallb-system", issues, live: null, now }).status?.result;
}

/** §8, as far as it is the controller's. */
export const reloadRows: readonly ConformanceRow[] = [
  {
    section: "§8",
    row: "error in parsing or validation",
    verdict: "better",
    why: "each object by itself: what is sound has effect at once, what is not says why in its own condition; ConfigurationState is Invalid as there",
    check: () => {
      const cluster = new TestCluster().configure(a).apply(loadBalancerService("s")).reconcile().forgetHistory();
      cluster.configure(a, bad, pool("b", ["198.51.100.0/30"])).reconcile();
      expect(cluster.ips("default/s")).toEqual(["192.0.2.0"]);
      expect(cluster.writes.size).toBe(0);
      for (const name of ["t", "u", "v", "w"]) cluster.apply(loadBalancerService(name));
      expect(cluster.reconcile().show("default/w")).toEqual({ ips: ["198.51.100.0"], pool: "b" });
      const { issues } = readConfiguration([a, bad]);
      expect(new Set(issues.map(({ object }) => object.name))).toEqual(new Set(["bad"]));
      expect(stateOf([a, bad])).toBe("Invalid");
      expect(stateOf([a])).toBe("Valid");
    },
  },
  {
    section: "§8",
    row: "transient error while applying",
    verdict: "not applicable",
    why: "taking a configuration does no input or output and cannot fail; writes that fail are repeated for the one object they are about",
    check: null,
  },
  {
    section: "§8",
    row: "lasting error while applying",
    verdict: "not applicable",
    why: "as before; and the configuration is computed from all objects at every change, so that nothing without effect counts as unchanged",
    check: null,
  },
  {
    section: "§8",
    row: "no pool for an address in use",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = new TestCluster().configure(a).apply(loadBalancerService("s")).reconcile();
      cluster.configure(pool("b", ["198.51.100.0/30"])).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.0"], pool: "b" });
    },
  },
  {
    section: "§8",
    row: "equal configuration",
    verdict: "same",
    why: "",
    check: () => {
      const b = pool("b", ["198.51.100.0/30"]);
      const cluster = new TestCluster().configure(a, b).apply(loadBalancerService("s")).reconcile().forgetHistory();
      cluster
        .configure(b, a)
        .reconcile()
        .configure({ ...a, metadata: { ...a.metadata, labels: { x: "y" } } }, b)
        .reconcile();
      expect([cluster.writes.size, cluster.events.length]).toEqual([0, 0]);
    },
  },
  {
    section: "§8",
    row: "node added or labels of a node changed",
    verdict: "same",
    why: "",
    check: () => {
      expect(readConfiguration([a, { apiVersion: "v1", kind: "Node", metadata: { name: "n" } }])).toEqual(
        readConfiguration([a]),
      );
    },
  },
  {
    section: "§8",
    row: "labels of a Namespace changed",
    verdict: "same",
    why: "",
    check: () => {
      const team = { serviceAllocation: { namespaceSelectors: [{ matchLabels: { team: "a" } }] } };
      const cluster = new TestCluster()
        .configure(pool("t", ["192.0.2.0/30"], team))
        .apply(loadBalancerService("s"))
        .reconcile();
      expect(cluster.ips("default/s")).toEqual([]);
      cluster.namespace("default", { team: "a" }).reconcile();
      expect(cluster.ips("default/s")).toEqual(["192.0.2.0"]);
    },
  },
  {
    section: "§8",
    row: "Secret changed",
    verdict: "not applicable",
    why: "of the speaker: the controller reads no password",
    check: null,
  },
  {
    section: "§8",
    row: "configuration in the debug log",
    verdict: "not applicable",
    why: "of the speaker: the controller reads no password, and a configuration is never logged",
    check: null,
  },
  {
    section: "§8",
    row: "ConfigurationState deleted",
    verdict: "same",
    why: "",
    check: () => {
      const wanted = (live: KubernetesObject | null): object =>
        wantedConfigurationState({
          component,
          namespace: "metallb-system",
          issues: [],
          live,
          now: "2026-01-01T00:00:00Z",
        });
      const live: KubernetesObject = { kind: "ConfigurationState", metadata: { name: "controller" } };
      expect(wanted(null)).toEqual(wanted(live));
      expect(wanted(null)).toMatchObject({ metadata: { name: "controller" }, status: { result: "Valid" } });
    },
  },
  {
    section: "§8",
    row: "different parts",
    verdict: "better",
    why: "the controller reads every kind and says of each object what is wrong with it",
    check: () => {
      const advertisement: KubernetesObject & { readonly spec: object } = {
        apiVersion: "metallb.io/v1beta1",
        kind: "BGPAdvertisement",
        metadata: { name: "ad", namespace: "metallb-system" },
        spec: { aggregationLength: 40 },
      };
      expect(readConfiguration([a, advertisement]).issues.map(({ object }) => object.name)).toEqual(["ad"]);
    },
  },
  {
    section: "§8",
    row: "no configuration",
    verdict: "better",
    why: "a Service says in its condition and its Event, once, that no pool is there for it",
    check: () => {
      const cluster = new TestCluster().apply(loadBalancerService("s")).reconcile();
      for (let turn = 0; turn < 3; turn += 1) cluster.look("default/s").reconcile();
      expect(cluster.reasons("default/s")).toEqual(["Warning AllocationFailed"]);
      expect(cluster.services.get("default/s")?.status?.conditions).toHaveLength(1);
    },
  },
];
