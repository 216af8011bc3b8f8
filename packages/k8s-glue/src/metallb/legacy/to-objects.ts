import { parseGoDuration } from "@herald-lb/k8s-glue/objects";
import type { ConvertedObject } from "./converted-object.ts";
import type { EffectiveEntries, EffectiveEntry } from "./effective-entries.ts";
import { goDurationText } from "./go-duration-text.ts";
import type { OldBfdProfile, OldNodeSelector, OldPeer, OldPool } from "./old-entries.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The Hold Time that MetalLB proposes by default, in milliseconds. */
const defaultHoldTime = 90_000;

/**
 * Converts entries to objects, in this order: peers, pools, BGP advertisements, L2 advertisements, BFD profiles, communities.
 * Absent fields stay absent, except a peer's Hold Time, whose default differs for objects with a keepalive interval.
 */
export function objectsOf(
  { peers, pools, profiles, aliases }: EffectiveEntries,
  namespace: string,
): readonly ConvertedObject[] {
  const make = (version: string, kind: string, name: string, { spec, at, number }: ObjectSource): ConvertedObject => ({
    object: { apiVersion: `metallb.io/${version}`, kind, metadata: { name, namespace }, spec },
    at,
    number,
  });
  const bgp = pools.filter(({ value }) => value.protocol === "bgp").flatMap(advertisementsOf);
  const layer2 = pools.filter(({ value }) => value.protocol === "layer2");
  const named = aliases.map(({ value }) => value).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const communities = { spec: { communities: named }, at: ["bgp-communities"], number: 1 };
  return [
    ...peers.map((held) => make("v1beta2", "BGPPeer", `peer${held.number}`, { ...held, spec: peerSpec(held.value) })),
    ...pools.map((held) => make("v1beta1", "IPAddressPool", held.value.name, { ...held, spec: poolSpec(held.value) })),
    ...bgp.map((source, index) =>
      make("v1beta1", "BGPAdvertisement", `bgpadvertisement${index + 1}`, { ...source, number: index + 1 }),
    ),
    ...layer2.map(({ value: { name }, at }, index) => {
      const spec = { ipAddressPools: [name] };
      return make("v1beta1", "L2Advertisement", `l2advertisement${index + 1}`, { spec, at, number: index + 1 });
    }),
    ...profiles.map((held) =>
      make("v1beta1", "BFDProfile", held.value.name, { ...held, spec: profileSpec(held.value) }),
    ),
    ...(named.length === 0 ? [] : [make("v1beta1", "Community", "communities", communities)]),
  ];
}

/** The source of an object: its path, number and spec. */
interface ObjectSource extends Pick<ConvertedObject, "at" | "number"> {
  readonly spec: Fields;
}

function peerSpec(peer: OldPeer): Fields {
  return present({
    myASN: peer["my-asn"],
    peerASN: peer["peer-asn"],
    peerAddress: peer["peer-address"],
    sourceAddress: peer["source-address"],
    // 0 was the default port.
    peerPort: peer["peer-port"] === 0 ? undefined : peer["peer-port"],
    holdTime: durationText(peer["hold-time"] ?? "") ?? goDurationText(defaultHoldTime),
    keepaliveTime: durationText(peer["keepalive-time"] ?? ""),
    routerID: peer["router-id"],
    nodeSelectors: peer["node-selectors"]?.map(selectorOf),
    password: peer.password,
    bfdProfile: peer["bfd-profile"],
    ebgpMultiHop: peer["ebgp-multihop"],
  });
}

function poolSpec(pool: OldPool): Fields {
  const { addresses, "auto-assign": autoAssign, "avoid-buggy-ips": avoidBuggyIPs } = pool;
  return { addresses, ...present({ autoAssign, avoidBuggyIPs }) };
}

/** The advertisements of a pool; a pool without any has one without fields. */
function advertisementsOf({
  value: { name, "bgp-advertisements": advertisements = [] },
  at,
}: EffectiveEntry<OldPool>): readonly Omit<ObjectSource, "number">[] {
  const ipAddressPools = [name];
  if (advertisements.length === 0) return [{ spec: { ipAddressPools }, at }];
  return advertisements.map((advertisement, index) => ({
    spec: present({
      aggregationLength: advertisement["aggregation-length"],
      aggregationLengthV6: advertisement["aggregation-length-v6"],
      localPref: advertisement.localpref,
      communities: advertisement.communities,
      ipAddressPools,
    }),
    at: [...at, "bgp-advertisements", index],
  }));
}

function profileSpec(profile: OldBfdProfile): Fields {
  return present({
    receiveInterval: profile["receive-interval"],
    transmitInterval: profile["transmit-interval"],
    detectMultiplier: profile["detect-multiplier"],
    echoInterval: profile["echo-interval"],
    echoMode: profile["echo-mode"],
    passiveMode: profile["passive-mode"],
    minimumTtl: profile["minimum-ttl"],
  });
}

function selectorOf(selector: OldNodeSelector): Fields {
  return present({ matchLabels: selector["match-labels"], matchExpressions: selector["match-expressions"] });
}

/** The duration as Go writes it. Text that is no duration stays, to be reported when the object is read; empty text is absent. */
function durationText(text: string): string | undefined {
  if (text === "") return undefined;
  const duration = parseGoDuration(text);
  return duration === null ? text : goDurationText(duration);
}

function present(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0),
    ),
  );
}
