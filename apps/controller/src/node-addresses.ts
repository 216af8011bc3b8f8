import type { Surroundings } from "@herald-lb/k8s-glue/metallb";
import type { Node } from "@herald-lb/k8s-glue/objects";
import { parseIpAddress } from "@herald-lb/sansio";

/** Node addresses that are names. */
const NAMES: ReadonlySet<string> = new Set(["Hostname", "InternalDNS", "ExternalDNS"]);

/** The addresses of the cluster's nodes, by node and address: a pool that spans one is worth a word. */
export function nodeAddressesOf(nodes: readonly Node[]): Surroundings["hosts"] {
  const hosts = nodes.flatMap(({ metadata, status }) =>
    (status?.addresses ?? []).flatMap(({ type, address: text }) => {
      const address = NAMES.has(type) ? null : parseIpAddress(text);
      return address?.ok === true
        ? [{ address: address.value, kind: "Node" as const, name: metadata?.name ?? "" }]
        : [];
    }),
  );
  return hosts.toSorted((a, b) => compareTexts(a.name, b.name) || compareTexts(a.address, b.address));
}

/** What of a Node the controller goes by, as one text: heartbeats, which change the rest, are nothing to it. */
export function partOfNode({ metadata, status }: Node): string {
  return JSON.stringify([
    metadata?.labels ?? {},
    (status?.addresses ?? []).map(({ type, address }) => [type, address]),
  ]);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
