import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { addRouterHost, PLAN, type Scope, type Topology, until } from "@herald-lb/lab";
import { type InteropPath, type InteropRouter, PASSWORD } from "./interop-router.ts";
import { sortedByNextHop } from "../routing/routers.ts";

/** A line of what ExaBGP tells its process. */
interface Line {
  readonly type: string;
  readonly neighbor: {
    readonly address: { readonly peer: string };
    readonly state?: string;
    /** The cause of a session's end, for people. */
    readonly reason?: string;
    readonly message?: { readonly update?: Update };
  };
}

interface Update {
  readonly attribute?: {
    readonly "as-path"?: readonly number[];
    readonly community?: readonly (readonly number[])[];
    readonly "large-community"?: readonly (readonly number[])[];
  };
  readonly announce?: Readonly<Record<string, Readonly<Record<string, readonly { readonly nlri?: string }[]>>>>;
  readonly withdraw?: Readonly<Record<string, readonly { readonly nlri: string }[]>>;
}

/** The state of one neighbour, as it was told. */
interface Heard {
  readonly paths: Map<string, InteropPath>;
  up: boolean;
  reason: string;
}

/** Starts ExaBGP on a router of its own. It has no table: what its neighbours announced is what it printed of them. */
export async function startExabgp(scope: Scope, topology: Topology): Promise<InteropRouter> {
  const as = 64522;
  const host = await addRouterHost(scope, topology, { label: "exabgp", host: 22 });
  const configuration = join(scope.folder, "exabgp.conf");
  const told = join(scope.folder, "exabgp.json");
  const script = resolve(import.meta.dirname, "append-lines.ts");
  const neighbor = (local: string, address: string, more: string): string =>
    `neighbor ${address} { router-id ${host.ipv4}; local-address ${local}; local-as ${as}; peer-as ${PLAN.clusterAs}; ` +
    `passive true; hold-time 30;${more} family { ipv4 unicast; ipv6 unicast; } ` +
    "api { processes [ told ]; neighbor-changes; receive { parsed; update; notification; } } }";
  const lines = [
    `process told { run ${process.execPath} ${script} ${told}; encoder json; }`,
    ...topology.nodes.flatMap(({ ipv4, ipv6 }) => [
      neighbor(host.ipv4, ipv4, ""),
      neighbor(host.ipv6, ipv6, ` md5-password "${PASSWORD}";`),
    ]),
  ];
  writeFileSync(configuration, `${lines.join("\n")}\n`);
  scope.spawn({
    name: "exabgp",
    namespace: host.namespace.name,
    command: "exabgp",
    args: [configuration],
    env: {
      "exabgp.daemon.user": "root",
      "exabgp.daemon.daemonize": "false",
      "exabgp.api.cli": "false",
      "exabgp.log.destination": "stdout",
      "exabgp.tcp.bind": `${host.ipv4} ${host.ipv6}`,
      "exabgp.tcp.port": "179",
    },
  });
  await until("ExaBGP to start its process", async () => existsSync(told));
  const heard = (): ReadonlyMap<string, Heard> => heardIn(readFileSync(told, "utf8"));
  return {
    ...host,
    name: "ExaBGP 4",
    as,
    paths: async (prefix) => sortedByNextHop([...heard().values()].flatMap(({ paths }) => paths.get(prefix) ?? [])),
    isEstablished: async (address) => heard().get(address)?.up ?? false,
    lastNotification: async (address) => heard().get(address)?.reason ?? "",
  };
}

function heardIn(text: string): ReadonlyMap<string, Heard> {
  const neighbors = new Map<string, Heard>();
  for (const words of text.split("\n")) {
    // The last line may be half written.
    if (!words.startsWith("{") || !words.endsWith("}")) continue;
    const { type, neighbor } = JSON.parse(words) as Line;
    const { peer } = neighbor.address;
    const heard = neighbors.get(peer) ?? { paths: new Map<string, InteropPath>(), up: false, reason: "" };
    neighbors.set(peer, heard);
    if (type === "state") {
      heard.up = neighbor.state === "up";
      if (!heard.up) heard.paths.clear();
      heard.reason = neighbor.reason ?? "";
    }
    const { update } = neighbor.message ?? {};
    if (update !== undefined) take(heard, update);
  }
  return neighbors;
}

function take({ paths }: Heard, { attribute = {}, announce = {}, withdraw = {} }: Update): void {
  for (const { nlri } of Object.values(withdraw).flat()) paths.delete(nlri);
  for (const byNextHop of Object.values(announce)) {
    for (const [nextHop, routes] of Object.entries(byNextHop)) {
      // RFC 2545 §3: the link-local address beside the global one, which it prints as a second route.
      if (nextHop.startsWith("fe80:")) continue;
      for (const { nlri } of routes) {
        if (nlri === undefined) continue;
        paths.set(nlri, {
          nextHop,
          asPath: (attribute["as-path"] ?? []).join(" "),
          communities: (attribute.community ?? []).map((each) => each.join(":")),
          largeCommunities: (attribute["large-community"] ?? []).map((each) => each.join(":")),
        });
      }
    }
  }
}
