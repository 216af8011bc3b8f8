import { describe, expect, it } from "vitest";
import { codes, object, pool } from "./objects.test.fixture.ts";
import { readConfiguration } from "./read-configuration.ts";

const advertisement = (spec: object): ReturnType<typeof object> => object("L2Advertisement", "ad", spec);
const read = (spec: object) =>
  readConfiguration([pool("p", ["192.0.2.0/24"]), advertisement(spec)]).l2Advertisements[0];

describe("the load sharing of an L2Advertisement", () => {
  it.each([
    [{}, "None", false],
    [{ loadSharing: "None" }, "None", false],
    [{ loadSharing: "PerClient" }, "PerClient", false],
    [{ loadSharing: "PerClient", rebalance: false }, "PerClient", false],
    [{ loadSharing: "PerClient", rebalance: true }, "PerClient", true],
    [
      { loadSharing: "PerClient", sticky: false, addressDistribution: "Hash", onConflict: "Defend" },
      "PerClient",
      false,
    ],
  ])("%j is %s, rebalance %s, without an issue", (spec, loadSharing, rebalance) => {
    expect(read(spec)).toMatchObject({ loadSharing, rebalance, sticky: false, spread: false });
    expect(codes(advertisement(spec))).toEqual([]);
  });

  it.each([
    [{ sticky: true }, "spec.sticky"],
    [{ addressDistribution: "Spread" }, "spec.addressDistribution"],
    [{ refreshInterval: "60s" }, "spec.refreshInterval"],
  ])("has effect beside %j, which has none", (other, path) => {
    const spec = { loadSharing: "PerClient", ...other };
    expect(codes(advertisement(spec))).toEqual([`ad ${path} FieldConflict Partial`]);
    expect(read(spec)).toMatchObject({ loadSharing: "PerClient", sticky: false, spread: false, refreshInterval: null });
  });

  it.each([{ conflictPolicy: "Probe" }, { onConflict: "Yield" }])("has none beside %j, which has", (guard) => {
    const spec = { loadSharing: "PerClient", rebalance: true, sticky: true, ...guard };
    expect(codes(advertisement(spec))).toEqual(["ad spec.loadSharing FieldConflict Partial"]);
    expect(read(spec)).toMatchObject({ loadSharing: "None", rebalance: false, sticky: true, ...guard });
  });

  it("is asked for by rebalance, which has no effect alone", () => {
    expect(codes(advertisement({ rebalance: true }))).toEqual(["ad spec.rebalance FieldConflict Partial"]);
    expect(read({ rebalance: true })).toMatchObject({ loadSharing: "None", rebalance: false });
  });

  it.each([
    [{ loadSharing: "perClient" }, "spec.loadSharing"],
    [{ loadSharing: true }, "spec.loadSharing"],
    [{ loadSharing: "PerClient", rebalance: "yes" }, "spec.rebalance"],
  ])("rejects the advertisement alone where it is no value: %j", (spec, path) => {
    const [issue, ...more] = codes(advertisement(spec));
    expect(issue?.startsWith(`ad ${path} `)).toBe(true);
    expect(issue?.endsWith(" Rejected")).toBe(true);
    expect(more).toEqual([]);
  });
});
