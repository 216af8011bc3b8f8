import { NOBODY } from "./node-numbers.ts";

/** One election to be placed on a node. Nodes are numbers. */
export interface Placeable {
  /** The nodes that it may go to, the first choice first; empty for none. */
  readonly choices: readonly number[];
  /** The node that has it even above its bound; NOBODY for none. */
  readonly owner: number;
  /** The node that has it where that is one of the choices and holds less than its bound; NOBODY for none. */
  readonly home: number;
}

/** Elections on nodes: the node of each, in the order of the elections, and for each node what it holds and may hold. */
export interface SpreadLevel {
  readonly placed: Int32Array;
  readonly loads: Int32Array;
  /** Each node's share plus one, rounded down. The share is the sum of 1/n over the elections for which the node is one of n choices. */
  readonly bounds: Float64Array;
}

/** A share that is a whole number must not fall below it by the rounding of its summands. */
const ROUNDING = 1e-9;

/**
 * Places elections one after another, each on the first of its choices that holds less than its bound: consistent hashing with bounded loads
 * (Mirrokni, Thorup, Zadimoghaddam, 2018), with the choices of rendezvous hashing. Where all choices are full, others make room, so that the bound
 * holds for any choices: 1/n of each election on each of its n choices would keep within it, and where parts can, whole elections can. Only owners may
 * hold more.
 */
export function placeWithinBounds(elections: readonly Placeable[], nodeCount: number): SpreadLevel {
  const level = new Level(elections, nodeCount);
  for (const [index, { owner }] of elections.entries()) if (owner !== NOBODY) level.seat(index, owner);
  for (const [index, { owner, home, choices }] of elections.entries())
    if (owner === NOBODY && home !== NOBODY && level.hasRoom(home) && choices.includes(home)) level.seat(index, home);
  for (const [index, { choices }] of elections.entries()) {
    if (level.placed[index] !== NOBODY || choices.length === 0) continue;
    const first = choices.find((node) => level.hasRoom(node));
    if (first !== undefined) level.seat(index, first);
    else if (!level.makeRoom(index, "visitors") && !level.makeRoom(index, "all"))
      level.seat(index, level.idlest(choices));
  }
  return level;
}

class Level implements SpreadLevel {
  readonly placed: Int32Array;
  readonly loads: Int32Array;
  readonly bounds: Float64Array;
  readonly #elections: readonly Placeable[];
  /** The elections on each node, in the order in which they came; null while nobody had to make room. */
  #seats: readonly Set<number>[] | null = null;

  constructor(elections: readonly Placeable[], nodeCount: number) {
    this.#elections = elections;
    this.placed = new Int32Array(elections.length).fill(NOBODY);
    this.loads = new Int32Array(nodeCount);
    this.bounds = new Float64Array(nodeCount);
    for (const { choices } of elections) {
      const part = 1 / choices.length;
      for (const node of choices) this.bounds[node] = (this.bounds[node] ?? 0) + part;
    }
    for (const [node, share] of this.bounds.entries()) this.bounds[node] = Math.floor(share + ROUNDING) + 1;
  }

  seat(index: number, node: number): void {
    const before = this.placed[index] ?? NOBODY;
    if (before !== NOBODY) {
      this.loads[before] = this.#loadOf(before) - 1;
      this.#seats?.[before]?.delete(index);
    }
    this.placed[index] = node;
    this.loads[node] = this.#loadOf(node) + 1;
    this.#seats?.[node]?.add(index);
  }

  hasRoom(node: number): boolean {
    return this.#loadOf(node) < (this.bounds[node] ?? 0);
  }

  idlest(choices: readonly number[]): number {
    return choices.reduce((best, node) => (this.#loadOf(node) < this.#loadOf(best) ? node : best));
  }

  /** Moves others along the shortest chain to a node with room, and seats the election in the place that falls vacant. */
  makeRoom(index: number, movable: "visitors" | "all"): boolean {
    this.#seats ??= this.#seatsByNode();
    const start = this.#elections[index]?.choices ?? [];
    /** For each node that was reached, the election that would move there; NOBODY for the choices of the one to be seated. */
    const movesTo = new Map<number, number>();
    for (const node of start) movesTo.set(node, NOBODY);
    // A Map is visited in the order of its entries, with those that are added meanwhile: a search in breadth.
    for (const node of movesTo.keys()) {
      for (const mover of this.#seats[node] ?? []) {
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

  #shift(index: number, free: number, movesTo: ReadonlyMap<number, number>): void {
    let vacant = free;
    for (let mover = movesTo.get(vacant) ?? NOBODY; mover !== NOBODY; mover = movesTo.get(vacant) ?? NOBODY) {
      const from = this.placed[mover] ?? vacant;
      this.seat(mover, vacant);
      vacant = from;
    }
    this.seat(index, vacant);
  }

  #mayMove(index: number, movable: "visitors" | "all"): boolean {
    const election = this.#elections[index];
    if (election === undefined || election.owner !== NOBODY) return false;
    return movable === "all" || election.home !== this.placed[index];
  }

  #seatsByNode(): readonly Set<number>[] {
    const seats = Array.from(this.loads, () => new Set<number>());
    for (const [index, node] of this.placed.entries()) seats[node]?.add(index);
    return seats;
  }

  #loadOf(node: number): number {
    return this.loads[node] ?? 0;
  }
}
