import type { SpeakerEvent } from "./event.ts";
import { feed } from "./feed.ts";
import { recordError, type Transaction, updatePeer } from "./transaction.ts";

/** Asks for the routers on the interfaces of unnumbered peers, when the set has changed. */
export function findRouters({ state, effects }: Transaction): void {
  const interfaces = new Set<string>();
  for (const { config } of state.peers.values())
    if (config.address === undefined && config.interface !== undefined) interfaces.add(config.interface);
  const wanted = [...interfaces].toSorted();
  if (String(wanted) === String(state.searched)) return;
  state.searched = wanted;
  for (const name of state.routers.keys()) if (!interfaces.has(name)) state.routers.delete(name);
  effects.push({ type: "FindRouters", interfaces: wanted });
}

/**
 * Takes the address of the router on an interface. A session that stands, or is being opened, is left alone: TCP and the HoldTimer find out
 * whether its router is gone. One that waits for a router begins at once.
 */
export function changeRouter(transaction: Transaction, event: Extract<SpeakerEvent, { type: "RouterChanged" }>): void {
  const { routers, searched, peers } = transaction.state;
  const { interface: name, address, problem } = event;
  if (!searched.includes(name)) return;
  const before = routers.get(name)?.address ?? null;
  routers.set(name, { address, problem });
  for (const [peer, { config, fsm, connection, lastError }] of peers) {
    if (config.address !== undefined || config.interface !== name || fsm.name !== "Connect") continue;
    if (address === null) {
      if (connection === null) recordError(transaction, peer, { code: "RouterNotFound", problem });
    } else if (connection === null || address !== before) {
      if (lastError?.code === "RouterNotFound") updatePeer(transaction, peer, { lastError: null });
      feed(transaction, peer, { type: "ConnectRetryTimer_Expires" });
    }
  }
}
