import type { IpFamily } from "@herald-lb/sansio";
import type { Book } from "./book.ts";
import type { AccountKey } from "./demand.ts";
import { Line } from "./line.ts";

/** What comes in units and is waited for: free addresses of a pool, or room that an account has (in all pools together for null). */
export type Good =
  | { readonly type: "Addresses"; readonly pool: string; readonly family: IpFamily }
  | { readonly type: "Room"; readonly account: AccountKey; readonly pool: string | null };

/** A line and what it is for. */
export interface Queue {
  readonly good: Good;
  readonly line: Line;
}

/** The lines of those who wait, by what they wait for. */
export class Queues {
  readonly #queues = new Map<string, Queue>();
  readonly #stirred = new Set<Queue>();

  /** Every line in which somebody waits. */
  get all(): Iterable<Queue> {
    return this.#queues.values();
  }

  /** Adds a waiter to the line for a good. */
  join(good: Good, ticket: number): Queue {
    const key = keyOf(good);
    const queue = this.#queues.get(key) ?? { good, line: new Line() };
    this.#queues.set(key, queue);
    queue.line.join(ticket);
    return queue;
  }

  /** Takes a waiter out of a line. */
  leave(queue: Queue, ticket: number): void {
    if (queue.line.leave(ticket)) this.#stirred.add(queue);
    if (!queue.line.isEmpty) return;
    this.#queues.delete(keyOf(queue.good));
    this.#stirred.delete(queue);
  }

  /** Tells that there is more of a good. */
  stir(good: Good): void {
    const queue = this.#queues.get(keyOf(good));
    if (queue !== undefined) this.stirQueue(queue);
  }

  /** Tells that there is more of what a line is for. */
  stirQueue(queue: Queue): void {
    queue.line.stir();
    this.#stirred.add(queue);
  }

  /** Wakes as many as there is something for. */
  wake(book: Book): readonly number[] {
    const woken = [...this.#stirred].flatMap(({ good, line }) => line.wake(unitsOf(good, book)));
    this.#stirred.clear();
    return woken;
  }
}

function keyOf(good: Good): string {
  return good.type === "Addresses" ? `${good.family} ${good.pool}` : JSON.stringify([good.account, good.pool]);
}

/** How many units of a good there are now. */
function unitsOf(good: Good, book: Book): number {
  if (good.type === "Addresses") return book.pools.stock(good.pool, good.family)?.available ?? 0;
  const { tally } = book.holdings;
  if (tally === null) return Number.POSITIVE_INFINITY;
  const limit = good.pool === null ? book.quotas.get(good.account) : book.pools.pool(good.pool)?.maxPerAccount;
  return (limit ?? Number.POSITIVE_INFINITY) - tally.of(good.account, good.pool);
}
