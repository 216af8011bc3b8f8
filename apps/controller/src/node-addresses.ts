import type { HostAddresses } from "@herald-lb/k8s-glue/metallb";
import type { Node } from "@herald-lb/k8s-glue/objects";
import { parseIpAddress } from "@herald-lb/sansio";

/** The types of Node addresses that are names. */
const NAMES: ReadonlySet<string> = new Set(["Hostname", "InternalDNS", "ExternalDNS"]);

/** The IP addresses of all Nodes, sorted by Node and address: a pool that spans one of them is reported. */
export function nodeAddressesOf(nodes: readonly Node[]): HostAddresses["hosts"] {
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

/** The labels and addresses of a Node: a heartbeat changes neither. */
export function partOfNode({ metadata, status }: Node): readonly unknown[] {
  return [metadata?.labels ?? {}, (status?.addresses ?? []).map(({ type, address }) => [type, address])];
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
