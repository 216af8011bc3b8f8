import type { KubernetesObject, Service } from "@herald-lb/k8s-glue/objects";
import { expect } from "vitest";
import { annotated, loadBalancerService, pool, type ServiceFields } from "../src/ipam/service-objects.test.fixture.ts";
import { TestCluster } from "../src/ipam/test-cluster.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

const a = pool("a", ["192.0.2.1/32"]);
const asks = (addresses: string): ServiceFields => ({ annotations: annotated("loadBalancerIPs", addresses) });
const names = (name: string): ServiceFields => ({ annotations: annotated("address-pool", name) });

/** The message about a Service `s` with these fields, applied after others, under these pools; always one line. */
function said(fields: ServiceFields, pools: readonly KubernetesObject[], ...others: readonly Service[]): string {
  const cluster = new TestCluster().configure(...pools);
  for (const other of others) cluster.apply(other).reconcile();
  const text = cluster.apply(loadBalancerService("s", fields)).reconcile().said("default/s");
  expect(cluster.ips("default/s")).toEqual([]);
  expect(text).not.toContain("\n");
  return text;
}

/** That each of some words is in a text. */
function expectWords(text: string, ...words: readonly string[]): void {
  for (const word of words) expect(text).toContain(word);
}

/** §4.11: what refusals say. */
export const errorTextRows: readonly ConformanceRow[] = [
  {
    section: "§4.11",
    row: "address outside the pools",
    verdict: "better",
    why: "tells an address of no pool from one that its pool avoids",
    check: () => {
      expectWords(said(asks("203.0.113.1"), [a]), "203.0.113.1", "no pool");
      const avoiding = pool("b", ["198.51.100.0/30"], { avoidBuggyIPs: true });
      expectWords(said(asks("198.51.100.0"), [a, avoiding]), "198.51.100.0", "0 or 255", '"b"');
    },
  },
  {
    section: "§4.11",
    row: "pool for other Services",
    verdict: "same",
    why: "",
    check: () => {
      const other = pool("b", ["198.51.100.0/30"], { serviceAllocation: { namespaces: ["team-b"] } });
      expectWords(said(names("b"), [a, other]), '"b"', "for others");
      expectWords(said(asks("198.51.100.1"), [a, other]), '"b"', "198.51.100.1", "for others");
    },
  },
  {
    section: "§4.11",
    row: "three addresses or more",
    verdict: "better",
    why: "names them",
    check: () => {
      expectWords(said(asks("192.0.2.1,2001:db8::1,192.0.2.2"), [a]), "more than two addresses", "192.0.2.2");
    },
  },
  {
    section: "§4.11",
    row: "two addresses of one family",
    verdict: "better",
    why: "names them",
    check: () => {
      expectWords(said(asks("192.0.2.1,192.0.2.2"), [a]), "same family", "192.0.2.1", "192.0.2.2");
    },
  },
  {
    section: "§4.11",
    row: "another sharing key",
    verdict: "better",
    why: "says who holds the address and which key that has",
    check: () => {
      const other = loadBalancerService("other", { annotations: annotated("allow-shared-ip", "theirs") });
      const mine: ServiceFields = {
        annotations: { ...annotated("allow-shared-ip", "mine"), ...asks("192.0.2.1").annotations },
      };
      expectWords(said(mine, [a], other), "192.0.2.1", '"default/other"', '"theirs"');
    },
  },
  {
    section: "§4.11",
    row: "port in use",
    verdict: "better",
    why: "names the holder",
    check: () => {
      const other = loadBalancerService("other", { annotations: annotated("allow-shared-ip", "k") });
      const mine: ServiceFields = {
        annotations: { ...annotated("allow-shared-ip", "k"), ...asks("192.0.2.1").annotations },
      };
      expectWords(said(mine, [a], other), "port TCP/80 is already in use", "192.0.2.1", '"default/other"');
    },
  },
  {
    section: "§4.11",
    row: "requested pool is full",
    verdict: "same",
    why: "",
    check: () => {
      expectWords(
        said(names("a"), [a], loadBalancerService("other")),
        "no available IPs",
        'pool "a"',
        "no IPv4 address is free",
      );
    },
  },
  {
    section: "§4.11",
    row: "all pools are full",
    verdict: "better",
    why: "names every pool that was tried, in order, and why it gave nothing",
    check: () => {
      const text = said({}, [a, pool("b", ["2001:db8::/126"])], loadBalancerService("other"));
      expect(text).toMatch(/no available IPs: pool "a": no IPv4 address is free; pool "b": no IPv4 addresses$/u);
      expectWords(
        said({}, [pool("c", ["192.0.2.0/30"], { autoAssign: false })]),
        "no pool is eligible for this service",
      );
    },
  },
  {
    section: "§4.11",
    row: "requested pool has not both families",
    verdict: "better",
    why: "names the family that is lacking",
    check: () => {
      const require: ServiceFields = { stack: "dual", policy: "RequireDualStack", ...names("a") };
      expectWords(said(require, [a]), "no available IPs", '"a": no IPv6');
    },
  },
  {
    section: "§4.11",
    row: "requested pool does not exist",
    verdict: "same",
    why: "",
    check: () => expectWords(said(names("X"), [a]), 'unknown pool "X"'),
  },
  {
    section: "§4.11",
    row: "requested addresses of other families",
    verdict: "better",
    why: "names the families that the Service needs",
    check: () => expectWords(said({ stack: "v6", ...asks("192.0.2.1") }, [a]), "192.0.2.1", "IPv6"),
  },
  {
    section: "§4.11",
    row: "requested addresses of another pool",
    verdict: "better",
    why: "names the addresses and the pool",
    check: () => {
      const both: ServiceFields = { annotations: { ...names("a").annotations, ...asks("198.51.100.1").annotations } };
      expectWords(said(both, [a, pool("b", ["198.51.100.0/30"])]), "198.51.100.1", 'pool "a"');
    },
  },
  {
    section: "§4.11",
    row: "annotation that cannot be read",
    verdict: "same",
    why: "",
    check: () => expectWords(said(asks("192.0.2"), [a]), "loadBalancerIPs", '"192.0.2"'),
  },
  {
    section: "§4.11",
    row: "annotation and field at once",
    verdict: "better",
    why: "names both values",
    check: () => {
      const both: ServiceFields = { ...asks("192.0.2.1"), spec: { loadBalancerIP: "192.0.2.2" } };
      expectWords(said(both, [a]), "192.0.2.1", "192.0.2.2", "spec.loadBalancerIP");
    },
  },
  {
    section: "§4.11",
    row: "field that cannot be read",
    verdict: "same",
    why: "",
    check: () => expectWords(said({ spec: { loadBalancerIP: "web" } }, [a]), "spec.loadBalancerIP", '"web"'),
  },
  {
    section: "§4.11",
    row: "requested pool has only the other family",
    verdict: "better",
    why: "says that the pool has no IPv4, or none free",
    check: () => {
      expectWords(said(names("six"), [pool("six", ["2001:db8::/126"])]), 'pool "six": no IPv4 addresses');
      const both = pool("both", ["192.0.2.1/32", "2001:db8::/126"]);
      expectWords(said(names("both"), [both], loadBalancerService("other")), 'pool "both": no IPv4 address is free');
    },
  },
  {
    section: "§4.11",
    row: "detail that is missing",
    verdict: "better",
    why: "it always does",
    check: () => {
      const full = ["a", "b", "c"].map((name, at) => pool(name, [`192.0.2.${at}/32`]));
      const others = ["x", "y", "z"].map((name) => loadBalancerService(name));
      expectWords(said({}, full, ...others), '"a"', '"b"', '"c"', "no IPv4 address is free");
    },
  },
];
