import { describe, expect, it } from "vitest";
import { Counters } from "./counters.ts";
import { ProblemReport } from "./problem-report.ts";

describe("ProblemReport", () => {
  it("tells nothing before the first report, then each change of all problems once", () => {
    const told: (string | null)[] = [];
    const report = new ProblemReport((problem) => void told.push(problem));
    report.note("membership", "membership: EADDRNOTAVAIL");
    expect(told).toEqual([]);
    report.report();
    report.note("interfaces", "interface 2: EPERM");
    report.note("interfaces", "interface 2: EPERM");
    report.note("membership", null);
    report.note("interfaces", null);
    report.note("netlink", null);
    expect(told).toEqual([
      "membership: EADDRNOTAVAIL",
      "membership: EADDRNOTAVAIL; interface 2: EPERM",
      "interface 2: EPERM",
      null,
    ]);
  });

  it("tells at the first report that nothing is missing", () => {
    const told: (string | null)[] = [];
    const report = new ProblemReport((problem) => void told.push(problem));
    report.report();
    report.report();
    expect(told).toEqual([null]);
  });
});

describe("Counters", () => {
  it("gives all counts when one changed, and nothing when none did", () => {
    const counters = new Counters();
    expect(counters.take()).toBeNull();
    counters.add("requests", "192.0.2.1");
    counters.add("requests", "192.0.2.1");
    counters.add("ignored", "OwnFrame");
    expect(counters.take()).toEqual({
      requests: { "192.0.2.1": 2 },
      replies: {},
      announcements: {},
      causes: {},
      probes: {},
      relays: {},
      conflicts: {},
      ignored: { OwnFrame: 1 },
      membershipIgnored: {},
      bfdIgnored: {},
    });
    expect(counters.take()).toBeNull();
    counters.add("ignored", "OwnFrame");
    expect(counters.take()?.ignored).toEqual({ OwnFrame: 2 });
  });
});
