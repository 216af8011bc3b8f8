import { describe, expect, it } from "vitest";
import { codes, object } from "./objects.test.fixture.ts";
import { readConfiguration } from "./read-configuration.ts";

const read = (spec: object) => readConfiguration([object("L2Advertisement", "ad", spec)]).l2Advertisements[0];
const issues = (spec: object): readonly string[] => codes(object("L2Advertisement", "ad", spec));

describe("the interfaces of an L2Advertisement", () => {
  it("are all without names and patterns, also where both lists are empty", () => {
    expect(read({})?.interfaces).toBeNull();
    expect(read({ interfaces: [], interfacePatterns: [] })?.interfaces).toBeNull();
  });

  it("are names and patterns", () => {
    const spec = { interfaces: ["bond0"], interfacePatterns: ["^ens[0-9]+$"] };
    expect(read(spec)?.interfaces).toEqual(["bond0", { pattern: "^ens[0-9]+$" }]);
    expect(issues(spec)).toEqual([]);
  });

  it("are patterns alone, each once", () => {
    expect(read({ interfacePatterns: ["a", "a"] })?.interfaces).toEqual([{ pattern: "a" }]);
    expect(issues({ interfacePatterns: ["a", "a"] })).toEqual(["ad spec.interfacePatterns[1] Duplicate Noted"]);
  });

  it("are those on the subnet of the address on request", () => {
    expect([read({})?.bySubnet, read({ interfaceSelection: "All" })?.bySubnet]).toEqual([false, false]);
    expect(read({ interfaceSelection: "Subnet", interfaces: ["eth0"] })).toMatchObject({
      bySubnet: true,
      interfaces: ["eth0"],
    });
    expect(issues({ interfaceSelection: "subnet" })).toEqual(["ad spec.interfaceSelection SchemaViolation Rejected"]);
  });

  it("reject the advertisement by a pattern that is no regular expression: it might announce everywhere", () => {
    const spec = { interfacePatterns: ["^eth", "ens[0-9"] };
    expect(issues(spec)).toEqual(["ad spec.interfacePatterns[1] BadPattern Rejected"]);
    expect(read(spec)).toBeUndefined();
  });
});

describe("the refresh interval of an L2Advertisement", () => {
  it.each([
    [undefined, null],
    ["1s", 1_000],
    ["1m30s", 90_000],
  ])("%s is %s ms", (refreshInterval, expected) => {
    expect(read(refreshInterval === undefined ? {} : { refreshInterval })?.refreshInterval).toBe(expected);
  });

  it.each(["often", "", "0s", "999ms", "-60s", "60"])('"%s" has no effect, and the rest of the object has', (text) => {
    expect(issues({ refreshInterval: text })).toEqual(["ad spec.refreshInterval BadDuration Partial"]);
    expect(read({ refreshInterval: text, interfaces: ["a"] })).toMatchObject({
      refreshInterval: null,
      interfaces: ["a"],
    });
  });
});

describe("the ARP packets of an L2Advertisement", () => {
  it("are the named form, and both without a name", () => {
    expect(read({})?.arpAnnouncementForm).toBe("Both");
    expect(read({ arpAnnouncementForm: "Reply" })?.arpAnnouncementForm).toBe("Reply");
    expect(issues({ arpAnnouncementForm: "reply" })).toEqual(["ad spec.arpAnnouncementForm SchemaViolation Rejected"]);
  });
});
