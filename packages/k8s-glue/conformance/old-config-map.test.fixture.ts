import { type Configuration, readConfigurationWith, readOldConfigMap } from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import type { ConformanceRow } from "./conformance-row.ts";

const configMap: KubernetesObject = { metadata: { name: "config", namespace: "metallb-system", uid: "u" } };

/** The configuration by a ConfigMap that had these texts, one after the other. */
export function live(...texts: readonly string[]): Configuration {
  let reading = readOldConfigMap("", null);
  for (const text of texts) reading = readOldConfigMap(text, reading.effective);
  return readConfigurationWith([], { configMap, reading });
}

/** The text of one peer. */
export function peer(more = ""): string {
  return `peers: [{my-asn: 64512, peer-asn: 64501, peer-address: 198.51.100.1${more}}]\n`;
}

/** The text of pools. */
export function pools(...entries: readonly string[]): string {
  return `address-pools: [${entries.map((entry) => `{${entry}}`).join(", ")}]\n`;
}

/** A pool of layer 2. */
export const layer2 = "name: a, protocol: layer2, addresses: [192.0.2.0/28]";

/** A pool of BGP. */
export function bgp(more = "", name = "a", net = 0): string {
  return `name: ${name}, protocol: bgp, addresses: [203.0.113.${net}/28]${more}`;
}

/** The issues of texts, one after the other, without those that are only noted. */
export function faults(...texts: readonly string[]): readonly string[] {
  return live(...texts).issues.flatMap(({ object, path, code, effect }) =>
    effect === "Noted" ? [] : [`${object.kind} ${path} ${code}`],
  );
}

/** A row of this page: all are of §3. */
export type Row = Omit<ConformanceRow, "section">;

/** A row of which Herald does the same. */
export function same(row: string, check: () => void): Row {
  return { row, verdict: "same", why: "", check };
}

/** A row of which Herald does better. */
export function better(row: string, why: string, check: () => void): Row {
  return { row, verdict: "better", why, check };
}
