import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { daemonIn, runIn } from "./debian-root.ts";
import { addRouterHost } from "./router-host.ts";
import type { Scope } from "./scope.ts";
import { type LabHost, PLAN, type Topology } from "./topology.ts";
import { until } from "./until.ts";

/** The namespace of BIRD, and its BGP identity. */
export interface BirdOptions {
  /** Names its namespace; one of its own for each. */
  readonly label: string;
  /** The last part of its addresses on the segment. */
  readonly host: number;
  readonly as: number;
  /** Set for one that connects to the nodes as well. */
  readonly active?: true;
  /** The Debian system whose BIRD is run, as `debianRoot` made it; the machine's own where absent. */
  readonly root?: string;
  /** The TCP MD5 password of the sessions over IPv6. */
  readonly passwordOverIpv6?: string;
}

/** BIRD on a router of its own on the segment. */
export interface Bird extends LabHost {
  readonly as: number;
  /** Runs one command in birdc and returns what it printed. */
  readonly show: (command: string) => Promise<string>;
}

/** Builds a router and starts BIRD on it, which listens for every node over both families, and connects to them on request; it stops when the scope closes. Sessions are named for the node and the family: `node_a_4`, `node_a_6`. */
export async function startBird(scope: Scope, topology: Topology, options: BirdOptions): Promise<Bird> {
  const { label, as, active, root = "/", passwordOverIpv6 } = options;
  const { namespace, ipv4, ipv6 } = await addRouterHost(scope, topology, options);
  const protocols = topology.nodes.flatMap((node) => {
    const session = (family: number, neighbor: string, more = ""): string =>
      `protocol bgp ${node.name.replaceAll("-", "_")}_${family} from node { neighbor ${neighbor} as ${PLAN.clusterAs};${more} }`;
    const password = passwordOverIpv6 === undefined ? "" : ` password "${passwordOverIpv6}";`;
    return [session(4, node.ipv4), session(6, node.ipv6, password)];
  });
  const channel = "{ import all; export none; }";
  // What a program in another root reads and makes is inside of it.
  const folder = root === "/" ? scope.folder : join("/run", namespace.name);
  const outside = join(root, folder);
  if (root !== "/") {
    scope.defer(`BIRD's folder of ${namespace.name}`, () => rmSync(outside, { recursive: true, force: true }));
    mkdirSync(outside, { recursive: true });
  }
  const configuration = join(folder, `${label}.conf`);
  writeFileSync(
    join(root, configuration),
    [
      `router id ${ipv4};`,
      "protocol device { }",
      // A route is held only while its next hop is known to be reachable.
      "protocol direct { ipv4; ipv6; }",
      `template bgp node { local as ${as}; hold time 9; ${active === true ? "connect retry time 2; connect delay time 1; error wait time 1, 1" : "passive"}; direct; ipv4 ${channel}; ipv6 ${channel}; }`,
      ...protocols,
      "",
    ].join("\n"),
  );
  const control = join(folder, `${label}.ctl`);
  const daemon = scope.spawn({
    name: label,
    namespace: namespace.name,
    ...daemonIn(root, "bird", ["-f", "-c", configuration, "-s", control]),
  });
  const show = (command: string): Promise<string> => runIn(root, "birdc", ["-s", control, ...command.split(" ")]);
  await until("BIRD to answer", async () => (await show("show status")).includes("Daemon is up")).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}\n${daemon.output()}`, { cause: error });
    },
  );
  return { namespace, ipv4, ipv6, as, show };
}
