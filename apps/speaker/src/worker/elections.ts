import { electAnnouncer, type InterfaceSelection, type RankedCandidate } from "@herald-lb/arp-responder";
import type { IpAddress } from "@herald-lb/sansio";

/** What a Service wants on the segment, and who may do it: all that an election needs. */
export interface Wish {
  readonly key: string;
  readonly addresses: readonly IpAddress[];
  /** What the nodes are ranked by. */
  readonly electionAddress: IpAddress;
  readonly candidates: readonly {
    readonly node: string;
    readonly score: number;
    readonly interfaces: InterfaceSelection;
  }[];
}

/** What an election decided for this node. */
export type Verdict =
  | {
      readonly type: "Won";
      readonly key: string;
      readonly addresses: readonly IpAddress[];
      readonly interfaces: InterfaceSelection;
    }
  /** `to` is the node that announces instead; null when no candidate lives. */
  | { readonly type: "Lost"; readonly key: string; readonly to: string | null };

interface Contest {
  readonly wish: Wish;
  readonly order: readonly RankedCandidate[];
  /** Who won last, so that only changes are told; undefined before the first verdict. */
  winner: string | null | undefined;
}

/**
 * Decides for every Service whether this node announces it: the first in the order of candidates whose speaker lives. Nothing is decided
 * before it is known who lives, so that a speaker which just started does not take what others serve.
 */
export class Elections {
  readonly #self: string;
  readonly #contests = new Map<string, Contest>();
  #live: ReadonlySet<string> | null = null;

  constructor(self: string) {
    this.#self = self;
  }

  /** Takes a Service's wish, new or changed. */
  desire(wish: Wish): readonly Verdict[] {
    const order = electAnnouncer(wish.candidates, wish.electionAddress);
    this.#contests.set(wish.key, { wish, order, winner: undefined });
    return this.#decide([wish.key]);
  }

  /** Forgets a Service; a verdict only where this node announced it. */
  forget(key: string): readonly Verdict[] {
    const contest = this.#contests.get(key);
    this.#contests.delete(key);
    return contest?.winner === this.#self ? [{ type: "Lost", key, to: null }] : [];
  }

  /** Takes the names of the nodes whose speaker lives. */
  setLive(live: ReadonlySet<string>): readonly Verdict[] {
    this.#live = live;
    return this.#decide(this.#contests.keys());
  }

  /** The Services that this node announces and that a node could have claimed while it was apart: their neighbours' caches may be wrong. */
  contestedBy(nodes: ReadonlySet<string>): readonly Verdict[] {
    const verdicts: Verdict[] = [];
    for (const { wish, winner } of this.#contests.values()) {
      if (winner === this.#self && wish.candidates.some(({ node }) => nodes.has(node)))
        verdicts.push(this.#verdict(wish, winner));
    }
    return verdicts;
  }

  #decide(keys: Iterable<string>): readonly Verdict[] {
    const live = this.#live;
    if (live === null) return [];
    const verdicts: Verdict[] = [];
    for (const key of keys) {
      const contest = this.#contests.get(key);
      if (contest === undefined) continue;
      const winner = contest.order.find(({ node }) => live.has(node))?.node ?? null;
      if (winner === contest.winner) continue;
      contest.winner = winner;
      verdicts.push(this.#verdict(contest.wish, winner));
    }
    return verdicts;
  }

  #verdict(wish: Wish, winner: string | null): Verdict {
    const { key, addresses, candidates } = wish;
    const own = candidates.find(({ node }) => node === this.#self);
    if (winner !== this.#self || own === undefined) return { type: "Lost", key, to: winner };
    return { type: "Won", key, addresses, interfaces: own.interfaces };
  }
}
