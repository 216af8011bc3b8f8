import { type Scope, startBird, type Topology } from "@herald-lb/lab";
import { type InteropRouter, PASSWORD } from "./interop-router.ts";
import { birdPaths } from "../routing/routers.ts";

/** Starts BIRD on a router of its own: the machine's, or that of the Debian system in `root`. */
export async function startInteropBird(
  scope: Scope,
  topology: Topology,
  options: { readonly name: string; readonly label: string; readonly host: number; readonly root?: string },
): Promise<InteropRouter> {
  const bird = await startBird(scope, topology, {
    ...options,
    as: 64500 + options.host,
    passwordOverIpv6: PASSWORD,
  });
  const protocolOf = (address: string): string => {
    const node = topology.nodes.find(({ ipv4, ipv6 }) => ipv4 === address || ipv6 === address);
    if (node === undefined) throw new Error(`${address} is not a node's`);
    return `${node.name.replaceAll("-", "_")}_${address.includes(":") ? 6 : 4}`;
  };
  const show = (address: string): Promise<string> => bird.show(`show protocols all ${protocolOf(address)}`);
  return {
    ...bird,
    name: options.name,
    paths: (prefix) => birdPaths(bird, prefix),
    isEstablished: async (address) => /BGP state:\s+Established/.test(await show(address)),
    lastNotification: async (address) => /Last error:\s+(.*)/.exec(await show(address))?.[1] ?? "",
    // BIRD 3 reloads filters, or asks again by BGP.
    refresh: (address) => bird.show(`reload ${options.name === "BIRD 3" ? "bgp " : ""}in ${protocolOf(address)}`),
    updatesFrom: async (address) => {
      const counts = (await show(address)).matchAll(/Import updates:\s+(\d+)/g);
      return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
    },
  };
}
