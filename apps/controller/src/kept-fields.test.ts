import type { Namespace, Service } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { namespaceTransform, allocatedServiceTransform } from "./kept-fields.ts";

const annotations = {
  "metallb.io/address-pool": "a",
  "metallb.universe.tf/loadBalancerIPs": "192.0.2.1",
  "herald-lb.io/ip-mode": "Proxy",
};

describe("the fields that the controller keeps", () => {
  it("of a Service are what it asks for and what the controller writes", () => {
    const kept: Service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "shop",
        namespace: "web",
        uid: "1",
        resourceVersion: "9",
        creationTimestamp: "2026-01-01T00:00:00Z",
        labels: { tier: "front" },
        annotations,
      },
      spec: {
        type: "LoadBalancer",
        clusterIP: "10.96.0.9",
        clusterIPs: ["10.96.0.9", "fd00::9"],
        ipFamilies: ["IPv4", "IPv6"],
        ipFamilyPolicy: "PreferDualStack",
        loadBalancerIP: "192.0.2.1",
        loadBalancerClass: "example.com/lb",
        externalTrafficPolicy: "Local",
        selector: { app: "shop" },
        ports: [{ protocol: "TCP", port: 80 }],
      },
      status: {
        loadBalancer: { ingress: [{ ip: "192.0.2.1", ipMode: "VIP" }] },
        conditions: [
          {
            type: "herald-lb.io/LoadBalancerAddressAssigned",
            status: "True",
            reason: "Assigned",
            message: "",
            lastTransitionTime: "2026-01-01T00:00:00Z",
          },
        ],
      },
    };
    const listed = {
      ...kept,
      metadata: {
        ...kept.metadata,
        annotations: { ...annotations, "kubectl.kubernetes.io/last-applied-configuration": "{}" },
        managedFields: [{ manager: "kubectl" }],
      },
      spec: {
        ...kept.spec,
        ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: 8080 }],
        sessionAffinity: "None",
      },
    };
    expect(allocatedServiceTransform(listed)).toEqual(kept);
  });

  it("of a Namespace are its labels and its quota", () => {
    const namespace: Namespace = {
      metadata: {
        name: "web",
        uid: "1",
        resourceVersion: "9",
        labels: { team: "a" },
        annotations: { "herald-lb.io/max-addresses": "3", "example.com/cost": "9" },
      },
    };
    expect(namespaceTransform(namespace).metadata).toEqual({
      ...namespace.metadata,
      annotations: { "herald-lb.io/max-addresses": "3" },
    });
  });
});
