import {
  type Daemon,
  type Lab,
  type LabNode,
  measureOutage,
  neighbourOf,
  type Outage,
  type Scope,
  until,
  watchNeighbour,
} from "@herald-lb/lab";
import { type Beside, captureClaims, claimedBeside } from "./claims.ts";

/** The way in which the announcing node is lost. */
export type Loss = "speaker killed" | "links lost";

/** The times of one loss, in milliseconds since it. */
export interface FailoverTimes {
  /** The first surviving speaker's "members changed" without the lost one. */
  readonly detection: number;
  /** The client's neighbour entry changed, by the address. */
  readonly takeover: Readonly<Record<string, number>>;
}

/** A client's view of an address while one speaker handed over to another. */
export interface HandOver extends Outage {
  readonly address: string;
  /** The frames in which the leaving speaker claimed the address beside its successor. */
  readonly beside: Beside;
}

/** The line that a speaker logs when members join or leave. */
export interface MembersChanged {
  /** By the speaker's own wall clock. */
  readonly time: string;
  readonly msg: string;
  readonly alive: readonly string[];
  readonly left: readonly string[];
}

/** Loses the announcing node of two addresses again and again, and watches what the client's kernel makes of it. */
export class LabUnderFailure {
  readonly #scope: Scope;
  readonly #lab: Lab;
  readonly #addresses: readonly string[];
  readonly #speakerArgs: readonly string[];

  /** `speakerArgs` are those that the lab's speakers were started with. */
  constructor(scope: Scope, lab: Lab, addresses: readonly string[], speakerArgs: readonly string[] = []) {
    this.#speakerArgs = speakerArgs;
    this.#scope = scope;
    this.#lab = lab;
    this.#addresses = addresses;
  }

  /** The node whose hardware address the client has for every one of the addresses; null while they differ or are not known. */
  async announcer(): Promise<LabNode | null> {
    const { client, nodes } = this.#lab.topology;
    const macs = await Promise.all(this.#addresses.map((address) => neighbourOf(client.namespace, address)));
    return nodes.find(({ mac }) => macs.every((one) => one === mac)) ?? null;
  }

  /** Loses the announcing node and waits until the client's kernel has another for every address; then brings it back. */
  async lose(loss: Loss, deadlineMs: number): Promise<FailoverTimes> {
    const { client } = this.#lab.topology;
    const lost = await this.announcer();
    if (lost === null) throw new Error("the client's kernel does not know one announcer");
    const watches = this.#addresses.map((address) => watchNeighbour(this.#scope, client.namespace, address));
    const began = Date.now();
    if (loss === "speaker killed") await this.#speaker(lost).stop("SIGKILL");
    else await this.#cable(lost, "down");
    try {
      const takeover = await until(
        `the client's kernel to have another node than ${lost.name} for every address`,
        () => {
          const times = this.#addresses.map((address, index) => {
            const changes = watches[index]?.changes().filter(({ at }) => at >= began) ?? [];
            if (changes.some(({ state }) => state === "INCOMPLETE" || state === "PROBE" || state === "DELAY"))
              throw new Error("the client asked");
            const changed = changes.find(({ mac }) => mac !== null && mac !== lost.mac);
            return [address, changed === undefined ? null : changed.at - began] as const;
          });
          return times.every(([, time]) => time !== null) && (Object.fromEntries(times) as Record<string, number>);
        },
        { timeoutMs: deadlineMs, everyMs: 20 },
      );
      const detection = await until("a speaker to tell of the loss", () => this.#detectedAt(lost, began));
      return { detection: detection - began, takeover };
    } catch (error) {
      throw new Error(`${String(error)}\n${this.#said(began)}`, { cause: error });
    } finally {
      await Promise.all(watches.map((watch) => watch.stop()));
      if (loss === "speaker killed") this.restart(lost);
      else await this.#cable(lost, "up");
    }
  }

  /**
   * Stops the announcing node's speaker with SIGTERM while a client asks every address, and forgets before each request which node it
   * had: so it notices when nobody answers for an address. Resolves a second after the next node has taken over.
   */
  async handOver(): Promise<readonly HandOver[]> {
    const { client } = this.#lab.topology;
    const leaving = await this.announcer();
    if (leaving === null) throw new Error("the client's kernel does not know one announcer");
    const probes = this.#addresses.map((address) => {
      const url = `http://${address.includes(":") ? `[${address}]` : address}/`;
      return [address, measureOutage(this.#scope, client.namespace, url, { forget: address })] as const;
    });
    await until("the client to be answered", () => probes.every(([, probe]) => probe.soFar().attempts > 10));
    const capture = await captureClaims(this.#scope, client);
    await this.#speaker(leaving).stop("SIGTERM");
    const gone = Date.now();
    await until("another to announce", async () => {
      const now = await this.announcer();
      return now !== null && now !== leaving;
    });
    await until("the client to have asked a second longer", () => Date.now() - gone > 1_000);
    const claims = await capture.claims();
    const handedOver = probes.map(async ([address, probe]) => ({
      address,
      ...(await probe.stop()),
      beside: claimedBeside(claims, address, leaving.mac),
    }));
    const result = await Promise.all(handedOver);
    this.restart(leaving);
    return result;
  }

  /** Starts a node's speaker anew, with variables of its own in its environment. */
  restart(node: LabNode, variables: Readonly<Record<string, string>> = {}): void {
    this.#lab.speakers.set(node.name, this.#lab.cluster.startSpeaker(node, this.#speakerArgs, variables));
  }

  /** The changes of the members that a node's speaker has logged since its start. */
  memberChanges(node: LabNode): readonly MembersChanged[] {
    return membersChanged(this.#speaker(node));
  }

  /** Waits until every speaker counts every node in, and the client's kernel has the node that announced before. */
  async untilWhole(announcer: LabNode): Promise<void> {
    const { nodes } = this.#lab.topology;
    await until("the ring to be whole", () =>
      nodes.every((node) => membersChanged(this.#speaker(node)).at(-1)?.alive.length === nodes.length),
    );
    await until(`${announcer.name} to announce again`, async () => (await this.announcer())?.name === announcer.name);
  }

  #speaker(node: LabNode): Daemon {
    const speaker = this.#lab.speakers.get(node.name);
    if (speaker === undefined) throw new Error(`no speaker on ${node.name}`);
    return speaker;
  }

  async #cable(node: LabNode, state: "up" | "down"): Promise<void> {
    await this.#lab.topology.segment.ip("link", "set", `p-${node.name}`, state);
  }

  #detectedAt(lost: LabNode, since: number): number | null {
    const times = this.#lab.topology.nodes
      .filter((node) => node !== lost)
      .flatMap((node) => membersChanged(this.#speaker(node)))
      .filter(({ left }) => left.includes(lost.name))
      .map(({ time }) => Date.parse(time))
      .filter((time) => time >= since);
    return times.length === 0 ? null : Math.min(...times);
  }

  #said(since: number): string {
    return this.#lab.topology.nodes
      .flatMap((node) => linesOf(this.#speaker(node)).filter(({ time }) => Date.parse(time) >= since))
      .map((line) => JSON.stringify(line))
      .join("\n");
  }
}

function membersChanged(speaker: Daemon): readonly MembersChanged[] {
  return linesOf(speaker).filter(({ msg }) => msg === "members changed");
}

function linesOf(daemon: Daemon): readonly MembersChanged[] {
  return daemon
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line) as MembersChanged);
}
