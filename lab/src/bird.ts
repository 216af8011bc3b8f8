import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Namespace } from "./namespace.ts";
import { run, type Scope } from "./scope.ts";
import { BRIDGE, PLAN, type Topology } from "./topology.ts";
import { until } from "./until.ts";

/** BIRD 2 on a second router of the segment, which listens for every node. */
export interface Bird {
  readonly namespace: Namespace;
  /** Where it is an external peer, of {@link BIRD_AS}. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** Where it is an internal peer, of the cluster's own autonomous system. */
  readonly internalIpv4: string;
  /** Runs one command in birdc and returns what it printed. */
  readonly show: (command: string) => Promise<string>;
}

/** The autonomous system of the second router. */
export const BIRD_AS = 64510;

/** Builds the second router and starts BIRD on it; it stops when the scope closes. A node's sessions are named for it: `node_a_external4`, `node_a_external6`, `node_a_internal4`. */
export async function startBird(scope: Scope, { segment, nodes }: Topology): Promise<Bird> {
  const namespace = await Namespace.create(scope, "bird");
  const [ipv4, internalIpv4, ipv6] = [`${PLAN.segment4}.3`, `${PLAN.segment4}.4`, `${PLAN.segment6}::3`];
  await namespace.connect(
    { interface: "eth0", addresses: [`${ipv4}/24`, `${internalIpv4}/24`, `${ipv6}/64`] },
    { namespace: segment, name: BRIDGE, port: "p-bird" },
  );
  const protocols = nodes.flatMap((node) => {
    const session = (suffix: string, local: string, as: number, neighbor: string): string =>
      `protocol bgp ${node.name.replaceAll("-", "_")}_${suffix} from node { local ${local} as ${as}; neighbor ${neighbor} as ${PLAN.clusterAs}; }`;
    return [
      session("external4", ipv4, BIRD_AS, node.ipv4),
      session("external6", ipv6, BIRD_AS, node.ipv6),
      session("internal4", internalIpv4, PLAN.clusterAs, node.ipv4),
    ];
  });
  const channel = "{ import all; export none; }";
  const configuration = join(scope.folder, "bird.conf");
  writeFileSync(
    configuration,
    [
      `router id ${ipv4};`,
      "protocol device { }",
      // A route is held only while its next hop is known to be reachable.
      `protocol direct { ipv4; ipv6; }`,
      `template bgp node { hold time 9; passive; ipv4 ${channel}; ipv6 ${channel}; }`,
      ...protocols,
      "",
    ].join("\n"),
  );
  const control = join(scope.folder, "bird.ctl");
  const daemon = scope.spawn({
    name: "bird",
    namespace: namespace.name,
    command: "bird",
    args: ["-f", "-c", configuration, "-s", control],
  });
  const show = (command: string): Promise<string> => run("birdc", ["-s", control, ...command.split(" ")]);
  await until("BIRD to answer", async () => (await show("show status")).includes("Daemon is up")).catch(
    (error: unknown) => {
      throw new Error(`${String(error)}\n${daemon.output()}`);
    },
  );
  return { namespace, ipv4, ipv6, internalIpv4, show };
}
