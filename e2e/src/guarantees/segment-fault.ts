import type { LabNode, Topology } from "@herald-lb/lab";

/** Faults of a lab's segment, each of which can be taken back. */
export class SegmentFaults {
  readonly #topology: Topology;

  constructor(topology: Topology) {
    this.#topology = topology;
  }

  /** Drops every frame that a node sends. */
  mute(node: LabNode): Promise<void> {
    return this.#filter("oneway", `iifname "${portOf(node)}" drop`);
  }

  /** Drops every frame to a node. */
  deafen(node: LabNode): Promise<void> {
    return this.#filter("oneway", `oifname "${portOf(node)}" drop`);
  }

  /** Takes back what was dropped of a node. */
  async undrop(): Promise<void> {
    await this.#topology.segment.run("nft", ["delete", "table", "bridge", "oneway"]);
  }

  /** Pulls a node's cable out of the bridge, or puts it back. */
  async setCable(node: LabNode, state: "up" | "down"): Promise<void> {
    await this.#topology.segment.ip("link", "set", portOf(node), state);
  }

  /** Splits the segment: nothing passes between the ports of `apart` and all others. */
  async split(apart: readonly string[]): Promise<void> {
    const ports = apart.map((port) => `"${port}"`).join(", ");
    const across = `iifname { ${ports} } oifname != { ${ports} } drop; iifname != { ${ports} } oifname { ${ports} } drop`;
    await this.#filter("split", across);
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

  async #filter(table: string, rules: string): Promise<void> {
    const text = `table bridge ${table} { chain forward { type filter hook forward priority 0; ${rules}; }; }`;
    await this.#topology.segment.run("nft", ["-f", "-"], text);
  }
}

/** The port of the segment's bridge that a node's cable ends at. */
export function portOf({ name }: { readonly name: string }): string {
  return `p-${name}`;
}
