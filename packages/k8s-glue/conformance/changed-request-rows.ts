import { expect } from "vitest";
import { loadBalancerService, pool } from "../src/ipam/service-objects.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";
import { a, b, nothing, serving } from "./life-cycle.test.fixture.ts";
import { asks, names } from "./requests.test.fixture.ts";

/** §4.6: another request of a Service that holds addresses. */
export const changedRequestRows: readonly ConformanceRow[] = [
  {
    section: "§4.6",
    row: "another pool is requested",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = serving()
        .apply(loadBalancerService("s", { annotations: names("b") }))
        .reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.0"], pool: "b" });
      expect(cluster.reasons("default/s")).toEqual(["Normal ClearAssignment", "Normal IPAllocated"]);
    },
  },
  {
    section: "§4.6",
    row: "another pool is requested",
    case: "to a pool that is not there",
    verdict: "better",
    why: "the address serves on, and the refusal is said: a slip in an annotation is no reason to take traffic down",
    check: () => {
      const cluster = serving()
        .apply(loadBalancerService("s", { annotations: names("none") }))
        .reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "a" });
      expect(cluster.reasons("default/s")).toEqual(["Warning LoadBalancerFailed"]);
    },
  },
  {
    section: "§4.6",
    row: "another pool is requested",
    case: "to a pool that is full",
    verdict: "better",
    why: "the address that serves stays until the pool asked for has one, also for a new leader; it goes at once where impossible requests release",
    check: () => {
      const full = pool("full", ["203.0.113.0/32"], { autoAssign: false });
      const cluster = serving().configure(a, b, full);
      cluster.apply(loadBalancerService("other", { annotations: names("full") })).reconcile();
      cluster.apply(loadBalancerService("s", { annotations: names("full") })).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "a" });
      expect(cluster.elect().reconcile().show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "a" });
      expect(cluster.said("default/s")).toContain('pool "full"');
      cluster.delete("default/other").reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["203.0.113.0"], pool: "full" });
      const released = serving({ impossibleRequests: "Release" }).configure(a, b, full);
      released.apply(loadBalancerService("other", { annotations: names("full") })).reconcile();
      released.apply(loadBalancerService("s", { annotations: names("full") })).reconcile();
      expect(released.show("default/s")).toEqual(nothing);
    },
  },
  {
    section: "§4.6",
    row: "another pool is requested",
    case: "to one that is not there where impossible requests release",
    verdict: "same",
    why: "",
    check: () => {
      const released = serving({ impossibleRequests: "Release" });
      released.apply(loadBalancerService("s", { annotations: names("none") })).reconcile();
      expect(released.show("default/s")).toEqual(nothing);
    },
  },
  {
    section: "§4.6",
    row: "other addresses are requested",
    verdict: "better",
    why: "a request that cannot be met leaves the address that serves where it is; it is met as soon as it can be",
    check: () => {
      const cluster = serving()
        .apply(loadBalancerService("s", { annotations: asks("198.51.100.3") }))
        .reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.3"], pool: "b" });
      cluster.apply(loadBalancerService("t", { annotations: asks("192.0.2.2") })).reconcile();
      cluster.apply(loadBalancerService("s", { annotations: asks("192.0.2.2") })).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["198.51.100.3"], pool: "b" });
      cluster.delete("default/t").reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.2"], pool: "a" });
    },
  },
  {
    section: "§4.6",
    row: "other addresses are requested",
    case: "where impossible requests release",
    verdict: "same",
    why: "",
    check: () => {
      const cluster = serving({ impossibleRequests: "Release" });
      cluster.apply(loadBalancerService("s", { annotations: asks("203.0.113.1") })).reconcile();
      expect(cluster.show("default/s")).toEqual(nothing);
      cluster.apply(loadBalancerService("s", { annotations: asks("192.0.2.3") })).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.3"], pool: "a" });
    },
  },
  {
    section: "§4.6",
    row: "the annotation and spec.loadBalancerIP are both set",
    verdict: "better",
    why: "the same Event; what is held serves on, whatever the policy for requests that cannot be met: these cannot be read",
    check: () => {
      const both = loadBalancerService("s", { annotations: asks("192.0.2.1"), spec: { loadBalancerIP: "192.0.2.2" } });
      const cluster = serving().apply(both).reconcile();
      expect(cluster.show("default/s")).toEqual({ ips: ["192.0.2.0"], pool: "a" });
      expect(cluster.reasons("default/s")).toEqual(["Warning LoadBalancerFailed"]);
    },
  },
  {
    section: "§4.6",
    row: "the request is removed",
    verdict: "same",
    why: "",
    check: () => {
      for (const annotations of [names("b"), asks("198.51.100.3")]) {
        const cluster = serving().apply(loadBalancerService("s", { annotations })).reconcile();
        const held = cluster.show("default/s");
        expect(held.pool).toBe("b");
        cluster.forgetHistory().apply(loadBalancerService("s")).reconcile();
        expect(cluster.show("default/s")).toEqual(held);
        expect(cluster.writes.size).toBe(0);
      }
    },
  },
];
