import type { Service } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { annotationEvent } from "./annotation-issue.ts";
import { maxAddressesOf } from "./max-addresses.ts";
import { annotationIssues, type ServiceOptions, serviceOptions } from "./service-options.ts";

const plain: ServiceOptions = { perFamily: 1, ipMode: "VIP", sharesWith: [] };

function annotated(annotations: Readonly<Record<string, string>>): Service {
  return { metadata: { name: "web", namespace: "default", annotations } };
}

describe("Herald's own annotations of a Service", () => {
  it.each<{ name: string; value: string; options: Partial<ServiceOptions> | null }>([
    { name: "addresses-per-family", value: "1", options: { perFamily: 1 } },
    { name: "addresses-per-family", value: "16", options: { perFamily: 16 } },
    { name: "addresses-per-family", value: "0", options: null },
    { name: "addresses-per-family", value: "17", options: null },
    { name: "addresses-per-family", value: "-1", options: null },
    { name: "addresses-per-family", value: "2.0", options: null },
    { name: "addresses-per-family", value: " 2", options: null },
    { name: "addresses-per-family", value: "0x2", options: null },
    { name: "addresses-per-family", value: "", options: null },
    { name: "ip-mode", value: "VIP", options: { ipMode: "VIP" } },
    { name: "ip-mode", value: "Proxy", options: { ipMode: "Proxy" } },
    { name: "ip-mode", value: "proxy", options: null },
    { name: "share-with-namespaces", value: "b, a,b", options: { sharesWith: ["a", "b"] } },
    { name: "share-with-namespaces", value: "*", options: { sharesWith: ["*"] } },
    { name: "share-with-namespaces", value: "a,", options: null },
    { name: "share-with-namespaces", value: "Team", options: null },
    { name: "share-with-namespaces", value: "", options: null },
  ])('$name: "$value" is $options', ({ name, value, options }) => {
    const annotation = `herald-lb.io/${name}`;
    const read = serviceOptions(annotated({ [annotation]: value }));
    expect(read.options).toEqual({ ...plain, ...options });
    if (options !== null) return expect(read.issues).toEqual([]);
    expect(read.issues).toMatchObject([{ code: "BadAnnotation", annotation, value }]);
  });

  it("are as they are where nothing is written", () => {
    expect(serviceOptions({})).toEqual({ options: plain, issues: [] });
  });
});

describe("annotationIssues", () => {
  it.each<{ annotation: string; value?: string; reason: string | null }>([
    { annotation: "metallb.io/address-pool", reason: null },
    { annotation: "metallb.io/loadBalancerIPs", reason: null },
    { annotation: "metallb.io/allow-shared-ip", reason: null },
    { annotation: "metallb.io/ip-allocated-from-pool", reason: null },
    { annotation: "metallb.universe.tf/ip-allocated-from-pool", reason: null },
    { annotation: "example.com/anything", reason: null },
    { annotation: "metallb.io/loadBalancerIP", reason: "unknownAnnotation" },
    { annotation: "metallb.io/toString", reason: "unknownAnnotation" },
    { annotation: "herald-lb.io/ipMode", reason: "unknownAnnotation" },
    { annotation: "metallb.universe.tf/address-pool", reason: "deprecatedAnnotation" },
    { annotation: "metallb.universe.tf/anything", reason: "unknownAnnotation" },
    { annotation: "herald-lb.io/ip-mode", value: "NAT", reason: "badAnnotation" },
    { annotation: "herald-lb.io/bgp-communities", value: "65000:1, large:1:2:3,fast", reason: null },
    { annotation: "herald-lb.io/bgp-communities", value: "65000:1,", reason: "badAnnotation" },
    { annotation: "herald-lb.io/bgp-communities", value: "65536:1", reason: "badAnnotation" },
    { annotation: "herald-lb.io/bgp-local-pref", value: "150", reason: null },
    { annotation: "herald-lb.io/bgp-local-pref", value: "4294967296", reason: "badAnnotation" },
  ])("of $annotation: $reason", ({ annotation, value = "x", reason }) => {
    const events = annotationIssues(annotated({ [annotation]: value })).map(annotationEvent);
    expect(events.map((event) => `${event.type} ${event.reason}`)).toEqual(
      reason === null ? [] : [`Warning ${reason}`],
    );
    for (const { message } of events) expect(message).toContain(annotation);
  });

  it("names a bad value and what would be a good one, and every annotation of the old prefix at once", () => {
    const issues = annotationIssues(
      annotated({
        "herald-lb.io/ip-mode": "NAT",
        "metallb.universe.tf/loadBalancerIPs": "",
        "metallb.universe.tf/address-pool": "",
      }),
    );
    expect(issues.map((issue) => annotationEvent(issue).message)).toEqual([
      'annotation herald-lb.io/ip-mode has no effect: its value "NAT" is not VIP or Proxy',
      "Service uses deprecated annotations: metallb.universe.tf/address-pool, metallb.universe.tf/loadBalancerIPs; use the prefix metallb.io/ instead of metallb.universe.tf/",
    ]);
  });
});

describe("maxAddressesOf", () => {
  it.each([
    { value: undefined, expected: null },
    { value: "0", expected: 0 },
    { value: "10", expected: 10 },
    { value: "999999999", expected: 999_999_999 },
  ])("of $value is $expected", ({ value, expected }) => {
    const annotations = value === undefined ? {} : { "herald-lb.io/max-addresses": value };
    expect(maxAddressesOf({ metadata: { name: "team-a", annotations } })).toEqual({ ok: true, value: expected });
  });

  it.each(["", "-1", "ten", "1e3", "1000000000"])('of "%s" is an issue', (value) => {
    const read = maxAddressesOf({ metadata: { name: "team-a", annotations: { "herald-lb.io/max-addresses": value } } });
    expect(read).toMatchObject({ ok: false, error: { code: "BadAnnotation", value } });
  });
});
