import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { HERALD_NAMESPACE } from "@herald-lb/lab";
import { herald } from "../daemons/contender.ts";
import type { BenchCluster } from "./cluster.ts";
import type { BenchNode } from "./network.ts";

/** A speaker's program. */
export interface SpeakerProgram {
  /** The program and its arguments, as in the DaemonSet. */
  readonly command: readonly string[];
  /** The variables of its image, and those that one project alone needs. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The speakers of one project, or of both in one memberlist cluster. */
export interface Contender {
  readonly name: string;
  /** The program of a node, by its place among the nodes from 0. */
  readonly programOf: (place: number) => SpeakerProgram;
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
  const speaker = {
    command: [...program, ...daemonSetFlags(), ...flags],
    variables: { ...environment, HERALD_KUBE_CONTEXT: "speaker" },
  };
  return {
    name: "Herald",
    programOf: () => speaker,
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
    programOf: () => ({ command: [binary, ...daemonSetFlags()], variables: { METALLB_BGP_TYPE: "native" } }),
    readMembers: (line, members) => {
      if (!line.includes('"node event"')) return;
      const event = JSON.parse(line) as { readonly "node name": string; readonly "node event": string };
      if (event["node event"] === "NodeLeave") members.delete(event["node name"]);
      else members.add(event["node name"]);
    },
  };
}

/** Speakers of both projects by turns in one memberlist cluster, as during a migration; the first node has one of `first`. */
export function mixedSpeakers(first: Contender, second: Contender): Contender {
  return {
    name: `${first.name} and ${second.name} by turns`,
    programOf: (place) => (place % 2 === 0 ? first : second).programOf(place),
    readMembers: (line, members) => {
      first.readMembers(line, members);
      second.readMembers(line, members);
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
  { variables }: SpeakerProgram,
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
