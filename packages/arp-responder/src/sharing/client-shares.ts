import { hashOfText, mixed } from "../text-hash.ts";
import { BUCKETS, COLUMNS } from "./client-bucket.ts";

// Clients fall into buckets, and each bucket has a node. The buckets make rows of COLUMNS, and neighbouring columns are the clients with neighbouring
// addresses. In every row the nodes are kept level: no node has more than its part of the columns, rounded up. While all serve, that holds after each
// BLOCK of columns. So 64 clients with consecutive addresses are spread evenly, which a hash of each alone would not do.
//
// First every bucket gets a home among all candidates, live or not; then those whose home does not serve get another node. So a node that is lost moves
// what it serves, and nothing else, and one that returns has the same buckets as before. Both steps take of the nodes with room the one with the
// highest weight for the bucket, as rendezvous hashing does.

/** The columns after which the nodes of a row are level. */
const BLOCK = 16;
/** No node. */
const NONE = 0xffff;

/** The division of clients among the nodes that serve: a pure function of two sets, so nodes that know the same facts agree. */
export interface ClientShares {
  /** The nodes that serve, by name; clients are divided among them. */
  readonly nodes: readonly string[];
  /** For each bucket of clients the place of its node in `nodes`. */
  readonly byBucket: Uint16Array;
}

/** The division of clients among `serving`, which is not empty. `candidates` are all nodes that may serve, whether they live or not, in any order. */
export function createClientShares(candidates: Iterable<string>, serving: Iterable<string>): ClientShares {
  const nodes = [...new Set(serving)].toSorted();
  const everywhere = [...new Set(candidates)].toSorted();
  const places = new Map(nodes.map((node, place) => [node, place]));
  const none = new Uint16Array(BUCKETS).fill(NONE);
  const homes = placeLevel(everywhere, none);
  const kept = homes.map((home) => places.get(everywhere[home] ?? "") ?? NONE);
  return { nodes, byBucket: placeLevel(nodes, kept) };
}

/** The node that serves the clients of a bucket. */
export function serverOf({ nodes, byBucket }: ClientShares, bucket: number): string {
  return nodes[byBucket[bucket] ?? NONE] ?? "";
}

/** True where two divisions have the same node for every client. */
export function isSameShares(a: ClientShares, b: ClientShares): boolean {
  return a === b || (String(a.nodes) === String(b.nodes) && a.byBucket.every((place, at) => place === b.byBucket[at]));
}

/** Places every bucket on a node, by its place in the list; those that are on one in `seated` stay there. */
function placeLevel(nodes: readonly string[], seated: Uint16Array): Uint16Array {
  const placed = Uint16Array.from(seated);
  const seeds = Uint32Array.from(nodes, hashOfText);
  for (let row = 0; row < BUCKETS; row += COLUMNS) {
    const loads = new Uint32Array(nodes.length);
    for (const node of seated.subarray(row, row + COLUMNS)) count(loads, node);
    const isEmpty = loads.every((load) => load === 0);
    for (let bucket = row; bucket < row + COLUMNS; bucket++) {
      if (placed[bucket] !== NONE) continue;
      // Among seats that were taken before, only the row as a whole can be level.
      const columns = isEmpty ? Math.floor((bucket - row) / BLOCK + 1) * BLOCK : COLUMNS;
      const node = heaviest(seeds, bucket, loads, Math.ceil(columns / nodes.length));
      placed[bucket] = node;
      count(loads, node);
    }
  }
  return placed;
}

function count(loads: Uint32Array, node: number): void {
  if (node < loads.length) loads[node] = (loads[node] ?? 0) + 1;
}

/** The node with the highest weight for a bucket, of those with room; the first by name of two that weigh the same. */
function heaviest(seeds: Uint32Array, bucket: number, loads: Uint32Array, bound: number): number {
  const spice = Math.imul(bucket + 1, 0x9e3779b1);
  let best = NONE;
  let most = -1;
  for (let node = 0; node < seeds.length; node++) {
    if ((loads[node] ?? 0) >= bound) continue;
    const weight = mixed((seeds[node] ?? 0) ^ spice);
    if (weight <= most) continue;
    most = weight;
    best = node;
  }
  return best;
}
