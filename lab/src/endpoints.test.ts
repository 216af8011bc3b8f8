import { describe, expect, it } from "vitest";
import { type BackedService, type BackingPod, endpointSlicesOf } from "./endpoints.ts";

const pod = (
  name: string,
  facts: { labels?: Record<string, string>; phase?: string; namespace?: string } = {},
): BackingPod => ({
  metadata: { name, namespace: facts.namespace ?? "default", labels: facts.labels ?? { app: "web" } },
  spec: { nodeName: `node-of-${name}`, containers: [{ ports: [{ name: "http", containerPort: 8080 }] }] },
  status: {
    phase: facts.phase ?? "Running",
    podIPs: [{ ip: `198.51.100.${name.length}` }, { ip: `2001:db8::${name.length}` }],
  },
});

const service = (spec: NonNullable<BackedService["spec"]>): BackedService => ({
  metadata: { name: "shop", namespace: "default" },
  spec: { ipFamilies: ["IPv4"], selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
});

describe("EndpointSlices of a Service", () => {
  it.each([
    { name: "a number", targetPort: 9090, port: 9090 },
    { name: "a container port's name", targetPort: "http", port: 8080 },
    { name: "nothing: the Service's own port", targetPort: undefined, port: 80 },
  ])("lead where the target port says: $name", ({ targetPort, port }) => {
    const ports = [{ name: "web", port: 80, ...(targetPort === undefined ? {} : { targetPort }) }];
    const [slice] = endpointSlicesOf(service({ ports }), [pod("a")]);
    expect(slice?.ports).toEqual([{ name: "web", port, protocol: "TCP" }]);
  });

  it("are one a family, each with that family's addresses", () => {
    const slices = endpointSlicesOf(service({ ipFamilies: ["IPv6", "IPv4"] }), [pod("bb"), pod("a")]);
    expect(
      slices.map(({ metadata, endpoints }) => [metadata.name, endpoints?.flatMap(({ addresses }) => addresses)]),
    ).toEqual([
      ["shop-ipv6", ["2001:db8::1", "2001:db8::2"]],
      ["shop-ipv4", ["198.51.100.1", "198.51.100.2"]],
    ]);
  });

  it.each([
    { name: "of another label", other: pod("other", { labels: { app: "db" } }) },
    { name: "of another namespace", other: pod("other", { namespace: "elsewhere" }) },
    { name: "not running", other: pod("other", { phase: "Pending" }) },
  ])("leave a pod out that is $name", ({ other }) => {
    const [slice] = endpointSlicesOf(service({}), [pod("a"), other]);
    expect(slice?.endpoints?.map(({ nodeName }) => nodeName)).toEqual(["node-of-a"]);
  });

  it("are nobody's business without a selector", () => {
    expect(endpointSlicesOf(service({ selector: {} }), [pod("a")])).toEqual([]);
  });
});
