import { expect, it } from "vitest";
import { codes, object, pool } from "./objects.test.fixture.ts";
import { readConfiguration } from "./read-configuration.ts";

const advertisement = (spec: object): ReturnType<typeof object> => object("L2Advertisement", "ad", spec);

it.each([
  [{}, "Announce", "Defend"],
  [{ conflictPolicy: "Announce", onConflict: "Defend" }, "Announce", "Defend"],
  [{ conflictPolicy: "Probe" }, "Probe", "Defend"],
  [{ onConflict: "Yield" }, "Announce", "Yield"],
])("an L2Advertisement with %j is read as %s, %s", (spec, conflictPolicy, onConflict) => {
  const { l2Advertisements, issues } = readConfiguration([pool("p", ["192.0.2.0/24"]), advertisement(spec)]);
  expect(issues).toEqual([]);
  expect(l2Advertisements).toMatchObject([{ conflictPolicy, onConflict }]);
});

it.each([
  [{ conflictPolicy: "probe" }, "spec.conflictPolicy"],
  [{ conflictPolicy: true }, "spec.conflictPolicy"],
  [{ onConflict: "Ignore" }, "spec.onConflict"],
])("an L2Advertisement with %j is rejected alone, with an issue that names the field", (spec, path) => {
  const objects = [pool("p", ["192.0.2.0/24"]), advertisement(spec), object("L2Advertisement", "good", {})];
  const [issue, ...more] = codes(...objects);
  expect(issue?.startsWith(`ad ${path} `)).toBe(true);
  expect(issue?.endsWith(" Rejected")).toBe(true);
  expect(more).toEqual([]);
  expect(readConfiguration(objects).l2Advertisements.map(({ object: { name } }) => name)).toEqual(["good"]);
});
