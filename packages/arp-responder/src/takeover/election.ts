import type { IpAddress } from "@herald-lb/sansio";
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/** A live node that may announce. */
export interface Candidate {
  readonly node: string;
  /** The sum of the weights of the preferences that the node meets; the higher score wins. 0 without preferences. */
  readonly score: number;
}

/** A candidate's place in the order, and why it stands there. */
export interface RankedCandidate extends Candidate {
  /** `Elected` for the first; the others lost to it by score, or at an equal score by the order of their hashes. */
  readonly reason: "Elected" | "LowerScore" | "LaterHash";
}

/**
 * Orders the candidates for a Service's first address; the first one announces, the next ones succeed it. Score descending, then
 * sha-256(node "#" address) ascending as octets: MetalLB's order, so every node that knows the same candidates agrees.
 */
export function electAnnouncer(candidates: readonly Candidate[], address: IpAddress): readonly RankedCandidate[] {
  const ranked = candidates.map(({ node, score }) => ({
    node,
    score,
    hash: sha256(utf8ToBytes(`${node}#${address}`)),
  }));
  ranked.sort((a, b) => b.score - a.score || compareOctets(a.hash, b.hash));
  const best = ranked[0]?.score;
  return ranked.map(({ node, score }, place) => ({
    node,
    score,
    reason: place === 0 ? "Elected" : score === best ? "LaterHash" : "LowerScore",
  }));
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
