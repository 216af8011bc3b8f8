import {
  familyOf,
  type Instant,
  instant,
  type IpAddress,
  type IpFamily,
  prefixAddress,
  prefixFamily,
  prefixLength,
} from "@herald-lb/sansio";
import { BGP_PORT, type PeerConfig } from "../peer-config.ts";
import type { ListenerKey } from "./effect.ts";
import type { Listener } from "./listener.ts";
import type { PeerError } from "./snapshot.ts";
import type { SpeakerState } from "./state.ts";
import { recordError, type Transaction, updatePeer } from "./transaction.ts";

/** The pause before a listener that failed is asked for again, in milliseconds. */
const LISTEN_RETRY_TIME = 10_000;

/** The listener whose connections are for a peer; null for a peer that connections are only opened to. */
export function listenerOf(config: PeerConfig): string | null {
  if (!isListening(config)) return null;
  return `${familyOfPeer(config)} ${config.listenPort ?? BGP_PORT} ${config.vrf ?? ""}`;
}

/** Asks for the listeners of all peers that may connect, and ends those that nobody needs. */
export function updateListeners(transaction: Transaction): void {
  const { listeners, stopping } = transaction.state;
  const wanted = stopping === null ? wantedListeners(configsOf(transaction)) : new Map<string, Listener["wanted"]>();
  for (const listener of listeners.keys()) {
    if (wanted.has(listener)) continue;
    listeners.delete(listener);
    transaction.effects.push({ type: "StopListening", listener });
  }
  for (const [listener, options] of wanted) {
    const known = listeners.get(listener);
    if (known !== undefined && JSON.stringify(known.wanted) === JSON.stringify(options)) continue;
    listeners.set(listener, { wanted: options, retryTimer: null });
    transaction.effects.push(options);
  }
}

/** Takes note that a listener is there, or of what the kernel refused. */
export function noteListener(transaction: Transaction, listener: string, reason: string | null): void {
  const { listeners, peers, ranges } = transaction.state;
  const known = listeners.get(listener);
  if (known === undefined) return;
  const retryTimer = reason === null ? null : instant(transaction.now + LISTEN_RETRY_TIME);
  listeners.set(listener, { ...known, retryTimer });
  for (const [name, { config, lastError }] of peers) {
    if (listenerOf(config) !== listener) continue;
    if (reason !== null) recordError(transaction, name, { code: "ListenFails", reason });
    else if (lastError?.code === "ListenFails") updatePeer(transaction, name, { lastError: null });
  }
  for (const [name, { config }] of ranges) {
    if (listenerOf(config) !== listener) continue;
    const lastError: PeerError | null =
      reason === null ? null : { code: "ListenFails", reason, at: transaction.now, state: "Active" };
    ranges.set(name, { config, lastError });
  }
}

/** Asks again for the listeners whose pause is over. */
export function retryListeners({ state: { listeners }, now, effects }: Transaction): void {
  for (const [listener, { wanted, retryTimer }] of listeners) {
    if (retryTimer === null || retryTimer > now) continue;
    listeners.set(listener, { wanted, retryTimer: null });
    effects.push(wanted);
  }
}

/** When the next listener is asked for again; null where none failed. */
export function listenRetry({ listeners }: SpeakerState): Instant | null {
  let next: Instant | null = null;
  for (const { retryTimer } of listeners.values())
    if (retryTimer !== null && (next === null || retryTimer < next)) next = retryTimer;
  return next;
}

function isListening({ connectionMode = "active", prefix }: PeerConfig): boolean {
  return prefix !== undefined || connectionMode !== "active";
}

function familyOfPeer({ address, prefix }: PeerConfig): IpFamily {
  if (prefix !== undefined) return prefixFamily(prefix);
  return address === undefined ? "IPv6" : familyOf(address);
}

function configsOf({ state: { peers, ranges } }: Transaction): readonly PeerConfig[] {
  const configured = [...peers.values()].filter(({ range }) => range === null).map(({ config }) => config);
  return [...configured, ...[...ranges.values()].map(({ config }) => config)];
}

function wantedListeners(configs: readonly PeerConfig[]): Map<string, Listener["wanted"]> {
  const served = Map.groupBy(configs.filter(isListening), (config) => listenerOf(config) ?? "");
  return new Map(
    [...served].map(([listener, peers]) => [
      listener,
      {
        type: "ListenTcp",
        listener,
        address: localAddressOf(peers),
        port: peers[0]?.listenPort ?? BGP_PORT,
        vrf: peers[0]?.vrf ?? null,
        keys: peers.flatMap(keyOf),
      },
    ]),
  );
}

/** The one source address of all peers of a listener, or every address. */
function localAddressOf(peers: readonly PeerConfig[]): IpAddress {
  const [first] = peers;
  const all = first !== undefined && familyOfPeer(first) === "IPv6" ? "::" : "0.0.0.0";
  const isCommon = peers.every(({ sourceAddress }) => sourceAddress === first?.sourceAddress);
  return (isCommon ? first?.sourceAddress : undefined) ?? (all as IpAddress);
}

function keyOf({ address, prefix, password }: PeerConfig): readonly ListenerKey[] {
  if (password === undefined) return [];
  if (address !== undefined) return [{ address, prefixLength: null, password }];
  if (prefix !== undefined) return [{ address: prefixAddress(prefix), prefixLength: prefixLength(prefix), password }];
  // The address of an unnumbered peer is known when it connects; until then any link-local one may be it.
  return [{ address: "fe80::" as IpAddress, prefixLength: 10, password }];
}
