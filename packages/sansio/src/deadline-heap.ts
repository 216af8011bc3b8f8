import type { Instant } from "./machine.ts";

/** Keys with the instant each is due at, the earliest found at once. Changed in place. */
export interface DeadlineHeap<Key> {
  /** When each key is due; entries of `heap` that say otherwise are out of date. */
  readonly due: Map<Key, Instant>;
  readonly heap: { readonly key: Key; readonly at: Instant }[];
}

/** An empty heap. */
export function createDeadlineHeap<Key>(): DeadlineHeap<Key> {
  return { due: new Map(), heap: [] };
}

/** Sets when a key is due; a key that is due sooner stays so. */
export function addDeadline<Key>(self: DeadlineHeap<Key>, key: Key, at: Instant): void {
  const before = self.due.get(key);
  if (before !== undefined && before <= at) return;
  self.due.set(key, at);
  const { heap } = self;
  heap.push({ key, at });
  for (let child = heap.length - 1; child > 0; ) {
    const parent = (child - 1) >> 1;
    if (!swapIfEarlier(self, child, parent)) break;
    child = parent;
  }
}

/** Takes a key out before it is due. */
export function removeDeadline<Key>(self: DeadlineHeap<Key>, key: Key): void {
  if (self.due.delete(key)) dropOutdated(self);
}

/** When the next key is due; null for none. */
export function earliestDeadline<Key>(self: DeadlineHeap<Key>): Instant | null {
  return self.heap[0]?.at ?? null;
}

/** Takes out the keys due at `now`, the earliest first. */
export function takeDue<Key>(self: DeadlineHeap<Key>, now: Instant): readonly Key[] {
  const keys: Key[] = [];
  for (let first = self.heap[0]; first !== undefined && first.at <= now; first = self.heap[0]) {
    self.due.delete(first.key);
    keys.push(first.key);
    pop(self);
    dropOutdated(self);
  }
  return keys;
}

/** Forgets every key. */
export function clearDeadlines<Key>(self: DeadlineHeap<Key>): void {
  self.due.clear();
  self.heap.length = 0;
}

/** Keeps the first entry of the heap a true one, so that `earliestDeadline` need not search. */
function dropOutdated<Key>(self: DeadlineHeap<Key>): void {
  for (let first = self.heap[0]; first !== undefined && self.due.get(first.key) !== first.at; first = self.heap[0])
    pop(self);
}

function pop<Key>(self: DeadlineHeap<Key>): void {
  const { heap } = self;
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  for (let parent = 0; ; ) {
    const left = 2 * parent + 1;
    const right = left + 1;
    const child = right < heap.length && isEarlier(self, right, left) ? right : left;
    if (child >= heap.length || !swapIfEarlier(self, child, parent)) return;
    parent = child;
  }
}

function isEarlier<Key>({ heap }: DeadlineHeap<Key>, a: number, b: number): boolean {
  return (heap[a]?.at ?? Infinity) < (heap[b]?.at ?? Infinity);
}

function swapIfEarlier<Key>(self: DeadlineHeap<Key>, a: number, b: number): boolean {
  const [first, second] = [self.heap[a], self.heap[b]];
  if (first === undefined || second === undefined || !isEarlier(self, a, b)) return false;
  self.heap[a] = second;
  self.heap[b] = first;
  return true;
}
