export { announcementFrames } from "./responder/announcing.ts";
export { type ArpDecodeError, type ArpPacket, decodeArp, encodeArp, Operation } from "./arp/packet.ts";
export {
  ANNOUNCE_INTERVAL,
  ANNOUNCE_NUM,
  DEFEND_DELAY,
  DEFEND_INTERVAL,
  MAX_NEIGHBOR_ADVERTISEMENT,
  YIELD_TIME,
} from "./constants.ts";
export type {
  AnnouncementCandidate,
  AnnouncementRequest,
  LoadSharingRequest,
} from "./takeover/announcement-request.ts";
export { type ClientShares, createClientShares, serverOf } from "./sharing/client-shares.ts";
export { bucketOfIpv4, bucketOfIpv6, saltOf } from "./sharing/client-bucket.ts";
export type { LoadSharing } from "./sharing/load-sharing.ts";
export { type Candidate, electAnnouncer, type RankedCandidate } from "./takeover/election.ts";
export {
  type CandidateExplanation,
  type CandidateVerdict,
  type ElectionExplanation,
  explainElections,
} from "./takeover/explain-elections.ts";
export { type ElectionFacts, factsOf } from "./takeover/onlooker.ts";
export {
  announcersOf,
  type LossSimulation,
  type SimulatedLoad,
  type SimulatedRedivision,
  simulateLoss,
  type SimulatedTakeover,
} from "./takeover/simulate-loss.ts";
export { createTakeover } from "./takeover/takeover.ts";
export { defaultTakeoverTimes, type TakeoverConfig, type TakeoverTimes } from "./takeover/takeover-config.ts";
export { decodeNodeReport, encodeNodeReport } from "./takeover/node-report-codec.ts";
export { type LostLinks, noLostLinks, type NodeReport } from "./takeover/node-report.ts";
export type { TakeoverEffect } from "./takeover/takeover-effect.ts";
export type { TakeoverEvent } from "./takeover/takeover-event.ts";
export type { TakeoverCause, TakeoverReason } from "./takeover/takeover-reason.ts";
export { createTakeoverState, type TakeoverState } from "./takeover/takeover-state.ts";
export {
  decodeEthernet,
  type EthernetDecodeError,
  type EthernetFrame,
  EtherType,
  encodeEthernet,
} from "./ethernet.ts";
export type { Interface, InterfaceIndex } from "./interface.ts";
export type { InterfaceMatch, InterfaceSelection, InterfaceSubnets } from "./interface-selection.ts";
export { decodeIpv6, encodeIpv6, type Ipv6DecodeError, type Ipv6Header } from "./ndp/ipv6-header.ts";
export { decodeNdp, encodeNdp, type NdpDecodeError, type NdpMessage } from "./ndp/message.ts";
export type { NdpOption } from "./ndp/option.ts";
export { solicitedNodeMulticast } from "./ndp/solicited-node.ts";
export { responder } from "./responder/responder.ts";
export { type ArpAnnouncementForm, type Cadence, mergeCadences } from "./responder/cadence.ts";
export { arpProbeFrame } from "./responder/probe-frame.ts";
export { duplicateAddressDetectionFrame } from "./ndp/solicitation.ts";
export type { AnnouncementCause, IgnoreReason, ResponderEffect } from "./responder/responder-effect.ts";
export type { ResponderEvent } from "./responder/responder-event.ts";
export { createResponderState, type ResponderState } from "./responder/responder-state.ts";
