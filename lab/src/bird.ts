import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Namespace } from "./namespace.ts";
import { run, type Scope } from "./scope.ts";
import { BRIDGE, type LabHost, PLAN, type Topology } from "./topology.ts";
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
}

/** BIRD 2 on a router of its own on the segment. */
export interface Bird extends LabHost {
  readonly as: number;
  /** Runs one command in birdc and returns what it printed. */
  readonly show: (command: string) => Promise<string>;
}

/** Builds a router and starts BIRD on it, which listens for every node over both families, and connects to them on request; it stops when the scope closes. Sessions are named for the node and the family: `node_a_4`, `node_a_6`. */
export async function startBird(scope: Scope, { segment, nodes }: Topology, options: BirdOptions): Promise<Bird> {
  const { label, host, as, active } = options;
  const namespace = await Namespace.create(scope, label);
  const [ipv4, ipv6] = [`${PLAN.segment4}.${host}`, `${PLAN.segment6}::${host}`];
  await namespace.connect(
    { interface: "eth0", addresses: [`${ipv4}/24`, `${ipv6}/64`] },
    { namespace: segment, name: BRIDGE, port: `p-${label}` },
  );
  const protocols = nodes.flatMap((node) => {
    const session = (family: number, neighbor: string): string =>
      `protocol bgp ${node.name.replaceAll("-", "_")}_${family} from node { neighbor ${neighbor} as ${PLAN.clusterAs}; }`;
    return [session(4, node.ipv4), session(6, node.ipv6)];
  });
  const channel = "{ import all; export none; }";
  const configuration = join(scope.folder, `${label}.conf`);
  writeFileSync(
    configuration,
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
  const control = join(scope.folder, `${label}.ctl`);
  const daemon = scope.spawn({
    name: label,
    namespace: namespace.name,
    command: "bird",
    args: ["-f", "-c", configuration, "-s", control],
  });
  const show = (command: string): Promise<string> => run("birdc", ["-s", control, ...command.split(" ")]);
  await until("BIRD to answer", async () => (await show("show status")).includes("Daemon is up")).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}\n${daemon.output()}`, { cause: error });
    },
  );
  return { namespace, ipv4, ipv6, as, show };
}
