import type { IpAddress, MacAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { AnnouncementRequest } from "./announcement-request.ts";
import { addressDigestOf, noLostLinks, type NodeReport } from "./node-report.ts";
import { ADDRESS, type Answer, Bench, KEY, NODES, request } from "./takeover.test.fixture.ts";

const OWN = "02:00:5e:00:53:02" as MacAddress;
const OTHER = "02:00:5e:00:53:01" as MacAddress;
const SECOND = "10.0.0.2" as IpAddress;
const PROBE = { conflictPolicy: "Probe" } as const;

/** A machine that decides, with a request of these changes. */
function deciding(node: string, changes: Partial<AnnouncementRequest>, report: NodeReport | null = null): Bench {
  const bench = new Bench(node);
  bench.step({ type: "InterfacesChanged", names: ["eth0"], hardwareAddresses: [OWN] });
  bench.step({ type: "AnnouncementRequested", request: request(changes) });
  bench.step({ type: "PeersExpected", count: 2 });
  bench.members(NODES, NODES);
  if (report !== null) bench.step({ type: "ReportReceived", node: "node-b", report });
  bench.wait(1_000);
  return bench;
}

const reportOf = (tentative: readonly IpAddress[]): NodeReport => ({
  lostLinks: noLostLinks,
  owned: new Set(),
  segment: { hardwareAddresses: [OTHER], tentative: new Set(tentative.map(addressDigestOf)) },
});
/** The addresses that the responder is told to probe; null where it is told nothing. */
const probed = (effects: readonly Answer[]): readonly IpAddress[] | null => {
  const told = effects.find(({ type }) => type === "Announce");
  return told?.type === "Announce" ? (told.tentative ?? []) : null;
};
const died = (bench: Bench): readonly Answer[] => bench.members(["node-a", "node-c"], [], ["node-b"]);

describe("an address under conflictPolicy Probe", () => {
  it.each([
    ["Announce and Defend", {}, []],
    ["Announce and Yield", { onConflict: "Yield" }, []],
    ["Probe", PROBE, [ADDRESS]],
  ] as const)(
    "is probed by a node that knows of no announcement only where that is wanted: %s",
    (_, changes, expected) => {
      const bench = new Bench("node-b");
      bench.step({ type: "AnnouncementRequested", request: request(changes) });
      bench.step({ type: "PeersExpected", count: 2 });
      const effects = bench.members(NODES);
      expect(probed(effects)).toEqual(expected);
      const report = effects.find(({ type }) => type === "Announcing");
      expect(report?.type === "Announcing" ? (report.tentative ?? []) : null).toEqual(expected);
    },
  );

  it.each([
    ["says nothing of it", reportOf([]), []],
    ["has not announced it", reportOf([ADDRESS]), [ADDRESS]],
    ["reports nothing at all", null, []],
  ] as const)("is taken over from a dead announcer that %s", (_, report, expected) => {
    expect(probed(died(deciding("node-a", PROBE, report)))).toEqual(expected);
  });

  it("is taken over without a probe once the announcer reports that it holds it, and again from a successor", () => {
    const bench = deciding("node-a", PROBE, reportOf([ADDRESS]));
    bench.step({ type: "ReportReceived", node: "node-b", report: reportOf([]) });
    expect(probed(died(bench))).toEqual([]);
    bench.members(NODES, ["node-b"]);
    expect(probed(bench.members(["node-a", "node-c"]))).toEqual([]);
  });

  it("is held once this node has announced it, after a pause and over a changed request too; a new address is not", () => {
    const bench = deciding("node-b", PROBE);
    bench.step({ type: "TentativeChanged", address: ADDRESS, tentative: false });
    bench.step({ type: "PauseNoticed" });
    expect(bench.step({ type: "MembershipConfirmed", live: NODES })).toEqual([{ type: "EndSilence" }]);
    const changed = request({ ...PROBE, addresses: [ADDRESS, SECOND] });
    expect(probed(bench.step({ type: "AnnouncementRequested", request: changed }))).toEqual([SECOND]);
    bench.step({ type: "AnnouncementWithdrawn", key: KEY });
    expect(probed(bench.step({ type: "AnnouncementRequested", request: changed }))).toEqual([ADDRESS, SECOND]);
  });

  it("is reported again when the responder has announced it, or given it up, and not twice", () => {
    const bench = deciding("node-b", { ...PROBE, onConflict: "Yield" });
    const announcing = { type: "Announcing", key: KEY, addresses: [ADDRESS], interfaces: null };
    const changed = (tentative: boolean): readonly Answer[] =>
      bench.step({ type: "TentativeChanged", address: ADDRESS, tentative });
    expect(changed(false)).toEqual([announcing]);
    expect(changed(false)).toEqual([]);
    expect(changed(true)).toEqual([{ ...announcing, tentative: [ADDRESS] }]);
    bench.step({ type: "StopRequested" });
    expect(changed(false)).toEqual([]);
  });

  it("is not probed where it was announced before the policy was changed", () => {
    const bench = deciding("node-b", {});
    expect(probed(bench.step({ type: "AnnouncementRequested", request: request(PROBE) }))).toEqual([]);
  });

  it("is probed after the link of a node that was alone came back", () => {
    const bench = deciding("node-b", PROBE);
    bench.step({ type: "TentativeChanged", address: ADDRESS, tentative: false });
    bench.members(["node-b"]);
    bench.step({ type: "LinkRestored" });
    expect(probed(bench.wait(5_000))).toEqual([ADDRESS]);
  });

  it("is not announced again against a node that joins, as long as it is not announced", () => {
    const bench = deciding("node-b", PROBE);
    expect(bench.members(NODES, ["node-c"])).toEqual([]);
    bench.step({ type: "TentativeChanged", address: ADDRESS, tentative: false });
    expect(bench.members(NODES, ["node-c"]).map(({ type }) => type)).toEqual(["Withdraw", "Announce"]);
  });
});

describe("an address that was given up", () => {
  it("is told to the responder as tentative in whatever follows, and to the others", () => {
    const bench = deciding("node-b", { onConflict: "Yield" });
    bench.step({ type: "TentativeChanged", address: ADDRESS, tentative: true });
    bench.wait(100);
    expect(bench.reports.at(-1)?.segment?.tentative).toEqual(new Set([addressDigestOf(ADDRESS)]));
    const again = request({ onConflict: "Yield", candidates: request().candidates.toReversed() });
    expect(probed(bench.step({ type: "AnnouncementRequested", request: again }))).toEqual([ADDRESS]);
    expect(probed(bench.step({ type: "AnnouncementRequested", request: request() }))).toEqual([]);
    expect(probed(died(deciding("node-a", { onConflict: "Yield" }, reportOf([ADDRESS]))))).toEqual([ADDRESS]);
  });
});

describe("the report about the segment", () => {
  it("has the hardware addresses from the first service on that may be tentative, and what this node has not announced", () => {
    expect(deciding("node-b", {}).reports).toEqual([]);
    const bench = deciding("node-b", PROBE);
    const whole = { hardwareAddresses: [OWN], tentative: new Set([addressDigestOf(ADDRESS)]) };
    expect(bench.reports.at(-1)?.segment).toEqual(whole);
    bench.step({ type: "TentativeChanged", address: ADDRESS, tentative: false });
    bench.step({ type: "InterfacesChanged", names: ["eth0"], hardwareAddresses: [OTHER] });
    bench.wait(100);
    expect(bench.reports.at(-1)?.segment).toEqual({ hardwareAddresses: [OTHER], tentative: new Set() });
    bench.step({ type: "AnnouncementWithdrawn", key: KEY });
    bench.wait(100);
    expect(bench.reports.at(-1)).not.toHaveProperty("segment");
    expect(deciding("node-a", PROBE).reports.at(-1)?.segment).toEqual({ ...whole, tentative: new Set() });
  });

  it("tells the responder the speakers: also a dead one's, and none of a node that left in order", () => {
    const bench = deciding("node-a", PROBE);
    const changed = (addresses: readonly MacAddress[]): Answer => ({
      type: "SpeakersChanged",
      speakers: new Map(addresses.map((address) => ["node-b", [address]])),
    });
    const received = { type: "ReportReceived", node: "node-b", report: reportOf([]) } as const;
    expect(bench.step(received)).toContainEqual(changed([OTHER]));
    expect(bench.step(received)).toEqual([]);
    expect(died(bench)).not.toContainEqual(changed([]));
    bench.members(NODES, ["node-b"]);
    expect(bench.members(["node-a", "node-c"])).toContainEqual(changed([]));
  });
});
