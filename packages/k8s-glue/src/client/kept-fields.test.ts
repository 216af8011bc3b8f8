import type { Service } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { createTransform, identityFields } from "./kept-fields.ts";

const transform = createTransform<Service>(
  {
    apiVersion: "Shared",
    kind: "Shared",
    metadata: { ...identityFields, labels: "Kept", annotations: "Kept" },
    spec: {
      type: "Shared",
      clusterIP: "Dropped",
      clusterIPs: "Dropped",
      ipFamilies: "Shared",
      ipFamilyPolicy: "Kept",
      loadBalancerIP: "Kept",
      loadBalancerClass: "Kept",
      externalTrafficPolicy: "Kept",
      selector: "Dropped",
      ports: { name: "Dropped", protocol: "Kept", port: "Kept", nodePort: "Dropped" },
    },
    status: "Kept",
  },
  { annotations: ["metallb.io/"] },
);

const service = (name: string, annotations?: Readonly<Record<string, string>>): Service => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: {
    name,
    namespace: "web",
    uid: `uid-of-${name}`,
    resourceVersion: "7",
    labels: { app: name },
    managedFields: [{ manager: "kubectl" }],
    ...(annotations === undefined ? {} : { annotations }),
  },
  spec: { type: "LoadBalancer", clusterIP: "10.96.0.1", ipFamilies: ["IPv4"], ports: [{ name: "http", port: 80 }] },
  status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
});

describe("the transform of a cache", () => {
  it("keeps the fields that are named and drops the others", () => {
    expect(transform(service("a"))).toEqual({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "a", namespace: "web", uid: "uid-of-a", resourceVersion: "7", labels: { app: "a" } },
      spec: { type: "LoadBalancer", ipFamilies: ["IPv4"], ports: [{ port: 80 }] },
      status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } },
    });
  });

  it("keeps the annotations with a prefix that is read", () => {
    const annotations = { "metallb.io/address-pool": "a", "kubectl.kubernetes.io/last-applied-configuration": "{}" };
    expect(transform(service("a", annotations)).metadata?.annotations).toEqual({ "metallb.io/address-pool": "a" });
  });

  it("leaves out an object of annotations of which none is read", () => {
    expect(transform(service("a", { "example.com/owner": "me" })).metadata).not.toHaveProperty("annotations");
  });

  it("holds equal values of a shared field once, and the object itself anew", () => {
    const [a, b] = [transform(service("a")), transform(service("b"))];
    expect(a.spec?.ipFamilies).toBe(b.spec?.ipFamilies);
    expect(a.spec?.ports).toBe(b.spec?.ports);
    expect(a.metadata).not.toBe(b.metadata);
  });

  it("does not change what it is given", () => {
    const given = service("a", { "example.com/owner": "me" });
    transform(given);
    expect(given).toEqual(service("a", { "example.com/owner": "me" }));
  });

  it("takes an object without the parts that others have, and null for absent", () => {
    const bare = { metadata: { name: "a" }, spec: null } as unknown as Service;
    expect(transform(bare)).toEqual({ metadata: { name: "a" } });
  });

  it("never takes a list for the text that is written like it", () => {
    const listed = { ...service("a"), spec: { type: '["IPv4"]', ipFamilies: ["IPv4"] } };
    expect(transform(listed).spec).toEqual({ type: '["IPv4"]', ipFamilies: ["IPv4"] });
  });
});
