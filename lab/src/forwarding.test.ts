import { describe, expect, it } from "vitest";
import { type ForwardedEndpoint, type ForwardedService, forwardingRuleset } from "./forwarding.ts";

const service: ForwardedService = {
  namespace: "default",
  name: "web",
  externalTrafficPolicy: "Cluster",
  addresses: ["192.0.2.200", "2001:db8::200"],
  ports: [{ name: "http", protocol: "TCP", port: 80 }],
};
const endpoints: readonly ForwardedEndpoint[] = [
  { address: "198.51.100.10", node: "node-a", ports: [{ name: "http", port: 8080 }] },
  { address: "198.51.100.18", node: "node-b", ports: [{ name: "http", port: 8080 }] },
  { address: "2001:db8:1:1::2", node: "node-a", ports: [{ name: "http", port: 8080 }] },
];

function rules(over: Partial<ForwardedService>, node = "node-b"): readonly string[] {
  return forwardingRuleset(node, [{ service: { ...service, ...over }, endpoints }])
    .split("\n")
    .filter((line) => line.includes("daddr"))
    .map((line) => line.trim());
}

describe("forwardingRuleset", () => {
  it("spreads Cluster traffic over the endpoints of the address's family, masqueraded", () => {
    expect(rules({})).toEqual([
      "ip daddr 192.0.2.200 tcp dport 80 meta mark set 0x4000 dnat ip addr . port to numgen random mod 2 map { 0 : 198.51.100.10 . 8080, 1 : 198.51.100.18 . 8080 }",
      "ip6 daddr 2001:db8::200 tcp dport 80 meta mark set 0x4000 dnat ip6 addr . port to numgen random mod 1 map { 0 : 2001:db8:1:1::2 . 8080 }",
    ]);
  });

  it("keeps Local traffic on the node, with the client's address", () => {
    expect(rules({ externalTrafficPolicy: "Local" })).toEqual([
      "ip daddr 192.0.2.200 tcp dport 80 dnat ip addr . port to numgen random mod 1 map { 0 : 198.51.100.18 . 8080 }",
    ]);
    expect(rules({ externalTrafficPolicy: "Local" }, "node-c")).toEqual([]);
  });

  it("has no rule for a port without endpoints", () => {
    expect(rules({ ports: [{ name: "metrics", protocol: "TCP", port: 9000 }] })).toEqual([]);
  });
});
