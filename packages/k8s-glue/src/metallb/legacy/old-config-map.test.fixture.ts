import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import type { Configuration } from "../config/configuration.ts";
import { readConfiguration } from "../config/read-configuration.ts";
import type { EffectiveEntries } from "./effective-entries.ts";
import { readOldConfigMap } from "./read-old-config-map.ts";
import { readConfigurationWith } from "./with-old-config-map.ts";

const configMap: KubernetesObject = { metadata: { name: "config", namespace: "metallb-system", uid: "u-1" } };

/** The configuration of a ConfigMap that had these texts one after the other. */
export function live(texts: readonly (string | null)[], objects: readonly KubernetesObject[] = []): Configuration {
  let effective: EffectiveEntries | null = null;
  let configuration = readConfiguration(objects);
  for (const text of texts) {
    const reading = readOldConfigMap(text, effective);
    effective = reading.effective;
    configuration = readConfigurationWith(objects, { configMap, reading });
  }
  return configuration;
}

/** An object of metallb.io, older than the ConfigMap. */
export function object(kind: string, name: string, spec: object): KubernetesObject & { readonly spec: object } {
  return {
    apiVersion: `metallb.io/${kind === "BGPPeer" ? "v1beta2" : "v1beta1"}`,
    kind,
    metadata: { name, namespace: "metallb-system", creationTimestamp: "2026-01-01T00:00:00Z" },
    spec,
  };
}

/** The ranges of each pool, by its name. */
export function rangesOf({ pools }: Configuration): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    pools.map(({ pool }) => [pool.name, pool.ranges.map(({ first, last }) => `${first}-${last}`)]),
  );
}

/** The issues of a configuration, a line each, but for those of fields that Herald does not act on. */
export function issuesOf({ issues }: Configuration): readonly string[] {
  return issues
    .filter(({ code }) => code !== "NotActedOn")
    .map(({ object: { kind, name }, path, code, effect }) => `${kind}/${name} ${path} ${code} ${effect}`);
}

/** The names and addresses of the peers. */
export function nodePeers({ bgpPeers }: Configuration): readonly string[] {
  return bgpPeers.map(({ name, config }) => `${name} ${config.address}`);
}

/** An entry of `address-pools`. */
export function pool(name: string, addresses: string, more = ""): string {
  return `- {name: ${name}, protocol: layer2, addresses: [${addresses}]${more}}\n`;
}

/** An entry of `peers`. */
export function peer(address: string, more = ""): string {
  return `- {my-asn: 64512, peer-asn: 64501, peer-address: ${address}${more}}\n`;
}

/** The text of two pools, `a` and `b`. */
export const two: string = `address-pools:\n${pool("a", "192.0.2.0/28")}${pool("b", "192.0.2.16/28")}`;
