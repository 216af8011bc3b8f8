import { addRouterHost, PLAN, type Scope, startFrr, type Topology } from "@herald-lb/lab";
import { type InteropRouter, PASSWORD } from "./interop-router.ts";
import { frrPaths } from "../routing/routers.ts";

interface Neighbor {
  readonly bgpState: string;
  readonly lastNotificationReason?: string;
  readonly lastShutdownDescription?: string;
  readonly messageStats: { readonly updatesRecv: number };
}

/** Starts FRR on a router of its own: the machine's, or that of the Debian system in `root`. */
export async function startInteropFrr(
  scope: Scope,
  topology: Topology,
  options: { readonly name: string; readonly label: string; readonly host: number; readonly root?: string },
): Promise<InteropRouter> {
  const as = 64500 + options.host;
  const host = await addRouterHost(scope, topology, options);
  const neighbors = topology.nodes.flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]);
  const frr = await startFrr(
    scope,
    host.namespace,
    [
      "frr defaults traditional",
      `router bgp ${as}`,
      ` bgp router-id ${host.ipv4}`,
      " no bgp ebgp-requires-policy",
      ...neighbors.flatMap((each) => [
        ` neighbor ${each} remote-as ${PLAN.clusterAs}`,
        ` neighbor ${each} passive`,
        ` neighbor ${each} timers connect 2`,
        ...(each.includes(":") ? [` neighbor ${each} password ${PASSWORD}`] : []),
      ]),
      ...["ipv4", "ipv6"].flatMap((family) => [
        ` address-family ${family} unicast`,
        ...neighbors.map((each) => `  neighbor ${each} activate`),
        " exit-address-family",
      ]),
      "",
    ].join("\n"),
    ["bgpd"],
    options.root,
  );
  const neighborOf = async (address: string): Promise<Neighbor> => {
    const answer = await frr.showJson<Record<string, Neighbor>>(`show bgp neighbors ${address} json`);
    const neighbor = answer[address];
    if (neighbor === undefined) throw new Error(`FRR has no neighbour ${address}`);
    return neighbor;
  };
  return {
    ...host,
    name: options.name,
    as,
    paths: (prefix) => frrPaths(frr, prefix),
    isEstablished: async (address) => (await neighborOf(address)).bgpState === "Established",
    lastNotification: async (address) => {
      const { lastNotificationReason = "", lastShutdownDescription = "" } = await neighborOf(address);
      return `${lastNotificationReason} ${lastShutdownDescription}`;
    },
    refresh: (address) => frr.show(`clear bgp ${address.includes(":") ? "ipv6" : "ipv4"} ${address} soft in`),
    updatesFrom: async (address) => (await neighborOf(address)).messageStats.updatesRecv,
  };
}
