import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { addRouterHost, PLAN, type Scope, type Topology, until } from "@herald-lb/lab";
import { type InteropPath, type InteropRouter, PASSWORD } from "./interop-router.ts";
import { sortedByNextHop } from "../routing/routers.ts";

interface Path {
  readonly attrs: readonly Attribute[];
}

/** One path attribute as GoBGP prints it: by its type code, with a field that the type decides. */
interface Attribute {
  readonly type: number;
  readonly as_paths?: readonly { readonly asns: readonly number[] }[];
  readonly nexthop?: string;
  readonly communities?: readonly number[];
  readonly value?: readonly { readonly ASN: number; readonly LocalData1: number; readonly LocalData2: number }[];
}

interface Neighbor {
  readonly state: { readonly session_state: number };
}

const ESTABLISHED = 6;

/** Starts GoBGP on a router of its own. */
export async function startGobgp(scope: Scope, topology: Topology): Promise<InteropRouter> {
  const as = 64520;
  const host = await addRouterHost(scope, topology, { label: "gobgp", host: 20 });
  const configuration = join(scope.folder, "gobgp.toml");
  const family = (name: string): string => `  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "${name}"`;
  const neighbor = (address: string, password: string): string => `[[neighbors]]
  [neighbors.config]
    neighbor-address = "${address}"
    peer-as = ${PLAN.clusterAs}
    auth-password = "${password}"
  [neighbors.transport.config]
    passive-mode = true
  [neighbors.timers.config]
    idle-hold-time-after-reset = 1
${family("ipv4-unicast")}
${family("ipv6-unicast")}`;
  const global = `[global.config]
  as = ${as}
  router-id = "${host.ipv4}"
  port = 179
  local-address-list = ["${host.ipv4}", "${host.ipv6}"]`;
  const neighbors = topology.nodes.flatMap(({ ipv4, ipv6 }) => [neighbor(ipv4, ""), neighbor(ipv6, PASSWORD)]);
  writeFileSync(configuration, `${[global, ...neighbors].join("\n")}\n`);
  const daemon = scope.spawn({
    name: "gobgp",
    namespace: host.namespace.name,
    command: "gobgpd",
    args: ["-f", configuration, "--api-hosts", "127.0.0.1:50051", "--pprof-disable", "--log-plain"],
  });
  const gobgp = (...args: readonly string[]): Promise<string> => host.namespace.run("gobgp", args);
  const neighborOf = async (address: string): Promise<Neighbor> =>
    JSON.parse(await gobgp("-j", "neighbor", address)) as Neighbor;
  await until("GoBGP to answer", () => gobgp("global").then(Boolean, () => false));
  return {
    ...host,
    name: "GoBGP 3",
    as,
    paths: async (prefix) => {
      const version = prefix.includes(":") ? "ipv6" : "ipv4";
      // It fails where there is no route at all.
      const text = await gobgp("-j", "global", "rib", prefix, "-a", version).catch(() => "{}");
      return pathsIn(Object.values(JSON.parse(text) as Record<string, readonly Path[]>).flat());
    },
    isEstablished: async (address) => (await neighborOf(address)).state.session_state === ESTABLISHED,
    lastNotification: async (address) => {
      const lines = daemon
        .output()
        .split("\n")
        .filter((line) => line.includes(address) && /notification/i.test(line));
      return lines.at(-1) ?? "";
    },
  };
}

function pathsIn(paths: readonly Path[]): readonly InteropPath[] {
  return sortedByNextHop(
    paths.map(({ attrs }) => {
      const attribute = (type: number): Attribute | undefined => attrs.find((each) => each.type === type);
      return {
        // MP_REACH_NLRI carries the next hop of IPv6.
        nextHop: attribute(3)?.nexthop ?? attribute(14)?.nexthop ?? "",
        asPath: (attribute(2)?.as_paths ?? []).flatMap(({ asns }) => asns).join(" "),
        communities: (attribute(8)?.communities ?? []).map((each) => `${each >>> 16}:${each & 0xffff}`),
        largeCommunities: (attribute(32)?.value ?? []).map(
          ({ ASN, LocalData1, LocalData2 }) => `${ASN}:${LocalData1}:${LocalData2}`,
        ),
      };
    }),
  );
}
