import type { Node } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { nodeAddressesOf, partOfNode } from "./node-addresses.ts";

function node(name: string, addresses: readonly (readonly [string, string])[], labels = {}): Node {
  return {
    metadata: { name, labels },
    status: { addresses: addresses.map(([type, address]) => ({ type, address })) },
  };
}

describe("nodeAddressesOf", () => {
  it("has every address of every node, and no names", () => {
    const two = node("b", [
      ["InternalIP", "192.0.2.2"],
      ["InternalIP", "2001:db8::2"],
      ["Hostname", "b"],
    ]);
    const hosts = nodeAddressesOf([
      two,
      node("a", [["ExternalIP", "192.0.2.1"]]),
      node("c", [["InternalIP", "not yet known"]]),
    ]);
    expect(hosts).toEqual([
      { address: "192.0.2.1", kind: "Node", name: "a" },
      { address: "192.0.2.2", kind: "Node", name: "b" },
      { address: "2001:db8::2", kind: "Node", name: "b" },
    ]);
  });

  it("takes a Hostname that is an address for a name", () => {
    expect(nodeAddressesOf([node("a", [["Hostname", "192.0.2.1"]])])).toEqual([]);
  });
});

describe("partOfNode", () => {
  it("changes with labels and addresses, and not with a heartbeat", () => {
    const before = node("a", [["InternalIP", "192.0.2.1"]]);
    const beaten = { ...before, status: { ...before.status, conditions: [{ type: "Ready", status: "True" }] } };
    expect(partOfNode(beaten)).toEqual(partOfNode(before));
    expect(partOfNode(node("a", [["InternalIP", "192.0.2.2"]]))).not.toEqual(partOfNode(before));
    expect(partOfNode(node("a", [["InternalIP", "192.0.2.1"]], { rack: "1" }))).not.toEqual(partOfNode(before));
  });
});
