export { type Aigp, aigpMetric, type AigpTlv } from "./attribute/aigp.ts";
export type { Aggregator } from "./attribute/aggregator.ts";
export type { As4Aggregator } from "./attribute/as4-aggregator.ts";
export type { As4Path } from "./attribute/as4-path.ts";
export type { AsPath, PathSegment } from "./attribute/as-path.ts";
export type { AtomicAggregate } from "./attribute/atomic-aggregate.ts";
export type { AttributeBase, AttributeCodec, UpdateOutcome } from "./attribute/attribute-codec.ts";
export type { ClusterList } from "./attribute/cluster-list.ts";
export type { Communities } from "./attribute/communities.ts";
export type { ExtendedCommunities } from "./attribute/extended-communities.ts";
export {
  type ExtendedCommunity,
  extendedCommunityOf,
  extendedCommunityText,
  extendedCommunityValue,
} from "./attribute/extended-community.ts";
export type { Ipv6ExtendedCommunities, Ipv6ExtendedCommunity } from "./attribute/ipv6-extended-communities.ts";
export type { LargeCommunities, LargeCommunity } from "./attribute/large-communities.ts";
export type { LocalPref } from "./attribute/local-pref.ts";
export type { MpReachNlri, MpReachOpaque } from "./attribute/mp-reach-nlri.ts";
export type { MpUnreachNlri, MpUnreachOpaque } from "./attribute/mp-unreach-nlri.ts";
export type { MultiExitDisc } from "./attribute/multi-exit-disc.ts";
export type { NextHop } from "./attribute/next-hop.ts";
export type { OnlyToCustomer } from "./attribute/only-to-customer.ts";
export type { Origin } from "./attribute/origin.ts";
export type { OriginatorId } from "./attribute/originator-id.ts";
export { attributeCodecs, type AttributeOf, type KnownAttribute, type PathAttribute } from "./attribute/table.ts";
export type { UnknownAttribute } from "./attribute/unknown-attribute.ts";
export {
  type AddPathFamily,
  type Capability,
  findCapability,
  type GracefulRestart,
  type LongLivedFamily,
  multiprotocolFamilies,
  type NextHopEncoding,
} from "./capability.ts";
export { type CodecContext, INITIAL_CONTEXT } from "./codec-context.ts";
export {
  createRouterDiscovery,
  createRouterDiscoveryState,
  type RouterDiscoveryEffect,
  type RouterDiscoveryEvent,
  type RouterDiscoveryState,
} from "./discovery/router-discovery.ts";
export {
  decodeRouterAdvertisement,
  encodeRouterAdvertisement,
  encodeRouterSolicitation,
  type RouterAdvertisement,
  type RouterAdvertisementError,
} from "./discovery/router-message.ts";
export { type Family, includesFamily, IPV4_UNICAST, IPV6_UNICAST, sameFamily } from "./family.ts";
export { splitFrames, type SplitFrames } from "./framing.ts";
export {
  AS_TRANS,
  CapabilityCode,
  CeaseSubcode,
  ErrorCode,
  FsmSubcode,
  MessageType,
  OpenSubcode,
  WellKnownCommunity,
} from "./iana.ts";
export type { BfdOptions } from "./bfd-options.ts";
export type { UpdateIssue } from "./attribute/update-issue.ts";
export type { MessageErrorCode } from "./error-code.ts";
export type { SessionReset } from "./session-reset.ts";
export {
  type BgpMessage,
  decodeMessage,
  type MessageError,
  encodedAttributesLength,
  encodeMessage,
} from "./message/index.ts";
export { keepalive, type KeepaliveMessage } from "./message/keepalive.ts";
export type { NotificationMessage } from "./notification-message.ts";
export {
  autonomousSystemOf,
  capabilitiesOf,
  type OpenMessage,
  type OpenReset,
  type OptionalParameter,
} from "./message/open.ts";
export type { RouteRefreshMessage } from "./message/route-refresh.ts";
export {
  endOfRib,
  endOfRibFamily,
  isEndOfRib,
  treatAsWithdraw,
  type UpdateMessage,
  type UpdateRepair,
} from "./message/update.ts";
export { encodedNlriLength, familyOfPrefix, type Nlri } from "./nlri.ts";
export { type BmpMessage, type BmpPeerUp, decodeBmpMessage, encodeBmpMessage } from "./bmp/bmp-message.ts";
export { splitBmpFrames, type SplitBmpFrames } from "./bmp/split-frames.ts";
export {
  InformationType,
  type InformationTlv,
  informationText,
  TerminationReason,
  terminationReason,
  TerminationType,
} from "./bmp/information-tlv.ts";
export type { PeerDownReason } from "./bmp/peer-down.ts";
export type { BmpPeer } from "./bmp/per-peer-header.ts";
export { type Statistic, StatisticType } from "./bmp/statistics.ts";
export type { Bgp4mpMessage, Bgp4mpSession, Bgp4mpStateChange } from "./mrt/bgp4mp.ts";
export {
  decodeMrtRecord,
  type MrtContent,
  type MrtRecord,
  type SplitMrtRecords,
  splitMrtRecords,
} from "./mrt/mrt-record.ts";
export { ribEntryAttributes, type RibEntryAttributes } from "./mrt/rib-entry-attributes.ts";
export type { IndexedPeer, PeerIndexTable, RibEntry, RibRecord } from "./mrt/table-dump-v2.ts";
export type { RecordError } from "./record-error.ts";
export type { FsmEventType } from "./fsm/event.ts";
export type { FsmStateName } from "./fsm/state.ts";
export { BGP_PORT, needsNewSession, type PeerConfig } from "./peer-config.ts";
export { type Role, type RoleConfig, roleOfPeer, roleValues } from "./role.ts";
export type { LocalAddresses } from "./rib/local-addresses.ts";
export type { JournalEntry } from "./rib/journal.ts";
export type { OutboundRoute } from "./rib/outbound-route.ts";
export type { DesiredRoute, NotAnnouncedReason } from "./rib/route.ts";
export type { SpeakerConfig } from "./speaker/config.ts";
export type { BfdFacts, BfdSessionState, BfdSnapshot } from "./speaker/bfd-snapshot.ts";
export type { ListenerKey, NotificationFacts, RejectionReason, SpeakerEffect } from "./speaker/effect.ts";
export type { ConnectionId, ListenerId, SpeakerEvent } from "./speaker/event.ts";
export { journalOf } from "./speaker/journal-of.ts";
export { type MonitoredSession, monitoredSession, type TableSlice, tableSlice } from "./speaker/monitored.ts";
export { announcedTo, peersOf } from "./speaker/peers-of.ts";
export type { MessageCounts, PeerError, PeerErrorCause, PeerSnapshot } from "./speaker/snapshot.ts";
export { createSpeaker, createSpeakerState } from "./speaker/speaker.ts";
export type { SpeakerState } from "./speaker/state.ts";
