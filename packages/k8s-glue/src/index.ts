export { annotationOf, allocatedFromPool } from "./service/annotations.ts";
export {
  annotationEvent,
  type AnnotationEvent,
  type AnnotationIssue,
  annotationNameIssues,
} from "./service/annotation-issue.ts";
export { maxAddressesOf } from "./service/max-addresses.ts";
export {
  annotationIssues,
  type IpMode,
  MOST_PER_FAMILY,
  type ServiceOptions,
  serviceOptions,
} from "./service/service-options.ts";
export {
  type Candidate,
  type CandidateObstacle,
  type L2Announcement,
  l2AnnouncementOf,
  type L2Input,
} from "./announce/announcements.ts";
export type { AdvertisementConflict } from "./announce/advertisement-conflict.ts";
export { type NodePeers, peersOf } from "./announce/node-peers.ts";
export { type RouteInput, type RouteObstacle, routesOf, type ServiceRoutes } from "./announce/routes.ts";
export { type NodeObstacle, nodeObstacle, type ServingEndpoints, servingEndpoints } from "./announce/serving.ts";
export type { ServiceObstacle } from "./announce/subject.ts";
export type {
  BfdProfileConfiguration,
  BgpAdvertisementConfiguration,
  BgpPeerConfiguration,
  CommunityValue,
  Configuration,
  L2AdvertisementConfiguration,
  PoolConfiguration,
  Requesters,
} from "./config/configuration.ts";
export type { ConfigIssue, IssueCode, IssueEffect } from "./config/issue.ts";
export { readConfiguration } from "./config/read-configuration.ts";
export { type HostAddress, noSurroundings, type Surroundings } from "./config/surroundings.ts";
export type { Condition } from "./crd/schema.ts";
export { parseGoDuration } from "./go-duration.ts";
export { type LabelSelector, selectorMatches } from "./label-selector.ts";
export type { ClusterFacts } from "./ledger/cluster-facts.ts";
export { Ledger } from "./ledger/ledger.ts";
export { type AllocationPolicy, defaultAllocationPolicy } from "./ledger/policy.ts";
export type { ServiceExplanation } from "./ledger/service-explanation.ts";
export type { ServiceFacts } from "./ledger/service-facts.ts";
export {
  type Conversion,
  type ConversionError,
  type ConversionOptions,
  convertConfigMap,
  type Renaming,
} from "./legacy/convert.ts";
export type { InForce } from "./legacy/in-force.ts";
export { isUnknown } from "./legacy/is-unknown.ts";
export { renderManifests } from "./legacy/manifests.ts";
export { type OldConfigMapReading, readOldConfigMap } from "./legacy/read-old-config-map.ts";
export {
  OLD_CONFIG_KEY,
  OLD_CONFIG_MAP,
  type OldConfigMap,
  readConfigurationWith,
} from "./legacy/with-old-config-map.ts";
export { keyOf, type ObjectKey, type ObjectRef, refOf } from "./object-key.ts";
export type { KubernetesObject, ObjectMeta, OwnerReference } from "./object-meta.ts";
export type {
  ConfigMap,
  Endpoint,
  EndpointSlice,
  Event,
  Lease,
  LoadBalancerIngress,
  Namespace,
  Node,
  NodeCondition,
  ObjectReference,
  Pod,
  Secret,
  Service,
  ServicePort,
} from "./objects.ts";
export { basicAuthPassword, memberlistSecretText, type SecretFault } from "./secret-text.ts";
export { type DemandReading, demandOf, isOurClass, recordedAddresses } from "./service/demand.ts";
export type { DemandRefusal } from "./service/demand-refusal.ts";
export type { NamespaceLabels } from "./service/eligible-pools.ts";
export { acceptedConditions, issuesByObject, linesOf, objectId } from "./status/accepted.ts";
export {
  type ConfigStatusInput,
  type StatusApply,
  wantedConfigStatus,
  wantedPoolStatus,
} from "./status/config-status.ts";
export {
  type Component,
  configurationStateObject,
  gatewaysOf,
  wantedConfigurationState,
} from "./status/configuration-state.ts";
export { type LabelledNode, programmedOf, type Programming } from "./status/programmed.ts";
export { refusalText } from "./status/refusal-text.ts";
export { servicePatch, type ServicePatch, type WrittenIngress } from "./status/service-patch.ts";
export { addressAssigned, serviceCondition } from "./status/service-condition.ts";
export { type Discrepancy, type Settlement, type Standing, standingOf } from "./status/settlement.ts";
export { settlementText } from "./status/settlement-text.ts";
export { explanationText } from "./status/explanation-text.ts";
export { type SettlementEvent, settlementEvents } from "./status/settlement-events.ts";
export {
  type AnnouncedService,
  wantedServiceBGPStatus,
  wantedServiceL2Status,
} from "./status/service-announcement.ts";
export { datedConditions, type WantedCondition } from "./status/transition.ts";
export { type IssueEvent, issueEvent } from "./status/issue-event.ts";
export { customResourceDefinitions, type Json } from "./crd/custom-resource-definition.ts";
