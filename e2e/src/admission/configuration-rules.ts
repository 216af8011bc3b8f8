import { HERALD_NAMESPACE } from "@herald-lb/lab";

/** An object of the configuration, and what the CRD's own rules say of it. */
export interface RuleRow {
  readonly name: string;
  readonly kind: string;
  readonly version?: "v1beta1" | "v1beta2";
  readonly spec: Readonly<Record<string, unknown>>;
  /** The field that is named and words of the message; null where the object is taken. */
  readonly refused: { readonly field: string; readonly message: string } | null;
}

type Spec = RuleRow["spec"];

const refuse = (field: string, message: string): RuleRow["refused"] => ({ field, message });

const poolRow =
  (refused: RuleRow["refused"]) =>
  (name: string, spec: Spec): RuleRow => ({ name, kind: "IPAddressPool", spec, refused });
const takenPool = poolRow(null);
const addresses = (...entries: readonly string[]): Spec => ({ addresses: entries });
const own = (spec: Spec): Spec => ({ addresses: ["192.0.2.0/24"], ...spec });
const entry = (message: string): RuleRow["refused"] => refuse("spec.addresses[0]", message);
const kept = (...list: readonly string[]): Spec =>
  own({ reservations: [{ namespace: "a", name: "x", addresses: list }] });

const POOLS: readonly RuleRow[] = [
  takenPool("blocks of both families", addresses("192.0.2.0/24", "2001:db8::/64")),
  takenPool("a block with host bits", addresses("192.0.2.77/24", "2001:db8::5/64")),
  takenPool("everything", addresses("0.0.0.0/0", "::/0")),
  takenPool("a length that begins with 0", addresses("192.0.2.0/08")),
  takenPool("ranges, with spaces and without", addresses("192.0.2.9-192.0.2.10", "192.0.2.100 - 192.0.2.100")),
  takenPool(
    "a range whose octets go down while it goes up",
    addresses("9.255.255.255-10.0.0.0", "192.0.2.9-192.0.3.1"),
  ),
  takenPool("ranges of IPv6", addresses("2001:db8::1-2001:db8::ffff")),
  takenPool("IPv6 with an IPv4 tail", addresses("::ffff:192.0.2.0/120", "64:ff9b::192.0.2.1-64:ff9b::192.0.2.9")),
  takenPool("every field of MetalLB", {
    addresses: ["192.0.2.0/24"],
    autoAssign: false,
    avoidBuggyIPs: true,
    serviceAllocation: {
      priority: 50,
      namespaces: ["a", "b"],
      namespaceSelectors: [{ matchLabels: { a: "b" } }, {}],
      serviceSelectors: [
        {
          matchExpressions: [
            { key: "a", operator: "In", values: ["b"] },
            { key: "c", operator: "Exists" },
          ],
        },
      ],
    },
  }),
  poolRow(refuse("spec.addresses", "pool has no addresses"))("no addresses", addresses()),
  poolRow(entry("neither a block"))("a prefix that is too long", addresses("192.0.2.0/33")),
  poolRow(entry("neither a block"))("a number that is too large", addresses("192.0.2.256/32")),
  poolRow(entry("neither a block"))("an IPv6 prefix that is too long", addresses("2001:db8::/129")),
  poolRow(entry("not an IP address"))("a range to what is no address", addresses("192.0.2.1-192.0.2.256")),
  poolRow(entry("not an IP address"))(
    "a range of IPv6 from what is no address",
    addresses("2001:db8::1::2-2001:db8::9"),
  ),
  poolRow(entry("ends before it starts"))("a reversed range", addresses("192.0.2.10-192.0.2.9")),
  poolRow(entry("ends before it starts"))("a reversed range with spaces", addresses("192.0.3.1 - 192.0.2.200")),
  poolRow(entry("in body should match"))("a range of two families", addresses("192.0.2.10-2001:db8::1")),
  poolRow(refuse("spec.serviceAllocation.namespaces[1]", "Duplicate"))(
    "a namespace twice",
    own({ serviceAllocation: { namespaces: ["a", "a"] } }),
  ),
  poolRow(refuse("spec.serviceAllocation.serviceSelectors[0].matchExpressions[0]", "In and NotIn need values"))(
    "a selector that lacks its values",
    own({ serviceAllocation: { serviceSelectors: [{ matchExpressions: [{ key: "a", operator: "In" }] }] } }),
  ),
  poolRow(refuse("spec.serviceAllocation.namespaceSelectors[0].matchExpressions[0]", "take no values"))(
    "a selector with values it has no use for",
    own({
      serviceAllocation: {
        namespaceSelectors: [{ matchExpressions: [{ key: "a", operator: "Exists", values: ["b"] }] }],
      },
    }),
  ),
];

const OUR_POOLS: readonly RuleRow[] = [
  takenPool("every field of Herald's own", {
    ...own({}),
    excludeAddresses: ["192.0.2.0/30", "192.0.2.250 - 192.0.2.255", "192.0.2.9", "2001:db8::1"],
    reservations: [{ namespace: "a", name: "x", addresses: ["192.0.2.7", "192.0.2.8/32", "2001:db8::9/128"] }],
    allocationOrder: "LeastRecentlyUsed",
    coolDown: "1h30m",
    sticky: true,
    maxAddressesPerNamespace: 0,
    tenancy: { namespaces: ["a"], namespaceSelectors: [{ matchLabels: { a: "b" } }], sharing: "Cluster" },
  }),
  poolRow(refuse("spec.excludeAddresses[1]", "neither an address"))(
    "an exclusion that cannot be read",
    own({ excludeAddresses: ["192.0.2.9", "192.0.2.300"] }),
  ),
  poolRow(refuse("spec.excludeAddresses[0]", "ends before"))(
    "an exclusion that is reversed",
    own({ excludeAddresses: ["192.0.2.9-192.0.2.8"] }),
  ),
  poolRow(refuse("spec.reservations[0].addresses[0]", "not an IP address"))(
    "a reservation of no address",
    kept("192.0.2.300"),
  ),
  poolRow(refuse("spec.reservations[0].addresses[0]", "should match"))(
    "a reservation of a block",
    kept("192.0.2.0/30"),
  ),
  poolRow(refuse("spec.reservations[0].addresses", "at least 1"))("a reservation of nothing", kept()),
  poolRow(refuse("spec.coolDown", "coolDown"))("a cool-down that is no duration", own({ coolDown: "ten minutes" })),
  poolRow(refuse("spec.coolDown", "coolDown"))("a negative cool-down", own({ coolDown: "-1m" })),
  poolRow(refuse("spec.allocationOrder", "Unsupported value"))("an unknown order", own({ allocationOrder: "Random" })),
  poolRow(refuse("spec.maxAddressesPerNamespace", "greater than or equal to 0"))(
    "a negative quota",
    own({ maxAddressesPerNamespace: -1 }),
  ),
];

const peerRow =
  (refused: RuleRow["refused"], version?: "v1beta2") =>
  (name: string, spec: Spec): RuleRow => ({
    name,
    kind: "BGPPeer",
    ...(version === undefined ? {} : { version }),
    spec: { myASN: 64500, peerASN: 64501, peerAddress: "192.0.2.1", ...spec },
    refused,
  });
const takenPeer = peerRow(null, "v1beta2");
const refusedPeer = (message: string): ReturnType<typeof peerRow> => peerRow(refuse("spec", message), "v1beta2");

const PEERS: readonly RuleRow[] = [
  takenPeer("the least", {}),
  peerRow(null)("the least of v1beta1", {}),
  takenPeer("no timers", { holdTime: "0s", keepaliveTime: "0s" }),
  takenPeer("less than a second, which counts as none", { holdTime: "900ms" }),
  takenPeer("minutes", { holdTime: "1m30s", keepaliveTime: "30s", connectTime: "10s" }),
  takenPeer("an IPv6 router id, which MetalLB lets through", { routerID: "2001:db8::1" }),
  takenPeer("an IPv6 address with an IPv4 tail", { peerAddress: "::ffff:192.0.2.1" }),
  takenPeer("any internal peer", { peerASN: 0, dynamicASN: "internal" }),
  takenPeer("an interface", { peerAddress: "", interface: "eth1" }),
  takenPeer("a password beside an empty reference", { password: "x", passwordSecret: { name: "" } }),
  takenPeer("an external peer far away", { ebgpMultiHop: true }),
  takenPeer("an internal one near by", { peerASN: 64500, ebgpMultiHop: false }),
  refusedPeer("myASN must be")("no own number", { myASN: 0 }),
  peerRow(refuse("spec", "myASN must be"))("no own number in v1beta1", { myASN: 0 }),
  refusedPeer("one of peerASN and dynamicASN")("no peer's number", { peerASN: 0 }),
  peerRow(refuse("spec", "peerASN must be"))("no peer's number in v1beta1", { peerASN: 0 }),
  refusedPeer("peerASN and dynamicASN exclude")("two peer's numbers", { dynamicASN: "external" }),
  takenPeer("a prefix", { peerAddress: "", peerPrefix: "192.0.2.0/24", maxSessions: 4, connectionMode: "Passive" }),
  takenPeer("either side that connects", { connectionMode: "Both", listenPort: 1179, delayOpenTime: "5s" }),
  refusedPeer("one of peerAddress, interface and peerPrefix")("no address", { peerAddress: "" }),
  refusedPeer("peerPrefix excludes")("a prefix beside an address", { peerPrefix: "192.0.2.0/24" }),
  refusedPeer("peerPrefix is not a prefix")("a prefix that is none", { peerAddress: "", peerPrefix: "192.0.2.0" }),
  refusedPeer("connectionMode is Passive")("a prefix to connect to", {
    peerAddress: "",
    peerPrefix: "192.0.2.0/24",
    connectionMode: "Both",
  }),
  peerRow(refuse("spec.delayOpenTime", "delayOpenTime must be"), "v1beta2")("a long delay", { delayOpenTime: "241s" }),
  peerRow(refuse("spec", "peerAddress must be"))("no address in v1beta1", { peerAddress: "" }),
  refusedPeer("peerAddress and interface exclude")("two ways to find it", { interface: "eth1" }),
  refusedPeer("peerAddress is not an IP address")("a name for an address", { peerAddress: "router.example" }),
  refusedPeer("sourceAddress is not an IP address")("a source that is none", { sourceAddress: "192.0.2.1/24" }),
  refusedPeer("routerID is not an IP address")("a router id that is none", { routerID: "7" }),
  refusedPeer("password and passwordSecret exclude")("two passwords", { password: "x", passwordSecret: { name: "s" } }),
  refusedPeer("external peers only")("an internal peer far away", { peerASN: 64500, ebgpMultiHop: true }),
  refusedPeer("holdTime must be")("a short hold time", { holdTime: "2s" }),
  refusedPeer("holdTime must be")("a hold time that is none", { holdTime: "ninety" }),
  refusedPeer("keepaliveTime must be a duration")("a negative keepalive time", { keepaliveTime: "-3s" }),
  refusedPeer("must not be longer")("keepalive longer than hold", { holdTime: "9s", keepaliveTime: "10s" }),
];

const advertisementRow =
  (kind: string, refused: RuleRow["refused"]) =>
  (name: string, spec: Spec): RuleRow => ({ name, kind, spec, refused });
const bgp = (refused: RuleRow["refused"]): ReturnType<typeof advertisementRow> =>
  advertisementRow("BGPAdvertisement", refused);

const ADVERTISEMENTS: readonly RuleRow[] = [
  bgp(null)("the least", {}),
  bgp(null)("every field of MetalLB", {
    aggregationLength: 26,
    aggregationLengthV6: 64,
    localPref: 100,
    communities: ["65535:65281", "large:4294967295:0:1", "no-export", "a:b", "1:2:3"],
    ipAddressPools: ["a", "b"],
    ipAddressPoolSelectors: [{}],
    nodeSelectors: [{ matchLabels: { a: "b" } }],
    peers: ["a", "b"],
  }),
  bgp(null)("Services selected, without aggregation", { serviceSelectors: [{ matchLabels: { a: "b" } }] }),
  bgp(refuse("spec", "exclude each other"))("Services selected and aggregated", {
    serviceSelectors: [{}],
    aggregationLength: 24,
  }),
  bgp(refuse("spec.aggregationLength", "less than or equal to 32"))("a prefix that is too long", {
    aggregationLength: 33,
  }),
  bgp(refuse("spec.aggregationLengthV6", "less than or equal to 128"))("an IPv6 prefix that is too long", {
    aggregationLengthV6: 129,
  }),
  bgp(refuse("spec.communities[1]", "up to 65535"))("a community that is too large", {
    communities: ["1:2", "65536:1"],
  }),
  bgp(refuse("spec.communities[0]", "up to 4294967295"))("a large community that is too large", {
    communities: ["large:1:2:4294967296"],
  }),
  bgp(refuse("spec.communities[1]", "Duplicate"))("a community twice", { communities: ["1:2", "1:2"] }),
  bgp(refuse("spec.peers[1]", "Duplicate"))("a peer twice", { peers: ["a", "a"] }),
  bgp(refuse("spec.ipAddressPools[1]", "Duplicate"))("a pool twice", { ipAddressPools: ["a", "a"] }),
  advertisementRow("L2Advertisement", null)("the least", {}),
  advertisementRow("L2Advertisement", null)("every field of Herald's own", {
    sticky: true,
    electionScope: "IPFamily",
    addressDistribution: "Spread",
    loadSharing: "PerClient",
    rebalance: true,
  }),
  advertisementRow("L2Advertisement", refuse("spec.loadSharing", "Unsupported value"))(
    "a sharing of load that is none",
    {
      loadSharing: "PerConnection",
    },
  ),
  advertisementRow("L2Advertisement", refuse("spec.electionScope", "Unsupported value"))("a scope that is none", {
    electionScope: "Address",
  }),
  advertisementRow("L2Advertisement", null)("an interface twice, which MetalLB lets through", {
    interfaces: ["a", "a"],
  }),
  advertisementRow("L2Advertisement", refuse("spec.ipAddressPools[1]", "Duplicate"))("a pool twice", {
    ipAddressPools: ["a", "a"],
  }),
  advertisementRow("L2Advertisement", refuse("spec.preferredNodeSelectors[0].weight", "less than or equal to 100"))(
    "a weight that is too large",
    { preferredNodeSelectors: [{ weight: 101, preference: {} }] },
  ),
];

const communityRow =
  (refused: RuleRow["refused"]) =>
  (name: string, ...values: readonly string[]): RuleRow => ({
    name,
    kind: "Community",
    spec: { communities: values.map((value, at) => ({ name: `c${at}`, value })) },
    refused,
  });
const value = (message: string): RuleRow["refused"] => refuse("spec.communities[0].value", message);

const OTHERS: readonly RuleRow[] = [
  communityRow(null)("both kinds", "0:0", "65535:65535", "large:0:0:0", "large:4294967295:4294967295:4294967295"),
  communityRow(value("not a community"))("a name of a name", "no-export"),
  communityRow(value("not a community"))("three numbers", "1:2:3"),
  communityRow(value("up to 65535"))("a number that is too large", "1:65536"),
  communityRow(value("up to 4294967295"))("a large number that is too large", "large:4294967296:0:0"),
  { name: "the least", kind: "BFDProfile", spec: {}, refused: null },
  {
    name: "an interval that is too short",
    kind: "BFDProfile",
    spec: { receiveInterval: 9 },
    refused: refuse("spec.receiveInterval", "greater than or equal to 10"),
  },
];

/** Objects that the rules of each kind accept and refuse: the rows of MetalLB's parser and webhooks that CEL can tell, and of Herald's own fields. */
export const CONFIGURATION_RULES: readonly RuleRow[] = [...POOLS, ...OUR_POOLS, ...PEERS, ...ADVERTISEMENTS, ...OTHERS];

/** The object of a row, as a user's file holds it. */
export function objectOf({ kind, version = "v1beta1", spec }: RuleRow): object {
  return { apiVersion: `metallb.io/${version}`, kind, metadata: { name: "row", namespace: HERALD_NAMESPACE }, spec };
}
