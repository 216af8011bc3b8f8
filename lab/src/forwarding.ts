/**
 * The rules of kube-proxy in a node as one nftables ruleset: a load balancer's address and port go to a ready endpoint, or to one
 * on this node alone where the Service's external traffic policy is Local.
 */

/** A Service as far as forwarding reads it. */
export interface ForwardedService {
  readonly namespace: string;
  readonly name: string;
  readonly externalTrafficPolicy: "Cluster" | "Local";
  /** Load balancer addresses of both families. */
  readonly addresses: readonly string[];
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[];
}

/** One endpoint of a Service, with the ports of its slice by name. */
export interface ForwardedEndpoint {
  readonly address: string;
  readonly node: string;
  readonly ports: readonly { readonly name: string; readonly port: number }[];
}

const TABLE = "herald_lab";

/** The whole ruleset of one node. Loading it replaces what was loaded before, in one transaction. */
export function forwardingRuleset(
  node: string,
  services: readonly { readonly service: ForwardedService; readonly endpoints: readonly ForwardedEndpoint[] }[],
): string {
  const dnat: string[] = [];
  for (const { service, endpoints } of services) {
    const local = service.externalTrafficPolicy === "Local";
    const usable = local ? endpoints.filter((endpoint) => endpoint.node === node) : endpoints;
    for (const address of service.addresses) {
      const ipv6 = address.includes(":");
      const family = usable.filter((endpoint) => endpoint.address.includes(":") === ipv6);
      for (const port of service.ports) {
        const targets = family.flatMap((endpoint) => targetOf(endpoint, port.name));
        if (targets.length === 0) continue;
        const match = `${ipv6 ? "ip6" : "ip"} daddr ${address} ${port.protocol.toLowerCase()} dport ${port.port}`;
        // The mark has Cluster traffic masqueraded on its way out, so that the answer comes back through this node.
        const mark = local ? "" : "meta mark set 0x4000 ";
        const choice = targets.map((target, index) => `${index} : ${target}`).join(", ");
        dnat.push(
          `${match} ${mark}dnat ${ipv6 ? "ip6" : "ip"} addr . port to numgen random mod ${targets.length} map { ${choice} }`,
        );
      }
    }
  }
  return [
    `table inet ${TABLE}`,
    `delete table inet ${TABLE}`,
    `table inet ${TABLE} {`,
    "  chain prerouting {",
    "    type nat hook prerouting priority dstnat;",
    ...dnat.map((rule) => `    ${rule}`),
    "  }",
    "  chain postrouting {",
    "    type nat hook postrouting priority srcnat;",
    "    meta mark & 0x4000 == 0x4000 masquerade",
    "  }",
    "}",
    "",
  ].join("\n");
}

function targetOf(endpoint: ForwardedEndpoint, portName: string): readonly string[] {
  const port = endpoint.ports.find((candidate) => candidate.name === portName);
  if (port === undefined) return [];
  return [`${endpoint.address} . ${port.port}`];
}
