import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Scope, until } from "@herald-lb/lab";
import { Client } from "./client/client.ts";
import { type BenchCluster, startCluster } from "./cluster.ts";
import { type Contender, speakerVariables } from "./contender.ts";
import { type BenchNetwork, type BenchNode, buildNetwork, type NodeNetwork, PLAN } from "./network.ts";
import { CpuQuota } from "./cpu-quota.ts";
import { type Speaker, startSpeaker } from "./speaker.ts";

/** The measures of a site. */
export interface SiteOptions {
  /** The bench's own namespace. */
  readonly own: string;
  /** The folder of a real kube-apiserver; empty for the embedded one. */
  readonly assets: string;
  readonly nodes: number;
  readonly addresses: number;
  readonly nodeNetwork: NodeNetwork;
  /** The processors that each speaker may use; null for all. */
  readonly quota: number | null;
}

/** The time without a change after which everything counts as at rest, in milliseconds. */
const REST = 2_000;
/** The longest wait for that, and what each node adds to it, in milliseconds. */
const LONGEST = 60_000;
const LONGEST_NODE = 4_000;

/** A network with an API server, the speakers of one contender and a client. */
export class Site {
  readonly network: BenchNetwork;
  readonly addresses: readonly string[];
  readonly client: Client;
  /** The node that announces each address while nothing is wrong, by its hardware address. */
  announcers: ReadonlyMap<string, string> = new Map();
  readonly #scope: Scope;
  readonly #cluster: BenchCluster;
  readonly #contender: Contender;
  readonly #quotas: ReadonlyMap<BenchNode, CpuQuota>;
  readonly #speakers = new Map<BenchNode, { readonly speaker: Speaker; readonly members: Set<string> }>();

  private constructor(
    scope: Scope,
    {
      network,
      cluster,
      contender,
      quota,
    }: { network: BenchNetwork; cluster: BenchCluster; contender: Contender; quota: number | null },
  ) {
    this.#scope = scope;
    this.#quotas = new Map(
      quota === null ? [] : network.nodes.map((node) => [node, new CpuQuota(scope, node.namespace.name, quota)]),
    );
    this.network = network;
    this.addresses = cluster.addresses;
    this.#cluster = cluster;
    this.#contender = contender;
    this.client = new Client(scope, {
      asking: network.asking.name,
      sending: network.sending.name,
      pool: PLAN.poolBegins,
      senders: PLAN.segment,
      nodes: network.nodes.map(({ name, namespace }) => ({ name, namespace: namespace.name })),
      port: PLAN.echoPort,
    });
  }

  /** Builds it; resolves once every address has one announcer and every speaker knows all the others. */
  static async build(scope: Scope, contender: Contender, options: SiteOptions): Promise<Site> {
    const { own, assets, nodes, addresses, nodeNetwork, quota } = options;
    const network = await buildNetwork(scope, own, { nodes, nodeNetwork });
    const cluster = await startCluster(scope, { own, assets, network, addresses });
    const site = new Site(scope, { network, cluster, contender, quota });
    for (const node of network.nodes) site.startSpeaker(node);
    await site.untilAtRest();
    return site;
  }

  /** Starts the contender's speaker on a node. */
  startSpeaker(node: BenchNode): void {
    const program = this.#contender.programOf(this.network.nodes.indexOf(node));
    const variables = speakerVariables(program, node, this.#cluster);
    const speaker = startSpeaker(this.#scope, node, { command: program.command, variables });
    this.#quotas.get(node)?.add(speaker.pid);
    this.#speakers.set(node, { speaker, members: new Set() });
  }

  /** The speaker on a node. */
  speakerOn(node: BenchNode): Speaker {
    const running = this.#speakers.get(node);
    if (running === undefined) throw new Error(`no speaker on ${node.name}`);
    return running.speaker;
  }

  /** The node that has this hardware address. */
  nodeOf(mac: string): BenchNode {
    const found = this.network.nodes.find((node) => node.mac === mac);
    if (found === undefined) throw new Error(`no node has ${mac}`);
    return found;
  }

  /** Waits until every speaker knows all nodes, every address has its announcer again, and no announcer changed for two seconds. */
  async untilAtRest(): Promise<void> {
    const timeoutMs = LONGEST + LONGEST_NODE * this.network.nodes.length;
    const { claims } = this.client;
    try {
      await until("every speaker to know all nodes", () => this.#isWhole(), { timeoutMs, everyMs: 200 });
      await until(
        "every address to have its announcer",
        async () => {
          const seen = claims.length;
          const owners = await this.#surveyed();
          if (owners === null) return false;
          await wait(REST);
          if (claims.length !== seen || !this.#isWhole()) return false;
          this.announcers = owners;
          return true;
        },
        { timeoutMs, everyMs: 200 },
      );
    } catch (error) {
      throw new Error(`${String(error)}\n${this.#said()}`, { cause: error });
    }
    for (const { speaker } of this.#speakers.values()) speaker.emptyLog();
  }

  /** The announcers as a survey finds them; null where an address has none, two, or another than it had. */
  async #surveyed(): Promise<ReadonlyMap<string, string> | null> {
    const owners = await this.client.survey(this.addresses);
    const known = new Map<string, string>();
    for (const [address, mac] of owners) {
      if (mac === null || mac !== (this.announcers.get(address) ?? mac)) return null;
      known.set(address, mac);
    }
    return known;
  }

  #isWhole(): boolean {
    const { nodes } = this.network;
    return [...this.#speakers].every(([node, { speaker, members }]) => {
      if (!speaker.isRunning()) throw new Error(`the speaker on ${node.name} ended`);
      for (const line of speaker.readLog()) this.#contender.readMembers(line, members);
      return nodes.every(({ name }) => members.has(name));
    });
  }

  /** The reason why it is not at rest: the speakers that lack others, with the end of their logs; all logs where none does. */
  #said(): string {
    const { nodes } = this.network;
    const lacking = [...this.#speakers].map(([{ name }, { members }]) => ({
      name,
      lacks: nodes.filter((other) => !members.has(other.name)).map((other) => other.name),
    }));
    const some = lacking.filter(({ lacks }) => lacks.length > 0);
    return (some.length > 0 ? some : lacking)
      .map(({ name, lacks }) => {
        const end = readFileSync(join(this.#scope.folder, `${name}.log`), "utf8").slice(-600);
        return `${name} lacks ${lacks.length === 0 ? "nobody" : lacks.join(", ")}: ${end}`;
      })
      .join("\n");
  }
}
