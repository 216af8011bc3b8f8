import { wantedServiceBGPStatus, wantedServiceL2Status } from "@herald-lb/k8s-glue/announce";
import type { EndpointSlice, Service } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { SERVICE_NAME, serviceStatusTransform, announcedServiceTransform, sliceTransform } from "./kept-fields.ts";

const slice = (name: string, endpoints: EndpointSlice["endpoints"]): EndpointSlice => ({
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: {
    name,
    namespace: "web",
    uid: name,
    resourceVersion: "1",
    labels: { [SERVICE_NAME]: "shop", "app.kubernetes.io/name": "shop" },
  },
  addressType: "IPv4",
  ...(endpoints === undefined ? {} : { endpoints }),
});

/** The transform of a speaker on a node without endpoints. */
const reduce = sliceTransform("node-9");

describe("the fields that the speaker keeps", () => {
  it("of a slice are the Service's name and what decides which nodes serve", () => {
    const given = slice("a", [
      { addresses: ["10.244.0.1"], nodeName: "node-0", conditions: { ready: true, serving: true, terminating: false } },
      { addresses: ["10.244.1.1"], nodeName: "node-1", conditions: { ready: false, serving: true, terminating: true } },
      { addresses: ["10.244.2.1"], nodeName: "node-2", conditions: { ready: false } },
      { addresses: [], nodeName: "node-3", conditions: { ready: true } },
      { addresses: ["10.244.4.1"], nodeName: "node-4" },
      { addresses: ["10.244.5.1"], conditions: { ready: true } },
    ]);
    const kept = reduce(given).endpoints ?? [];
    expect(kept.map(({ nodeName, conditions, addresses }) => [nodeName, conditions, addresses?.length])).toEqual([
      ["node-0", { ready: true, serving: true, terminating: false }, 1],
      ["node-1", { ready: false, serving: true, terminating: true }, 1],
      ["node-2", { ready: false }, 1],
      ["node-3", { ready: true }, 0],
      ["node-4", {}, 1],
      [undefined, { ready: true }, 1],
    ]);
    expect(reduce(given).metadata?.labels).toEqual({ [SERVICE_NAME]: "shop" });
  });

  it("of endpoints on one node in one condition are held once, over all slices", () => {
    const endpoint = (address: string) => ({ addresses: [address], nodeName: "node-0", conditions: { ready: true } });
    const a = reduce(slice("a", [endpoint("10.244.0.1"), endpoint("10.244.0.2")]));
    const b = reduce(slice("b", [endpoint("10.244.0.3")]));
    expect(a.endpoints).toHaveLength(1);
    expect(a.endpoints).toBe(b.endpoints);
  });

  it("of endpoints on the speaker's own node are held one by one, since their number may count", () => {
    const on = (nodeName: string) => ({ addresses: ["10.244.0.1"], nodeName, conditions: { ready: true } });
    const kept = sliceTransform("node-0")(slice("a", [on("node-0"), on("node-1"), on("node-0"), on("node-1")]));
    expect(kept.endpoints?.map(({ nodeName }) => nodeName)).toEqual(["node-1", "node-0", "node-0"]);
    expect(kept.endpoints?.[1]).toBe(kept.endpoints?.[2]);
  });

  it("of a slice without endpoints are none", () => {
    expect(reduce(slice("a", null)).endpoints).toEqual([]);
  });

  it("of the status of an announcement are all that the speaker writes, so that it is not written again", () => {
    const owner = { apiVersion: "v1", kind: "Pod", name: "speaker-0", uid: "p" };
    const announced = {
      namespace: "metallb-system",
      node: "node-0",
      serviceNamespace: "web",
      serviceName: "shop",
      owner,
    };
    const cause = { reason: "NodeDied", previous: "node-1", detectedBy: ["node-2"] };
    const both = [
      wantedServiceL2Status(announced, { addresses: ["192.0.2.9"], interfaces: ["eth0"], cause }),
      wantedServiceBGPStatus(announced, ["a"]),
    ];
    for (const wanted of both) {
      const live = { ...wanted, metadata: { ...wanted.metadata, resourceVersion: "2", managedFields: [{}] } };
      const kept = { ...wanted, metadata: { ...wanted.metadata, resourceVersion: "2" } };
      expect(serviceStatusTransform(live)).toEqual(kept);
    }
  });

  it("of a Service are those that an announcement depends on", () => {
    const service: Service = {
      metadata: {
        name: "shop",
        namespace: "web",
        uid: "1",
        resourceVersion: "9",
        labels: { tier: "front" },
        annotations: { "metallb.universe.tf/allow-shared-ip": "key", "kubectl.kubernetes.io/restartedAt": "now" },
      },
      spec: {
        type: "LoadBalancer",
        loadBalancerClass: "example.com/lb",
        externalTrafficPolicy: "Local",
        clusterIPs: ["10.96.0.9"],
        ports: [{ port: 80 }],
      },
      status: { loadBalancer: { ingress: [{ ip: "192.0.2.9" }] } },
    };
    expect(announcedServiceTransform(service)).toEqual({
      metadata: { ...service.metadata, annotations: { "metallb.universe.tf/allow-shared-ip": "key" } },
      spec: { type: "LoadBalancer", loadBalancerClass: "example.com/lb", externalTrafficPolicy: "Local" },
      status: service.status,
    });
  });
});
