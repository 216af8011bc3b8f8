import type { LabNode, Topology } from "@herald-lb/lab";

/** Faults of a lab's segment, each of which can be taken back. */
export class SegmentFaults {
  readonly #topology: Topology;

  constructor(topology: Topology) {
    this.#topology = topology;
  }

  /** Drops every frame that a node sends. */
  mute(node: LabNode): Promise<void> {
    return this.#drop(node, "ingress");
  }

  /** Drops every frame to a node. */
  deafen(node: LabNode): Promise<void> {
    return this.#drop(node, "egress");
  }

  /** Takes back what was dropped of a node. */
  async hear(node: LabNode): Promise<void> {
    await this.#tc("qdisc", "del", "dev", portOf(node), "clsact");
  }

  /** Pulls a node's cable out of the bridge, or puts it back. */
  async setCable(node: LabNode, state: "up" | "down"): Promise<void> {
    await this.#topology.segment.ip("link", "set", portOf(node), state);
  }

  /** Splits the segment: nothing passes between the ports of `apart` and all others. */
  async split(apart: readonly string[]): Promise<void> {
    const ports = apart.map((port) => `"${port}"`).join(", ");
    const rules = `table bridge split { chain forward { type filter hook forward priority 0;
      iifname { ${ports} } oifname != { ${ports} } drop; iifname != { ${ports} } oifname { ${ports} } drop; }; }`;
    await this.#topology.segment.run("nft", ["-f", "-"], rules);
  }

  /** Joins the parts of the segment again. */
  async join(): Promise<void> {
    await this.#topology.segment.run("nft", ["delete", "table", "bridge", "split"]);
  }

  /** Cuts a node off from the API server alone, or lets it through again. */
  async setApi(node: LabNode, state: "cut" | "open"): Promise<void> {
    const { ipv4 } = this.#topology.apiServer;
    const rules = `table inet api { chain out { type filter hook output priority 0; ip daddr ${ipv4} drop; }; }`;
    if (state === "cut") await node.namespace.run("nft", ["-f", "-"], rules);
    else await node.namespace.run("nft", ["delete", "table", "inet", "api"]);
  }

  async #drop(node: LabNode, direction: "ingress" | "egress"): Promise<void> {
    const port = portOf(node);
    await this.#tc("qdisc", "add", "dev", port, "clsact");
    await this.#tc("filter", "add", "dev", port, direction, "matchall", "action", "drop");
  }

  async #tc(...words: readonly string[]): Promise<void> {
    await this.#topology.segment.run("tc", words);
  }
}

/** The port of the segment's bridge that a node's cable ends at. */
export function portOf({ name }: { readonly name: string }): string {
  return `p-${name}`;
}
