import type { ConfigIssue } from "@herald-lb/k8s-glue/metallb";
import type { ConfigMap } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { OldConfigMapEvents } from "./old-config-map-events.ts";

const object = {
  apiVersion: "v1",
  kind: "ConfigMap",
  namespace: "lb",
  name: "config",
  uid: "u",
  generation: 0,
  creationTimestamp: "",
};
const of = (config: string): ConfigMap => ({ metadata: { name: "config" }, data: { config } });
const issue: ConfigIssue = {
  object,
  path: "peers[0]",
  code: "Duplicate",
  effect: "Partial",
  message: "line 3: is there twice",
  facts: {},
};

describe("OldConfigMapEvents", () => {
  it("records how to migrate, and what is wrong, once for each content", () => {
    const said: string[] = [];
    const events = new OldConfigMapEvents({
      record: ({ type, reason, message }) => void said.push(`${type} ${reason}: ${message}`),
    });
    events.record(object, of("a"), []);
    events.record(object, of("a"), []);
    expect(said).toEqual([
      "Normal OldConfiguration: Herald reads this ConfigMap as MetalLB's old configuration; to convert it to objects of metallb.io: kubectl get configmap -n lb config -o yaml | herald migrate --source -",
    ]);
    events.record(object, of("a"), [issue]);
    events.record(object, of("a"), [issue]);
    expect(said.slice(1)).toEqual(["Warning Duplicate: peers[0]: line 3: is there twice"]);
    events.record(object, of("b"), [issue]);
    expect(said.slice(2)).toHaveLength(2);
    events.record({ ...object, uid: "v" }, of("b"), []);
    expect(said.slice(4)).toEqual([expect.stringContaining("OldConfiguration") as string]);
  });
});
