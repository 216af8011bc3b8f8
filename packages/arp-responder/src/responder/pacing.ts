import { type Instant, instant, type IpAddress, ipv4ToNumber, isIpv6 } from "@herald-lb/sansio";
import type { ActiveAnnouncement, Pacing, ResponderState } from "./responder-state.ts";

/**
 * The number of first announcements in one batch, over all interfaces: two ARP frames each. A batch is a quarter of the queue that Linux
 * gives an interface by default (1,000 frames), and takes 0.2 ms of a link of 1 Gbit/s.
 */
export const ANNOUNCE_BATCH = 128;

/** Milliseconds between two batches: 1,000 addresses on one interface take 56. */
export const ANNOUNCE_BATCH_INTERVAL = 8;

/** The number of addresses whose last request is remembered. */
const REQUESTS_MAX = 4_096;

/** True where a first announcement may go out now; it then counts for the present batch. Otherwise it waits for its turn, or for the end of the silence. */
export function mayAnnounceNow({ pacing, silent }: ResponderState, now: Instant): boolean {
  if (silent || pacing.waiting.size > 0) return false;
  if (now >= pacing.batchEndsAt) beginBatch(pacing, now);
  if (pacing.left === 0) return false;
  pacing.left--;
  return true;
}

/** The announcements that go out in the batch that begins now; none while the last batch has not ended. Those asked for last come first. */
export function takeBatch({ pacing }: ResponderState, now: Instant): readonly ActiveAnnouncement[] {
  const { waiting } = pacing;
  if (waiting.size === 0 || now < pacing.batchEndsAt) return [];
  beginBatch(pacing, now);
  const batch = waiting.size <= ANNOUNCE_BATCH ? [...waiting] : firstOf(pacing);
  for (const active of batch) waiting.delete(active);
  pacing.left -= batch.length;
  return batch;
}

/** When the next batch may begin; null while nothing waits. */
export function batchDeadline({ pacing }: ResponderState): Instant | null {
  return pacing.waiting.size === 0 ? null : pacing.batchEndsAt;
}

/** Remembers that a client asked for an address that another node announces: if this node takes over, that client waits. */
export function noteRequest({ pacing: { requests } }: ResponderState, key: number | string, now: Instant): void {
  // The order of insertion is the order of the last requests.
  requests.delete(key);
  requests.set(key, now);
  if (requests.size <= REQUESTS_MAX) return;
  for (const oldest of requests.keys()) {
    requests.delete(oldest);
    return;
  }
}

/** The key under which requests for an address are remembered: an IPv4 address is its 32 bits, as the fast path has it. */
export function requestKey(address: IpAddress): number | string {
  return isIpv6(address) ? address : ipv4ToNumber(address);
}

/** One batch of the announcements that wait. Thousands may wait, and few of them were asked for. */
function firstOf({ waiting, requests }: Pacing): readonly ActiveAnnouncement[] {
  const batch = new Set(askedFor(waiting, requests));
  for (const active of waiting) {
    if (batch.size >= ANNOUNCE_BATCH) break;
    batch.add(active);
  }
  return [...batch].slice(0, ANNOUNCE_BATCH);
}

/** The announcements that were asked for, the last request first. */
function askedFor(waiting: Pacing["waiting"], requests: Pacing["requests"]): readonly ActiveAnnouncement[] {
  if (requests.size === 0) return [];
  const asked = [...waiting].flatMap((active) => {
    const at = requests.get(requestKey(active.address));
    return at === undefined ? [] : [{ active, at }];
  });
  return asked.toSorted((a, b) => b.at - a.at).map(({ active }) => active);
}

function beginBatch(pacing: ResponderState["pacing"], now: Instant): void {
  pacing.batchEndsAt = instant(now + ANNOUNCE_BATCH_INTERVAL);
  pacing.left = ANNOUNCE_BATCH;
}
