import { familyOf, type IpFamily } from "@herald-lb/sansio";
import type { Capability } from "../capability.ts";
import { type Family, includesFamily, IPV4_UNICAST, IPV6_UNICAST } from "../family.ts";
import type { FsmConfig } from "../fsm/config.ts";
import { AS_TRANS } from "../iana.ts";
import type { OpenMessage } from "../message/open.ts";
import type { PeerConfig } from "../peer-config.ts";
import { roleValues } from "../role.ts";
import type { SpeakerConfig } from "./config.ts";

const ALL_FAMILIES: readonly IpFamily[] = ["IPv4", "IPv6"];
const DEFAULT_HOLD_TIME = 90;
const DEFAULT_CONNECT_TIME = 10;

/** Send/Receive of RFC 7911 §4. */
const ADD_PATH: { readonly [Mode in NonNullable<PeerConfig["addPath"]>]: number } = {
  Receive: 1,
  Send: 2,
  SendReceive: 3,
};

/** Our AS towards a peer. */
export function localAsOf(speaker: SpeakerConfig, peer: PeerConfig): number {
  return peer.localAs ?? speaker.localAs;
}

/** The configuration of the session with a peer; `first` before it was ever Established. */
export function fsmConfigOf(speaker: SpeakerConfig, peer: PeerConfig, first: boolean): FsmConfig {
  return {
    open: ownOpen(speaker, peer, first),
    localAs: localAsOf(speaker, peer),
    peerAs: peer.peerAs,
    keepaliveTime: peer.keepaliveTime ?? null,
    connectRetryTime: (peer.connectTime ?? DEFAULT_CONNECT_TIME) * 1000,
    passive: peer.connectionMode === "passive",
    delayOpenTime: (peer.delayOpenTime ?? 0) * 1000,
    role: peer.role ?? null,
  };
}

/** The OPEN for a peer. */
function ownOpen(speaker: SpeakerConfig, peer: PeerConfig, first: boolean): OpenMessage {
  const localAs = localAsOf(speaker, peer);
  return {
    type: "OPEN",
    version: 4,
    autonomousSystem: localAs > 0xffff ? AS_TRANS : localAs,
    holdTime: peer.holdTime ?? DEFAULT_HOLD_TIME,
    bgpIdentifier: peer.bgpIdentifier ?? speaker.bgpIdentifier,
    optionalParameters: [{ type: "Capabilities", capabilities: ownCapabilities(localAs, peer, first) }],
  };
}

function ownCapabilities(localAs: number, peer: PeerConfig, first: boolean): readonly Capability[] {
  const { address } = peer;
  const families = (peer.families ?? (address === undefined ? ALL_FAMILIES : [familyOf(address)])).map(
    (family): Family => (family === "IPv4" ? IPV4_UNICAST : IPV6_UNICAST),
  );
  const capabilities: Capability[] = families.map((family) => ({ type: "Multiprotocol", family }));
  capabilities.push({ type: "RouteRefresh" });
  if ((address === undefined || familyOf(address) === "IPv6") && includesFamily(families, IPV4_UNICAST)) {
    const encodings = [{ family: IPV4_UNICAST, nextHopAfi: IPV6_UNICAST.afi }];
    capabilities.push({ type: "ExtendedNextHop", encodings });
  }
  if (peer.gracefulRestart !== undefined) {
    capabilities.push({
      type: "GracefulRestart",
      // RFC 4724 §4.1: the node goes on forwarding while this process is away, so its first session is a restart.
      restartState: first,
      notification: true,
      restartTime: peer.gracefulRestart.restartTime,
      families: families.map((family) => ({ family, forwardingState: true })),
    });
    const { staleTime } = peer.gracefulRestart;
    if (staleTime !== undefined) {
      const stale = families.map((family) => ({ family, forwardingState: true, staleTime }));
      capabilities.push({ type: "LongLivedGracefulRestart", families: stale });
    }
  }
  capabilities.push(
    { type: "FourOctetAs", autonomousSystem: localAs },
    { type: "EnhancedRouteRefresh" },
    { type: "ExtendedMessage" },
  );
  // RFC 9234 §4: a role is for external peers alone.
  if (peer.role !== undefined && peer.peerAs !== "internal" && peer.peerAs !== localAs) {
    capabilities.push({ type: "Role", role: roleValues[peer.role.local] });
  }
  if (peer.addPath !== undefined) {
    const sendReceive = ADD_PATH[peer.addPath];
    capabilities.push({ type: "AddPath", families: families.map((family) => ({ family, sendReceive })) });
  }
  return capabilities;
}
