import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { describe, expect, it } from "vitest";
import { readConfiguration } from "./read-configuration.ts";

function read(spec: object) {
  const advertisement = { apiVersion: "metallb.io/v1beta1", kind: "L2Advertisement", metadata: { name: "a" }, spec };
  const { l2Advertisements, issues } = readConfiguration([advertisement as KubernetesObject]);
  return { advertisement: l2Advertisements[0] ?? null, issues };
}

describe("the election's fields of an L2Advertisement", () => {
  it.each([
    { name: "absent", spec: {}, expected: { sticky: false, perFamily: false, spread: false } },
    {
      name: "MetalLB's way",
      spec: { sticky: false, electionScope: "Service", addressDistribution: "Hash" },
      expected: { sticky: false, perFamily: false, spread: false },
    },
    {
      name: "Herald's own",
      spec: { sticky: true, electionScope: "IPFamily", addressDistribution: "Spread" },
      expected: { sticky: true, perFamily: true, spread: true },
    },
  ])("$name", ({ spec, expected }) => {
    expect(read(spec)).toMatchObject({ advertisement: expected, issues: [] });
  });

  it.each([{ electionScope: "Address" }, { addressDistribution: "Even" }, { addressDistribution: true }])(
    "rejects %o",
    (spec) => {
      const { advertisement, issues } = read(spec);
      expect(advertisement).toBeNull();
      expect(issues).toMatchObject([{ path: `spec.${Object.keys(spec)[0]}`, effect: "Rejected" }]);
    },
  );
});
