import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  BRIDGE,
  type Frr,
  type Lab,
  type LabHost,
  Namespace,
  PLAN,
  routerConfiguration,
  run,
  type Scope,
  startFrr,
  until,
} from "@herald-lb/lab";

/** A router with BGP and BFD. */
export interface BfdFrr extends LabHost {
  readonly frr: Frr;
  /** Enters lines of configuration. */
  readonly configure: (...lines: readonly string[]) => Promise<void>;
}

/** BIRD with BGP and BFD. */
export interface BfdBird extends LabHost {
  readonly show: (command: string) => Promise<string>;
}

/** A BFD session as FRR shows it. */
export interface FrrBfdPeer {
  readonly peer: string;
  readonly status: string;
  readonly multihop: boolean;
  readonly diagnostic?: string;
  readonly "remote-diagnostic"?: string;
  readonly "remote-receive-interval": number;
  readonly "remote-transmit-interval": number;
  readonly "remote-detect-multiplier": number;
}

/** The intervals that every router has for BFD, in milliseconds. */
export const ROUTER_INTERVAL = 100;
/** The packets of a router that may be missed. */
export const MULTIPLIER = 3;

/** Connects a router to the segment, at an address of its own. */
export async function attachRouter(scope: Scope, lab: Lab, label: string, host: number): Promise<LabHost> {
  const namespace = await Namespace.create(scope, label);
  const [ipv4, ipv6] = [`${PLAN.segment4}.${host}`, `${PLAN.segment6}::${host}`];
  const port = { interface: "eth0", addresses: [`${ipv4}/24`, `${ipv6}/64`] };
  await namespace.connect(port, { namespace: lab.topology.segment, name: BRIDGE, port: `p-${label}` });
  return { namespace, ipv4, ipv6 };
}

/** Starts FRR with BFD beside the BGP session with every node; `hops` more than 1 for nodes that are farther away. */
export async function startBfdFrr(
  scope: Scope,
  lab: Lab,
  host: LabHost,
  options: { readonly as: number; readonly hops: 1 | 2 },
): Promise<BfdFrr> {
  const { namespace } = host;
  const addresses = lab.topology.nodes.flatMap(({ ipv4, ipv6 }) => (options.hops === 1 ? [ipv4, ipv6] : [ipv4]));
  const extra = addresses.flatMap((address) => [
    ...(options.hops === 1 ? [] : [` neighbor ${address} ebgp-multihop ${options.hops}`]),
    ` neighbor ${address} bfd`,
    ` neighbor ${address} bfd profile fast`,
  ]);
  const bgp = routerConfiguration({
    as: options.as,
    peerAs: PLAN.clusterAs,
    routerId: host.ipv4,
    neighbors: addresses,
    extra,
  });
  const bfd = [
    "bfd",
    " profile fast",
    `  receive-interval ${ROUTER_INTERVAL}`,
    `  transmit-interval ${ROUTER_INTERVAL}`,
    `  detect-multiplier ${MULTIPLIER}`,
    " exit",
    "exit",
    "",
  ].join("\n");
  const frr = await startFrr(scope, namespace, `${bgp}exit\n${bfd}`, ["bfdd", "bgpd"]);
  const configure = async (...lines: readonly string[]): Promise<void> => {
    await run("vtysh", ["-N", namespace.name, ...["configure terminal", ...lines].flatMap((line) => ["-c", line])]);
  };
  return { ...host, frr, configure };
}

/** FRR's BFD sessions. */
export function frrBfdPeers({ frr }: BfdFrr): Promise<readonly FrrBfdPeer[]> {
  return frr.showJson("show bfd peers json");
}

/** Starts BIRD with BFD beside the BGP session with every node over IPv4. */
export async function startBfdBird(scope: Scope, lab: Lab, host: LabHost, as: number): Promise<BfdBird> {
  const [configuration, control] = [join(scope.folder, "bfd-bird.conf"), join(scope.folder, "bfd-bird.ctl")];
  const sessions = lab.topology.nodes.map(
    ({ name, ipv4 }) =>
      `protocol bgp ${name.replaceAll("-", "_")} from node { neighbor ${ipv4} as ${PLAN.clusterAs}; }`,
  );
  const interval = `${ROUTER_INTERVAL} ms`;
  writeFileSync(
    configuration,
    [
      `router id ${host.ipv4};`,
      "protocol device { }",
      "protocol direct { ipv4; ipv6; }",
      `protocol bfd { interface "eth0" { min rx interval ${interval}; min tx interval ${interval}; multiplier ${MULTIPLIER}; }; }`,
      `template bgp node { local as ${as}; passive; direct; bfd on; error wait time 1, 2; ipv4 { import all; export none; }; }`,
      ...sessions,
      "",
    ].join("\n"),
  );
  scope.spawn({
    name: "bfd-bird",
    namespace: host.namespace.name,
    command: "bird",
    args: ["-f", "-c", configuration, "-s", control],
  });
  const show = (command: string): Promise<string> => run("birdc", ["-s", control, ...command.split(" ")]);
  await until("BIRD to answer", async () => (await show("show status")).includes("Daemon is up"));
  return { ...host, show };
}
