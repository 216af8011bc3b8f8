/** An object that another than Herald's owner writes, and what the policies say of it. */
export interface PolicyRow {
  readonly name: string;
  readonly object: object;
  /** Words of the message; null where nothing is said. */
  readonly said: string | null;
  /** A warning even where the others turn away. */
  readonly onlyEverWarned?: true;
}

type Texts = Readonly<Record<string, string>>;

/** A Service of type LoadBalancer, or of another, with annotations and further fields of its spec. */
export function serviceWith(annotations: Texts, spec: object = {}, name = "row"): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default", annotations },
    spec: { type: "LoadBalancer", ports: [{ port: 80 }], ...spec },
  };
}

const asks = (name: string, said: string | null, annotations: Texts, spec: object = {}): PolicyRow => ({
  name,
  object: serviceWith(annotations, spec),
  said,
});
const ips = "metallb.io/loadBalancerIPs";
const oldIps = "metallb.universe.tf/loadBalancerIPs";
const pool = "metallb.io/address-pool";
const perFamily = "herald-lb.io/addresses-per-family";
const both = "exclude each other";

const SERVICES: readonly PolicyRow[] = [
  asks("that asks for nothing", null, {}),
  asks("with every annotation there is", null, {
    [ips]: "192.0.2.1, 2001:db8::1",
    [pool]: "a.b-c",
    "metallb.io/allow-shared-ip": "any text",
    "metallb.io/ip-allocated-from-pool": "a",
    [perFamily]: "2",
    "herald-lb.io/ip-mode": "Proxy",
    "herald-lb.io/share-with-namespaces": "*",
    "example.com/anything": "x",
  }),
  asks("with the old prefix", null, { [oldIps]: "192.0.2.1", "metallb.universe.tf/address-pool": "a" }),
  asks("with spec.loadBalancerIP", null, {}, { loadBalancerIP: "192.0.2.1" }),
  asks("with an IPv4 tail", null, { [ips]: "64:ff9b::192.0.2.1" }),
  asks(
    "of another class, whose loadBalancerIP is that class's affair",
    null,
    {},
    {
      loadBalancerIP: "frontend",
      loadBalancerClass: "example.com/x",
    },
  ),
  asks("of another type", null, { [pool]: "No Pool", "metallb.io/typo": "x" }, { type: "ClusterIP" }),
  asks("that asks twice", both, { [ips]: "192.0.2.1" }, { loadBalancerIP: "192.0.2.1" }),
  asks("that asks twice by the old prefix", both, { [oldIps]: "192.0.2.1" }, { loadBalancerIP: "192.0.2.1" }),
  asks("that asks for a name", '"router" is not a list of addresses', { [ips]: "router" }),
  asks("that asks for half an address", '"192.0.2.1,192.0.2" is not a list', { [ips]: "192.0.2.1,192.0.2" }),
  asks(
    "that asks for a number",
    'spec.loadBalancerIP: "192.0.2.300" is not an address',
    {},
    {
      loadBalancerIP: "192.0.2.300",
    },
  ),
  asks("that asks for two of a family", "has more than 1 of one family", { [ips]: "192.0.2.1,192.0.2.2" }),
  asks("that asks for two of IPv6", "has more than 1 of one family", { [ips]: "2001:db8::1,2001:db8::2" }),
  asks("that may have two and asks for two", null, { [ips]: "192.0.2.1,192.0.2.2", [perFamily]: "2" }),
  asks("that may have two and asks for three", "has more than 2 of one family", {
    [ips]: "192.0.2.1,192.0.2.2,192.0.2.3",
    [perFamily]: "2",
  }),
  asks("of a pool that cannot be", '"My Pool" cannot be the name of a pool', { [pool]: "My Pool" }),
  asks("that may have none", `${perFamily}: "0" is not a number from 1`, { [perFamily]: "0" }),
  asks("that may have many", `${perFamily}: "many" is not a number from 1`, { [perFamily]: "many" }),
  asks("of a mode that is none", 'ip-mode: "vip" is neither VIP nor Proxy', { "herald-lb.io/ip-mode": "vip" }),
  {
    ...asks("with a slip in a key", "unknown annotations: metallb.io/adress-pool", {
      "metallb.io/adress-pool": "a",
      [pool]: "a",
    }),
    onlyEverWarned: true,
  },
  {
    ...asks("with a slip in a key of ours", "unknown annotations: herald-lb.io/ipMode", {
      "herald-lb.io/ipMode": "VIP",
    }),
    onlyEverWarned: true,
  },
];

const namespaceWith = (value: string): object => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "row", annotations: { "herald-lb.io/max-addresses": value } },
});

const poolIn = (namespace: string): object => ({
  apiVersion: "metallb.io/v1beta1",
  kind: "IPAddressPool",
  metadata: { name: "row", namespace },
  spec: { addresses: ["192.0.2.0/24"] },
});

/** The verdicts of the policies of `deploy/policies` on Services, Namespaces and objects of the configuration. */
export const POLICY_ROWS: readonly PolicyRow[] = [
  ...SERVICES.map((row) => ({ ...row, name: `a Service ${row.name}` })),
  { name: "a Namespace with a quota", object: namespaceWith("0"), said: null },
  { name: "a Namespace with a quota that is none", object: namespaceWith("ten"), said: '"ten" is not a number from 0' },
  { name: "a pool in Herald's namespace", object: poolIn("metallb-system"), said: null },
  { name: "a pool elsewhere", object: poolIn("default"), said: "resource must be created in metallb-system namespace" },
];
