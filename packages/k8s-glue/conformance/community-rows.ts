import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import { expect } from "vitest";
import { codes, object } from "../src/metallb/config/objects.test.fixture.ts";
import type { ConformanceRow } from "./conformance-row.ts";

/** §2.6: Community. */
export const communityRows: readonly ConformanceRow[] = [
  {
    section: "§2.6",
    row: "spec.communities",
    case: "values",
    verdict: "same",
    why: "",
    check: () => {
      const named = (value: string) => object("Community", "c", { communities: [{ name: "a", value }] });
      for (const value of ["0:0", "65535:65535", "large:0:0:0", "large:4294967295:4294967295:4294967295"]) {
        expect(codes(named(value)), value).toEqual([]);
      }
      for (const value of ["", "no-export", "65536:0", "1:2:3", "large:1:2", "large:4294967296:0:0", "-1:1", "1:1 "]) {
        expect(codes(named(value)), value).toEqual(["c spec.communities[0].value BadCommunity Partial"]);
      }
    },
  },
  {
    section: "§2.6",
    row: "spec.communities",
    case: "names of names",
    verdict: "same",
    why: "",
    check: () => {
      const chain = object("Community", "c", {
        communities: [
          { name: "a", value: "1:1" },
          { name: "b", value: "a" },
        ],
      });
      expect(codes(chain)).toEqual(["c spec.communities[1].value BadCommunity Partial"]);
      expect([...readConfiguration([chain]).communities.keys()]).toEqual(["a"]);
    },
  },
  {
    section: "§2.6",
    row: "spec.communities",
    case: "a name twice",
    verdict: "better",
    why: "the older object keeps the name, the younger says whose it is, and its other names serve",
    check: () => {
      const older = object("Community", "z", { communities: [{ name: "a", value: "1:1" }] });
      const younger = object("Community", "c", {
        communities: [
          { name: "a", value: "2:2" },
          { name: "b", value: "3:3" },
          { name: "b", value: "4:4" },
        ],
      });
      expect(codes(younger, older)).toEqual([
        "c spec.communities[0].name Duplicate Partial",
        "c spec.communities[2].name Duplicate Partial",
      ]);
      expect([...readConfiguration([younger, older]).communities.values()]).toEqual([
        { type: "Standard", value: 0x10001 },
        { type: "Standard", value: 0x30003 },
      ]);
    },
  },
];
