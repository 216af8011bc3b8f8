import { HERALD_NAMESPACE, type Manifest } from "@herald-lb/lab";

/** An object of metallb.io. */
export function object(kind: string, name: string, spec: object, namespace: string = HERALD_NAMESPACE): Manifest {
  const apiVersion = kind === "BGPPeer" ? "metallb.io/v1beta2" : "metallb.io/v1beta1";
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}

/** An IPAddressPool. */
export function pool(name: string, ...addresses: readonly string[]): Manifest {
  return object("IPAddressPool", name, { addresses });
}

/** A BGPPeer. */
export function peer(name: string, more: object = {}): Manifest {
  return object("BGPPeer", name, { myASN: 64500, peerASN: 64501, peerAddress: "192.0.2.1", ...more });
}
