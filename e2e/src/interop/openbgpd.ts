import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRouterHost, PLAN, type Scope, type Topology, until } from "@herald-lb/lab";
import { type InteropRouter, PASSWORD } from "./interop-router.ts";
import { sortedByNextHop } from "../routing/routers.ts";

interface RibEntry {
  readonly aspath: string;
  readonly exit_nexthop: string;
  readonly communities?: readonly string[];
  readonly large_communities?: readonly string[];
}

interface Neighbor {
  readonly state: string;
  readonly last_shutdown_reason?: string;
  readonly last_error_received?: string;
  readonly stats?: { readonly message?: { readonly received?: { readonly updates?: number } } };
}

/** The folder that its processes make their root; the init script of Debian's package makes it. */
const CHROOT = "/run/openbgpd";

/** Starts OpenBGPD on a router of its own. */
export async function startOpenbgpd(scope: Scope, topology: Topology): Promise<InteropRouter> {
  const as = 64521;
  const host = await addRouterHost(scope, topology, { label: "openbgpd", host: 21 });
  const configuration = join(scope.folder, "openbgpd.conf");
  const control = join(scope.folder, "openbgpd.sock");
  const neighbor = (address: string, more: string): string => `neighbor ${address} {
	remote-as ${PLAN.clusterAs}
	passive
	announce IPv4 unicast
	announce IPv6 unicast
${more}}`;
  const lines = [
    `AS ${as}`,
    `router-id ${host.ipv4}`,
    `listen on ${host.ipv4}`,
    `listen on ${host.ipv6}`,
    `socket "${control}"`,
    "fib-update no",
    "log updates",
    "nexthop qualify via default",
    ...topology.nodes.flatMap(({ ipv4, ipv6 }) => [
      neighbor(ipv4, ""),
      neighbor(ipv6, `\ttcp md5sig password "${PASSWORD}"\n`),
    ]),
    "allow from any",
    "deny to any",
  ];
  writeFileSync(configuration, `${lines.join("\n")}\n`);
  chmodSync(configuration, 0o600);
  if (!existsSync(CHROOT)) {
    scope.defer("OpenBGPD's root", () => rmSync(CHROOT, { recursive: true, force: true }));
    mkdirSync(CHROOT);
  }
  const daemon = scope.spawn({
    name: "openbgpd",
    namespace: host.namespace.name,
    command: "/usr/sbin/bgpd",
    args: ["-d", "-f", configuration],
  });
  const show = async <Shape>(...args: readonly string[]): Promise<Shape> =>
    JSON.parse(await host.namespace.run("bgpctl", ["-s", control, "-j", ...args])) as Shape;
  const neighborOf = async (address: string): Promise<Neighbor> => {
    const { neighbors } = await show<{ readonly neighbors: readonly Neighbor[] }>("show", "neighbor", address);
    const [only] = neighbors;
    if (only === undefined) throw new Error(`OpenBGPD has no neighbour ${address}`);
    return only;
  };
  await until("OpenBGPD to answer", () => show("show", "summary").then(Boolean, () => false)).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}\n${daemon.output()}`, { cause: error });
    },
  );
  return {
    ...host,
    name: "OpenBGPD 7",
    as,
    paths: async (prefix) => {
      const { rib = [] } = await show<{ readonly rib?: readonly RibEntry[] }>("show", "rib", "detail", prefix);
      return sortedByNextHop(
        rib.map(({ aspath, exit_nexthop, communities = [], large_communities = [] }) => ({
          nextHop: exit_nexthop,
          asPath: aspath,
          communities: communities,
          largeCommunities: large_communities,
        })),
      );
    },
    isEstablished: async (address) => (await neighborOf(address)).state === "Established",
    lastNotification: async (address) => {
      const { last_error_received, last_shutdown_reason } = await neighborOf(address);
      return [last_error_received, last_shutdown_reason].filter(Boolean).join(", ");
    },
    refresh: (address) => host.namespace.run("bgpctl", ["-s", control, "neighbor", address, "refresh"]),
    updatesFrom: async (address) => (await neighborOf(address)).stats?.message?.received?.updates ?? 0,
  };
}
