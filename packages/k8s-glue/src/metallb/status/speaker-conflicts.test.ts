import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { addressConflictsOf } from "./speaker-conflicts.ts";

const conflict = { address: "192.0.2.1", hardwareAddress: "02:00:5e:00:53:66", interface: "eth0" };
const state = (node: string | null, addressConflicts: unknown) =>
  ({
    metadata: { labels: node === null ? {} : { "metallb.io/node-name": node } },
    status: { addressConflicts },
  }) as KubernetesObject;
const node = (name: string, isReachable = true) => ({ name, labels: {}, isReachable });

describe("addressConflictsOf", () => {
  it("gives the reports of every node by address, in the order of nodes and interfaces", () => {
    const states = [state("b", [conflict]), state("a", [{ ...conflict, interface: "eth1" }, conflict])];
    const conflicts = addressConflictsOf(states, [node("a"), node("b")]);
    expect([...conflicts]).toEqual([
      [
        "192.0.2.1",
        [
          { ...conflict, node: "a" },
          { ...conflict, interface: "eth1", node: "a" },
          { ...conflict, node: "b" },
        ],
      ],
    ]);
  });

  it("leaves out the reports of Nodes that are gone or lost, and counts all while no Node is known", () => {
    const states = ["a", "b", "c"].map((name) => state(name, [conflict]));
    const reporters = (nodes: Parameters<typeof addressConflictsOf>[1]) =>
      [...addressConflictsOf(states, nodes).values()].flat().map((each) => each.node);
    expect(reporters([node("a"), node("b", false)])).toEqual(["a"]);
    expect(reporters([])).toEqual(["a", "b", "c"]);
  });

  it("leaves out what is not as Herald writes it", () => {
    const bad = [null, 1, {}, { ...conflict, hardwareAddress: 1 }, { ...conflict, address: "printer" }];
    expect(addressConflictsOf([state("a", bad), state("a", "x"), state(null, [conflict])], []).size).toBe(0);
  });
});
