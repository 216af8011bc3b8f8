import { sha256 } from "@noble/hashes/sha2.js";
import { type NodeName, nodeNameToOctets } from "./node-name.ts";

/** The nodes in the order of the hash of their names: an order that all members agree on, and that one node's coming or going leaves as it is. */
export type Ring = readonly NodeName[];

/** A node and the hash that gives its place in the ring. */
export interface HashedNode {
  readonly node: NodeName;
  /** 32 octets. */
  readonly hash: Uint8Array;
}

/** A node with its hash. */
export function hashedNode(node: NodeName): HashedNode {
  return { node, hash: sha256(nodeNameToOctets(node)) };
}

/** The ring of these nodes, each of them once. */
export function createRing(nodes: Iterable<HashedNode>): Ring {
  const hashes = new Map([...nodes].map(({ node, hash }) => [node, hash]));
  return [...hashes].toSorted(([, a], [, b]) => compareOctets(a, b)).map(([node]) => node);
}

/** The watchers of a node: the next `count` nodes of the ring, or all others where there are fewer. None for a node that is not in the ring. */
export function watchersOf(ring: Ring, node: NodeName, count: number): readonly NodeName[] {
  return neighbours(ring, node, count, 1);
}

/** The nodes that a node watches: the `count` nodes before it in the ring, or all others where there are fewer. */
export function watchedBy(ring: Ring, node: NodeName, count: number): readonly NodeName[] {
  return neighbours(ring, node, count, -1);
}

function neighbours(ring: Ring, node: NodeName, count: number, direction: 1 | -1): readonly NodeName[] {
  const place = ring.indexOf(node);
  if (place < 0) return [];
  const length = Math.min(count, ring.length - 1);
  return Array.from({ length }, (_, at) => ring.at((place + direction * (at + 1)) % ring.length) as NodeName);
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length; at++) {
    const difference = (a[at] as number) - (b[at] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
