/** One election to be placed on a node. */
export interface Placeable {
  /** The nodes that it may go to, the first choice first; empty for none. */
  readonly choices: readonly string[];
  /** The node that has it even above its bound; null for none. */
  readonly owner: string | null;
  /** The node that has it where that is one of the choices and holds less than its bound; null for none. */
  readonly home: string | null;
}

/** The number of elections that a node holds, and the number that it may hold. */
export interface BoundedLoad {
  readonly load: number;
  /** The node's share plus one, rounded down. The share is the sum of 1/n over the elections for which the node is one of n choices. */
  readonly bound: number;
}

/** Elections on nodes: the node of each, in the order of the elections, and the loads that follow. */
export interface SpreadLevel {
  readonly placed: readonly (string | null)[];
  readonly loads: ReadonlyMap<string, BoundedLoad>;
}

/** A share that is a whole number must not fall below it by the rounding of its summands. */
const ROUNDING = 1e-9;

/**
 * Places elections one after another, each on the first of its choices that holds less than its bound: consistent hashing with bounded loads
 * (Mirrokni, Thorup, Zadimoghaddam, 2018), with the choices of rendezvous hashing. Where all choices are full, others make room, so that the bound
 * holds for any choices: 1/n of each election on each of its n choices would keep within it, and where parts can, whole elections can. Only owners may
 * hold more.
 */
export function placeWithinBounds(elections: readonly Placeable[]): SpreadLevel {
  const level = new Level(elections);
  for (const [index, { owner }] of elections.entries()) if (owner !== null) level.seat(index, owner);
  for (const [index, { owner, home, choices }] of elections.entries())
    if (owner === null && home !== null && choices.includes(home) && level.hasRoom(home)) level.seat(index, home);
  for (const [index, { choices }] of elections.entries()) {
    if (level.nodeOf(index) !== null || choices.length === 0) continue;
    const first = choices.find((node) => level.hasRoom(node));
    if (first !== undefined) level.seat(index, first);
    else if (!level.makeRoom(index, "visitors") && !level.makeRoom(index, "all"))
      level.seat(index, level.idlest(choices));
  }
  return level.finish();
}

class Level {
  readonly #elections: readonly Placeable[];
  readonly #nodes: (string | null)[];
  /** The elections on each node, in the order in which they came. */
  readonly #seats = new Map<string, Set<number>>();
  readonly #bounds = new Map<string, number>();

  constructor(elections: readonly Placeable[]) {
    this.#elections = elections;
    this.#nodes = elections.map(() => null);
    for (const { choices } of elections)
      for (const node of choices) this.#bounds.set(node, (this.#bounds.get(node) ?? 0) + 1 / choices.length);
    for (const [node, share] of this.#bounds) this.#bounds.set(node, Math.floor(share + ROUNDING) + 1);
  }

  nodeOf(index: number): string | null {
    return this.#nodes[index] ?? null;
  }

  seat(index: number, node: string): void {
    const before = this.nodeOf(index);
    if (before !== null) this.#seats.get(before)?.delete(index);
    this.#nodes[index] = node;
    const seats = this.#seats.get(node);
    if (seats === undefined) this.#seats.set(node, new Set([index]));
    else seats.add(index);
  }

  hasRoom(node: string): boolean {
    return this.#loadOf(node) < (this.#bounds.get(node) ?? 0);
  }

  idlest(choices: readonly string[]): string {
    return choices.reduce((best, node) => (this.#loadOf(node) < this.#loadOf(best) ? node : best));
  }

  /** Moves others along the shortest chain to a node with room, and seats the election in the place that falls vacant. */
  makeRoom(index: number, movable: "visitors" | "all"): boolean {
    const start = this.#elections[index]?.choices ?? [];
    /** For each node that was reached, the election that would move there; null for the choices of the one to be seated. */
    const movesTo = new Map<string, number | null>(start.map((node) => [node, null]));
    // A Map is visited in the order of its entries, with those that are added meanwhile: a search in breadth.
    for (const node of movesTo.keys()) {
      for (const mover of this.#seats.get(node) ?? []) {
        if (!this.#mayMove(mover, movable)) continue;
        for (const next of this.#elections[mover]?.choices ?? []) {
          if (movesTo.has(next)) continue;
          movesTo.set(next, mover);
          if (!this.hasRoom(next)) continue;
          this.#shift(index, next, movesTo);
          return true;
        }
      }
    }
    return false;
  }

  #shift(index: number, free: string, movesTo: ReadonlyMap<string, number | null>): void {
    let vacant = free;
    for (let mover = movesTo.get(vacant) ?? null; mover !== null; mover = movesTo.get(vacant) ?? null) {
      const from = this.nodeOf(mover) ?? vacant;
      this.seat(mover, vacant);
      vacant = from;
    }
    this.seat(index, vacant);
  }

  #mayMove(index: number, movable: "visitors" | "all"): boolean {
    const election = this.#elections[index];
    if (election === undefined || election.owner !== null) return false;
    return movable === "all" || election.home !== this.nodeOf(index);
  }

  #loadOf(node: string): number {
    return this.#seats.get(node)?.size ?? 0;
  }

  finish(): SpreadLevel {
    const nodes = new Set([...this.#bounds.keys(), ...this.#seats.keys()]);
    const loads = new Map<string, BoundedLoad>();
    for (const node of nodes) loads.set(node, { load: this.#loadOf(node), bound: this.#bounds.get(node) ?? 0 });
    return { placed: this.#nodes, loads };
  }
}
