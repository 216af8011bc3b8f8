import type { IpAddress, Ipv4Address } from "@herald-lb/sansio";
import type { PeerConfig } from "../peer-config.ts";
import type { Bench } from "./bench.test.support.ts";
import type { RejectionReason, SpeakerEffect } from "./effect.ts";
import type { SpeakerEvent } from "./event.ts";

/** The router of `createBench`, which opens the connection. */
export const ROUTER: PeerConfig = {
  name: "router",
  address: "192.0.2.1" as IpAddress,
  peerAs: 65001,
  families: ["IPv4", "IPv6"],
};
/** Our end of every connection. */
export const LOCAL: Ipv4Address = "192.0.2.10" as Ipv4Address;
/** The listener of IPv4 peers on port 179. */
export const LISTENER = "IPv4 179 ";

/** A connection from an address. */
export function accepted(
  connection: number,
  from = "192.0.2.1",
  more: Partial<Extract<SpeakerEvent, { type: "TcpAccepted" }>> = {},
): SpeakerEvent {
  return {
    type: "TcpAccepted",
    listener: LISTENER,
    connection,
    address: from as IpAddress,
    port: 40_000,
    interface: null,
    local: LOCAL,
    ...more,
  };
}

/** The bench's speaker with these peers in place of the one that it begins with. */
export function configure(bench: Bench, ...peers: readonly PeerConfig[]): readonly SpeakerEffect[] {
  return bench.dispatch({ type: "PeersConfigured", peers });
}

/** Octets that arrive on a connection. */
export function receive(
  bench: Bench,
  connection: number,
  octets: Uint8Array,
  peer = "router",
): readonly SpeakerEffect[] {
  return bench.dispatch({ type: "OctetsReceived", peer, connection, octets });
}

/** Effects on connections as words: `accept -1`, `send 1 OPEN`, `send 1 6/7`, `close 1`, `reject -1 Idle`, `connect 2`. */
export function words(effects: readonly SpeakerEffect[]): readonly string[] {
  return effects.flatMap((effect) => {
    switch (effect.type) {
      case "AcceptTcp":
        return [`accept ${effect.connection}`];
      case "RejectTcp":
        return [`reject ${effect.connection} ${effect.reason}`];
      case "ConnectTcp":
        return [`connect ${effect.connection}`];
      case "CloseTcp":
        return [`close ${effect.connection}`];
      case "SendOctets":
        return [`send ${effect.connection} ${messageOf(effect.octets)}`];
      default:
        return [];
    }
  });
}

/** The reason why a connection was refused; null where it was taken. */
export function rejection(effects: readonly SpeakerEffect[]): RejectionReason | null {
  return effects.find((effect) => effect.type === "RejectTcp")?.reason ?? null;
}

function messageOf(octets: Uint8Array): string {
  const [type, code, subcode] = [octets[18], octets[19], octets[20]];
  if (type === 3) return `${code}/${subcode}`;
  return ["", "OPEN", "UPDATE", "", "KEEPALIVE", "ROUTE-REFRESH"][type ?? 0] ?? "";
}
