import {
  type BgpAdvertisementConfiguration,
  type CommunityValue,
  type Configuration,
  ownPrefix,
  parseCommunity,
  requestedCommunities,
  requestedLocalPref,
} from "@herald-lb/k8s-glue/metallb";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { formatCommunityValue } from "./communities.ts";

/** A value in an annotation of a Service that no advertisement of its routes allows it. */
export interface RefusedOverride {
  readonly annotation: string;
  readonly value: string;
}

/** The advertisements of a Service as its annotations have them, and the values that none of them allows. */
export interface OverriddenAdvertisements {
  readonly advertisements: readonly BgpAdvertisementConfiguration[];
  readonly refused: readonly RefusedOverride[];
}

/**
 * Sets in each advertisement what the annotations of a Service ask for and the advertisement allows. An annotation that cannot be read asks for
 * nothing: the controller tells its Service so.
 */
export function withServiceOverrides(
  service: Service,
  advertisements: readonly BgpAdvertisementConfiguration[],
  aliases: Configuration["communities"],
): OverriddenAdvertisements {
  const texts = requestedCommunities(service) ?? [];
  const localPref = requestedLocalPref(service) ?? null;
  if (texts.length === 0 && localPref === null) return { advertisements, refused: [] };
  const namespace = service.metadata?.namespace ?? "";
  const unused = new Map(texts.map((text) => [text, refusal("bgp-communities", text)]));
  let isLocalPrefUsed = localPref === null;
  const overridden = advertisements.map((advertisement): BgpAdvertisementConfiguration => {
    const { serviceOverrides: allowed } = advertisement;
    if (allowed === null || allowed.namespaces?.includes(namespace) === false) return advertisement;
    const communities: CommunityValue[] = [];
    for (const text of texts) {
      const community = aliases.get(text) ?? parseCommunity(text);
      if (community === null || !includesCommunity(allowed.communities, community)) continue;
      communities.push(community);
      unused.delete(text);
    }
    const isAllowed =
      localPref !== null &&
      allowed.localPref !== null &&
      localPref >= allowed.localPref.minimum &&
      localPref <= allowed.localPref.maximum;
    isLocalPrefUsed ||= isAllowed;
    return {
      ...advertisement,
      communities: [...advertisement.communities, ...communities],
      ...(isAllowed ? { localPref } : {}),
    };
  });
  const refused = [...unused.values(), ...(isLocalPrefUsed ? [] : [refusal("bgp-local-pref", String(localPref))])];
  return { advertisements: overridden, refused };
}

function refusal(name: "bgp-communities" | "bgp-local-pref", value: string): RefusedOverride {
  return { annotation: ownPrefix + name, value };
}

function includesCommunity(list: readonly CommunityValue[], community: CommunityValue): boolean {
  const text = formatCommunityValue(community);
  return list.some((each) => formatCommunityValue(each) === text);
}
