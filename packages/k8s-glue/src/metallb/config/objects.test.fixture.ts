import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { readConfiguration } from "./read-configuration.ts";

let second = 0;

/** An object of `metallb.io`, each a second younger than the one made before it. */
export function object(kind: string, name: string, spec: unknown, version = "v1beta1"): KubernetesObject {
  const creationTimestamp = new Date(Date.UTC(2026, 0, 1, 0, 0, second++)).toISOString();
  const metadata = { name, namespace: "metallb-system", creationTimestamp, generation: 1 };
  return { apiVersion: `metallb.io/${version}`, kind, metadata, spec } as KubernetesObject;
}

/** An IPAddressPool. */
export function pool(name: string, addresses: readonly string[], more: object = {}): KubernetesObject {
  return object("IPAddressPool", name, { addresses, ...more });
}

/** A BGPPeer of v1beta2 that is valid except for what `spec` sets. */
export function peer(spec: object, name = "p"): KubernetesObject {
  return object("BGPPeer", name, { myASN: 64500, peerASN: 64501, peerAddress: "192.0.2.1", ...spec }, "v1beta2");
}

/** A BGPAdvertisement. */
export function advertisement(spec: object, name = "ad"): KubernetesObject {
  return object("BGPAdvertisement", name, spec);
}

/** The issues of objects that are read together, a line each: object, field, code, effect. */
export function codes(...objects: readonly KubernetesObject[]): readonly string[] {
  return readConfiguration(objects).issues.map(
    ({ object: { name }, path, code, effect }) => `${name} ${path} ${code} ${effect}`,
  );
}
