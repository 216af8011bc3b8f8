import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import { expect } from "vitest";
import { advertisement, codes, object, peer, pool } from "../src/metallb/config/objects.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

const profile = (spec: object): readonly string[] => codes(object("BFDProfile", "b", spec));

function expectRange(field: string, least: number, most: number, lines: readonly string[] = []): void {
  for (const value of [least, most]) expect(profile({ [field]: value }), `${field} ${value}`).toEqual(lines);
  for (const value of [least - 1, most + 1, least + 0.5]) {
    expect(profile({ [field]: value }), `${field} ${value}`).toEqual([`b spec.${field} SchemaViolation Rejected`]);
  }
}

/** §2.5: BFDProfile. */
export const bfdProfileRows: readonly ConformanceRow[] = [
  {
    section: "§2.5",
    row: "receiveInterval, transmitInterval",
    verdict: "same",
    why: "",
    check: () => {
      expectRange("receiveInterval", 10, 60_000);
      expectRange("transmitInterval", 10, 60_000);
    },
  },
  {
    section: "§2.5",
    row: "detectMultiplier",
    verdict: "same",
    why: "",
    check: () => expectRange("detectMultiplier", 2, 255),
  },
  {
    section: "§2.5",
    row: "echoInterval",
    verdict: "not applicable",
    why: "Herald takes no Echo packets and tells the router so; the profile says that the field has no effect",
    check: () => expectRange("echoInterval", 10, 60_000, ["b spec.echoInterval NotActedOn Noted"]),
  },
  {
    section: "§2.5",
    row: "echoMode",
    verdict: "better",
    why: "it stops no pool and no peer: Herald sends no Echo packets and says so; Control packets find a loss as fast",
    check: () => {
      const objects = [
        object("BFDProfile", "b", { echoMode: true }),
        peer({ bfdProfile: "b" }),
        pool("p", ["2001:db8::/64"]),
      ];
      const { pools, bgpPeers } = readConfiguration([...objects, advertisement({})]);
      expect([pools.length, bgpPeers.length]).toEqual([1, 1]);
    },
  },
  {
    section: "§2.5",
    row: "passiveMode",
    verdict: "same",
    why: "",
    check: () => {
      const made = (spec: object) =>
        readConfiguration([object("BFDProfile", "b", spec), peer({ bfdProfile: "b" })]).bgpPeers[0]?.config.bfd?.role;
      expect([made({}), made({ passiveMode: true })]).toEqual(["active", "passive"]);
    },
  },
  { section: "§2.5", row: "minimumTtl", verdict: "same", why: "", check: () => expectRange("minimumTtl", 1, 254) },
  {
    section: "§2.5",
    row: "deletion while in use",
    verdict: "same",
    why: "",
    check: null,
    shownBy: "apps/controller/src/webhook/review.test.ts: deletion of a BFDProfile that peers name",
  },
  {
    section: "§2.5",
    row: "deletion of the last profile",
    verdict: "not applicable",
    why: "there is no FRR; what is read is all there is, so that nothing is left of an object that is gone",
    check: null,
  },
];
