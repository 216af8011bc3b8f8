/** The floor of MetalLB's API: schemas, configuration, the old ConfigMap, and the statuses of configuration objects. Pure. */
export {
  allocatedFromPool,
  type AnnotationName,
  annotationOf,
  annotationPrefixes,
  deprecatedPrefix,
  metallbPrefix,
  type OwnAnnotationName,
  ownAnnotationOf,
  ownPrefix,
} from "./annotations.ts";
export type {
  AdvertisementScope,
  BgpAdvertisementConfiguration,
  BgpPeerConfiguration,
  Configuration,
  InterfaceSelector,
  L2AdvertisementConfiguration,
  PoolConfiguration,
  Requesters,
  ServiceAllocation,
} from "./config/configuration.ts";
export { conflictingField, type SingleValuedField } from "./config/conflicting-field.ts";
export type { CommunityValue, ExtendedCommunityValue } from "./config/bgp-policy.ts";
export { parseExtendedCommunity } from "./config/extended-community.ts";
export { parseCommunity } from "./config/read-communities.ts";
export type { ConfigIssue, IssueCode } from "./config/issue.ts";
export { readConfiguration } from "./config/read-configuration.ts";
export { advertisesPool, advertisesService, poolOfAddress, replacesConflicting, selectsNode } from "./config/scope.ts";
export { type HostAddress, type HostAddresses, noHostAddresses } from "./config/host-addresses.ts";
export {
  COMMUNITIES_FORM,
  LOCAL_PREF_FORM,
  requestedCommunities,
  requestedLocalPref,
} from "./route-annotations.ts";
export type { ReportedConflict } from "./crd/address-conflict.ts";
export type { BgpSession } from "./crd/bgp-session.ts";
export { type ConfigurationStateStatus, MOST_CONFLICTS } from "./crd/configuration-state.ts";
export { customResourceDefinitions } from "./crd/custom-resource-definition.ts";
export type { IPAddressPoolStatus } from "./crd/ip-address-pool.ts";
export type { ServiceBGPStatusStatus, ServiceL2StatusStatus } from "./crd/service-status.ts";
export {
  type Conversion,
  type ConversionError,
  type ConversionOptions,
  convertConfigMap,
  type Renaming,
} from "./legacy/convert.ts";
export { isUnknown } from "./legacy/is-unknown.ts";
export { renderManifests } from "./legacy/manifests.ts";
export { type OldConfigMapReading, readOldConfigMap } from "./legacy/read-old-config-map.ts";
export {
  OLD_CONFIG_KEY,
  OLD_CONFIG_MAP,
  type OldConfigMap,
  readConfigurationWith,
} from "./legacy/with-old-config-map.ts";
export { basicAuthPassword } from "./secret-text.ts";
export { issuesByObject, linesOf, objectId } from "./status/accepted.ts";
export {
  type ConfigStatusInput,
  type StatusApply,
  wantedConfigStatus,
  wantedPeerStatus,
  wantedPoolStatus,
} from "./status/config-status.ts";
export {
  type Component,
  configurationStateObject,
  gatewaysOf,
  wantedConfigurationState,
} from "./status/configuration-state.ts";
export { establishedOf, type EstablishedState, type SessionNode } from "./status/established.ts";
export { issueEvent } from "./status/issue-event.ts";
export { programmedOf, type ProgrammedState } from "./status/programmed.ts";
export {
  type ConflictsByAddress,
  addressConflictsOf,
  type NodeConflict,
  reportedConflictsOf,
} from "./status/speaker-conflicts.ts";
export { bgpSessionsOf, type SpeakerSessions, speakerSessionsOf } from "./status/speaker-sessions.ts";
export { datedConditions, type WantedCondition } from "./status/transition.ts";
