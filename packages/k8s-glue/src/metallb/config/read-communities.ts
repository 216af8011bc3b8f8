import { byAge } from "@herald-lb/k8s-glue/objects";
import type { CommunitySpec } from "../crd/community.ts";
import type { CommunityValue } from "./bgp-policy.ts";
import type { CommunityAliases } from "./configuration.ts";
import type { ReadObject } from "./parse-object.ts";

/** Reads `65000:100` (RFC 1997) or `large:65000:1:2` (RFC 8092); null for anything else. */
export function parseCommunity(text: string): CommunityValue | null {
  const sections = text.split(":");
  const numbers = (sections[0] === "large" ? sections.slice(1) : sections).map(sectionOf);
  const [first, second, third] = numbers;
  if (sections[0] === "large") {
    if (numbers.length !== 3 || !numbers.every((number) => number <= 0xffffffff)) return null;
    return {
      type: "Large",
      globalAdministrator: first ?? 0,
      localDataPart1: second ?? 0,
      localDataPart2: third ?? 0,
    };
  }
  if (numbers.length !== 2 || !numbers.every((number) => number <= 0xffff)) return null;
  return { type: "Standard", value: (first ?? 0) * 0x10000 + (second ?? 0) };
}

/** Reads the names that users give to communities; of two objects with one name, the older one keeps it. */
export function readCommunities(objects: readonly ReadObject<CommunitySpec>[]): CommunityAliases {
  const aliases = new Map<string, CommunityValue>();
  const owner = new Map<string, string>();
  for (const { spec, report } of objects.toSorted((a, b) => byAge(a.report.object, b.report.object))) {
    for (const [at, { name = "", value = "" }] of (spec.communities ?? []).entries()) {
      const path = `spec.communities[${at}]`;
      const community = parseCommunity(value);
      const before = owner.get(name);
      if (name === "") report.partial(`${path}.name`, "BadCommunity", "name of the community is missing");
      else if (community === null) {
        report.partial(
          `${path}.value`,
          "BadCommunity",
          `"${value}" is not a community, for example 65000:100 or large:65000:1:2`,
          { value },
        );
      } else if (before !== undefined) {
        report.partial(`${path}.name`, "Duplicate", `name "${name}" belongs to Community object "${before}" already`, {
          name,
          by: before,
        });
      } else {
        aliases.set(name, community);
        owner.set(name, report.object.name);
      }
    }
  }
  return aliases;
}

function sectionOf(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}
