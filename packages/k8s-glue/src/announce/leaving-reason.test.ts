import { describe, expect, it } from "vitest";
import { exclude, node } from "./announce-objects.test.fixture.ts";
import { leavingReason } from "./leaving-reason.ts";

describe("whether a node is leaving service", () => {
  const ready = (status: string) => ({ ...node("a"), status: { conditions: [{ type: "Ready", status }] } });
  const tainted = (key: string) => ({ ...node("a"), spec: { taints: [{ key }] } });

  it.each([
    { name: "a node that is there", given: node("a"), reason: null },
    { name: "a ready node", given: ready("True"), reason: null },
    { name: "no such node", given: undefined, reason: "nodeDeleted" },
    { name: "a cordoned node", given: { ...node("a"), spec: { unschedulable: true } }, reason: "nodeCordoned" },
    { name: "a node that is not ready", given: ready("False"), reason: "nodeNotReady" },
    { name: "a node that nobody hears of", given: ready("Unknown"), reason: "nodeNotReady" },
    { name: "the taint of a shutdown", given: tainted("node.kubernetes.io/out-of-service"), reason: "nodeTainted" },
    { name: "the taint of a control plane", given: tainted("node-role.kubernetes.io/control-plane"), reason: null },
    { name: "the exclude label", given: node("a", { [exclude]: "" }), reason: "nodeExcluded" },
    { name: "a node without a network", given: node("a", {}, true), reason: "nodeExcluded" },
  ])("$name: $reason", ({ given, reason }) => {
    expect(leavingReason(given, false)).toBe(reason);
  });

  it("does not count the exclude label where it is ignored", () => {
    expect(leavingReason(node("a", { [exclude]: "" }), true)).toBeNull();
  });
});
