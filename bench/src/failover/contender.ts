import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { HERALD_NAMESPACE } from "@herald-lb/lab";
import { herald } from "../daemons/contender.ts";
import type { BenchCluster } from "./cluster.ts";
import type { BenchNode } from "./network.ts";

/** Speakers of either project. */
export interface Contender {
  readonly name: "Herald" | "MetalLB";
  /** The program and its arguments, as in the DaemonSet. */
  readonly command: readonly string[];
  /** The variables of its image, and those that one project alone needs. */
  readonly variables: Readonly<Record<string, string>>;
  /** Reads a line of its log about the members of the memberlist cluster and changes `members`, the names of the live ones, accordingly. */
  readonly readMembers: (line: string, members: Set<string>) => void;
}

const ROOT: string = resolve(import.meta.dirname, "../../..");

/** Herald's speakers as they ship, with further flags. */
export function heraldSpeakers({
  bundle,
  flags,
}: {
  readonly bundle: string | undefined;
  readonly flags: readonly string[];
}): Contender {
  const { command, environment } = herald("speaker", { bundle });
  // The flags of the ports are for daemons that share a namespace.
  const program = command.filter((word) => !/^--(?:health-probe-)?port=/.test(word));
  return {
    name: "Herald",
    command: [...program, ...daemonSetFlags(), ...flags],
    variables: { ...environment, HERALD_KUBE_CONTEXT: "speaker" },
    readMembers: (line, members) => {
      if (!line.includes('"members changed"')) return;
      const { alive } = JSON.parse(line) as { readonly alive: readonly string[] };
      members.clear();
      for (const name of alive) members.add(name);
    },
  };
}

/** MetalLB's, in the mode without FRR. */
export function metallbSpeakers(binary: string): Contender {
  return {
    name: "MetalLB",
    command: [binary, ...daemonSetFlags()],
    variables: { METALLB_BGP_TYPE: "native" },
    readMembers: (line, members) => {
      if (!line.includes('"node event"')) return;
      const event = JSON.parse(line) as { readonly "node name": string; readonly "node event": string };
      if (event["node event"] === "NodeLeave") members.delete(event["node name"]);
      else members.add(event["node name"]);
    },
  };
}

/** The arguments of the container in the DaemonSet. */
function daemonSetFlags(): readonly string[] {
  const text = readFileSync(resolve(ROOT, "deploy/base/speaker.yaml"), "utf8");
  const block = /^ +args:\n((?: +- .*\n)+)/m.exec(text)?.[1] ?? "";
  return [...block.matchAll(/- (\S+)/g)].map(([, flag = ""]) => flag);
}

/** The variables that the DaemonSet gives a speaker, and where its API server is. */
export function speakerVariables(
  { variables }: Contender,
  node: BenchNode,
  { kubeconfig, memberlistSecret }: BenchCluster,
): Readonly<Record<string, string>> {
  return {
    ...variables,
    KUBECONFIG: kubeconfig,
    METALLB_NODE_NAME: node.name,
    METALLB_POD_NAME: `speaker-${node.name}`,
    METALLB_NAMESPACE: HERALD_NAMESPACE,
    METALLB_ML_BIND_ADDR: node.address,
    METALLB_ML_LABELS: "app=metallb,component=speaker",
    METALLB_ML_SECRET_KEY_PATH: memberlistSecret,
  };
}
