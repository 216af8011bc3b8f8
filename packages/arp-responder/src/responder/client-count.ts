import { type Instant, instant, type IpAddress } from "@herald-lb/sansio";
import { type Client, removeClient } from "./client-table.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ResponderState } from "./responder-state.ts";

/** Milliseconds between two reports of the number of clients: each becomes a write of every Service's status that it changes. */
export const CLIENT_REPORT_INTERVAL = 30_000;

/** Milliseconds from the first client of a burst to the report: thousands may come at once. */
const CLIENT_REPORT_DELAY = 1_000;

/** Counts one client of an address more or less that this node serves. */
export function countClient({ clients }: ResponderState, address: IpAddress, change: 1 | -1, now: Instant): void {
  const { served } = clients;
  const after = (served.get(address) ?? 0) + change;
  if (after > 0) served.set(address, after);
  else served.delete(address);
  clients.reportAt ??= instant(Math.max(now + CLIENT_REPORT_DELAY, clients.reportAgainAt));
}

/** Forgets all that is kept of a client; `own` is the name of this node. */
export function forgetClient(state: ResponderState, client: Client, own: string, now: Instant): void {
  const { table, untold, told, relaying } = state.clients;
  removeClient(table, client);
  if (client.server === own) countClient(state, client.address, -1, now);
  untold.delete(client);
  told.delete(client);
  relaying.delete(client);
}

/** Reports the numbers that differ from those reported last. */
export function reportClients({ clients }: ResponderState, now: Instant, effects: ResponderEffect[]): void {
  if (clients.reportAt === null || clients.reportAt > now) return;
  const { served, reported } = clients;
  const changed = new Map<IpAddress, number>();
  for (const [address, count] of served) if (reported.get(address) !== count) changed.set(address, count);
  for (const address of reported.keys()) if (!served.has(address)) changed.set(address, 0);
  for (const [address, count] of changed) {
    if (count > 0) reported.set(address, count);
    else reported.delete(address);
  }
  clients.reportAt = null;
  if (changed.size === 0) return;
  clients.reportAgainAt = instant(now + CLIENT_REPORT_INTERVAL);
  effects.push({ type: "ClientsCounted", counts: changed });
}
