import type { NodeName } from "./node-name.ts";

/** A message about one node that is being gossiped. */
export interface Broadcast {
  /** The node that the message is about: a newer message about the same node takes its place. */
  readonly node: NodeName;
  /** A whole message, its type first. */
  readonly octets: Uint8Array;
  /** The number of times it was sent. */
  readonly transmits: number;
  /** Counts up: a higher one was queued later. */
  readonly order: number;
}

/** The messages that fit into a packet, and the queue after they were sent. */
export interface BroadcastSelection {
  readonly messages: readonly Uint8Array[];
  readonly queue: readonly Broadcast[];
}

/** The queue with `broadcast` in the place of an older message about the same node. */
export function queueBroadcast(queue: readonly Broadcast[], broadcast: Broadcast): readonly Broadcast[] {
  return [...queue.filter((queued) => queued.node !== broadcast.node), broadcast];
}

/**
 * Takes what was sent least, then what is longest, then what is newest, while it fits into `available` octets at `overhead` each;
 * what was sent `limit` times leaves the queue.
 */
export function selectBroadcasts(
  queue: readonly Broadcast[],
  available: number,
  overhead: number,
  limit: number,
): BroadcastSelection {
  const ordered = queue.toSorted(
    (a, b) => a.transmits - b.transmits || b.octets.length - a.octets.length || b.order - a.order,
  );
  const messages: Uint8Array[] = [];
  const left: Broadcast[] = [];
  let room = available;
  for (const broadcast of ordered) {
    const size = broadcast.octets.length + overhead;
    if (size > room || messages.length === 255) {
      left.push(broadcast);
      continue;
    }
    room -= size;
    messages.push(broadcast.octets);
    if (broadcast.transmits + 1 < limit) left.push({ ...broadcast, transmits: broadcast.transmits + 1 });
  }
  return { messages, queue: messages.length === 0 ? queue : left };
}
