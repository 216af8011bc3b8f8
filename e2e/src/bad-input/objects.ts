/** A Service of type LoadBalancer of both families, before the lab's web servers, as a user's file holds it. */
export function serviceManifest(name: string, spec: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: {
      type: "LoadBalancer",
      ipFamilyPolicy: "RequireDualStack",
      selector: { app: "web" },
      ports: [{ name: "http", port: 80, targetPort: 8080 }],
      ...spec,
    },
  });
}

/** An object of the configuration. */
export function configurationManifest(kind: string, name: string, spec: Readonly<Record<string, unknown>>): string {
  const apiVersion = kind === "BGPPeer" ? "metallb.io/v1beta2" : "metallb.io/v1beta1";
  return JSON.stringify({ apiVersion, kind, metadata: { name, namespace: "metallb-system" }, spec });
}

/** The pool and the advertisement that serve all the while. */
export const GOOD: string = [
  configurationManifest("IPAddressPool", "good", {
    addresses: ["192.0.2.200-192.0.2.219", "2001:db8:0:2::200-2001:db8:0:2::21f"],
  }),
  configurationManifest("L2Advertisement", "good", { ipAddressPools: ["good"] }),
].join("\n---\n");

/** Objects that the API server itself refuses, and the field that its answer names. */
export const TURNED_AWAY: readonly {
  readonly name: string;
  readonly kind: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly field: string;
}[] = [
  { name: "no-address", kind: "IPAddressPool", spec: { addresses: ["everything"] }, field: "spec.addresses[0]" },
  { name: "no-prefix", kind: "IPAddressPool", spec: { addresses: ["192.0.2.220"] }, field: "spec.addresses[0]" },
  {
    name: "ends-of-two-families",
    kind: "IPAddressPool",
    spec: { addresses: ["192.0.2.220/32", "192.0.2.230-2001:db8:0:2::230"] },
    field: "spec.addresses[1]",
  },
  { name: "no-addresses", kind: "IPAddressPool", spec: {}, field: "spec.addresses" },
  {
    name: "as-too-large",
    kind: "BGPPeer",
    spec: { myASN: 64501, peerASN: 4_294_967_296, peerAddress: "192.0.2.1" },
    field: "spec.peerASN",
  },
  {
    name: "two-peer-numbers",
    kind: "BGPPeer",
    spec: { myASN: 64501, peerASN: 64500, dynamicASN: "external", peerAddress: "192.0.2.1" },
    field: "spec",
  },
  { name: "long-prefix", kind: "IPAddressPool", spec: { addresses: ["192.0.2.220/33"] }, field: "spec.addresses[0]" },
  {
    name: "reversed",
    kind: "IPAddressPool",
    spec: { addresses: ["192.0.2.240/32", "192.0.2.230-192.0.2.220"] },
    field: "spec.addresses[1]",
  },
  {
    name: "no-peer-address",
    kind: "BGPPeer",
    spec: { myASN: 64501, peerASN: 64500, peerAddress: "router.example" },
    field: "spec",
  },
  {
    name: "short-hold-time",
    kind: "BGPPeer",
    spec: { myASN: 64501, peerASN: 64500, peerAddress: "192.0.2.1", holdTime: "1s" },
    field: "spec",
  },
];

/** Objects that only Herald can tell to be wrong, the code it gives, and the field it names. */
export const REFUSED: readonly {
  readonly name: string;
  readonly kind: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly code: string;
  readonly field: string;
}[] = [
  {
    name: "reversed-ipv6",
    kind: "IPAddressPool",
    spec: { addresses: ["192.0.2.240/32", "2001:db8:0:2::239-2001:db8:0:2::230"] },
    code: "ReversedRange",
    field: "spec.addresses[1]",
  },
  {
    name: "overlap",
    kind: "IPAddressPool",
    spec: { addresses: ["192.0.2.219-192.0.2.229"], autoAssign: false },
    code: "Overlap",
    field: "spec.addresses[0]",
  },
  {
    name: "ipv6-router-id",
    kind: "BGPPeer",
    spec: { myASN: 64501, peerASN: 64500, peerAddress: "192.0.2.1", routerID: "2001:db8::1" },
    code: "BadAddress",
    field: "spec.routerID",
  },
  {
    name: "long-hold-time",
    kind: "BGPPeer",
    spec: { myASN: 64501, peerASN: 64500, peerAddress: "192.0.2.1", holdTime: "65536s" },
    code: "BadTimer",
    field: "spec.holdTime",
  },
];

/** Addresses that cannot be given to a Service of IPv4 alone, and what the Event says of each. The first Service of the lab holds .200. */
export const ASKED: readonly { readonly name: string; readonly address: string; readonly message: string }[] = [
  { name: "an address outside every pool", address: "198.51.100.7", message: "address 198.51.100.7 is in no pool" },
  { name: "an address that is taken", address: "192.0.2.200", message: 'address 192.0.2.200 is held by "default/web"' },
  {
    name: "an address of the wrong family",
    address: "2001:db8:0:2::21f",
    message: "addresses 2001:db8:0:2::21f do not match the IP families of the service, which are IPv4",
  },
  {
    name: "what is no address",
    address: "192.0.2.300",
    message: 'spec.loadBalancerIP: "192.0.2.300" is not an address',
  },
];
