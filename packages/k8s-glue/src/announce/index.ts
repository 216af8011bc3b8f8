/** The floor of announcements: the candidates for a Service on the segment, its routes, and the statuses that report them. Pure. */
export { announcementRequestsOf, requestKeysOf, serviceOfRequest } from "./announcement-requests.ts";
export { type L2Announcement, l2AnnouncementOf, type L2Input } from "./announcements.ts";
export { type AvoidedNodes, noAvoidedNodes } from "./avoided-nodes.ts";
export { type AnnouncementExplanation, explainAnnouncements } from "./explain-announcements.ts";
export { formatExplanation } from "./format-explanation.ts";
export { formatRoutes } from "./format-routes.ts";
export {
  formatSimulation,
  type NodesDownSimulation,
  type ServiceRedivision,
  type ServiceTakeover,
  simulateNodesDown,
} from "./simulate-nodes-down.ts";
export {
  type BgpBfdSession,
  bfdSessionsOf,
  locatedPeers,
  type LocatedPeer,
  type SharedBfdSession,
} from "./bfd-sessions.ts";
export { type ElectionFacts, factsOf } from "@herald-lb/arp-responder";
export { type LeavingReason, leavingReason } from "./leaving-reason.ts";
export { type NodeChange, servicesConcernedBy } from "./node-change.ts";
export { type NodePeers, nodePeers } from "./node-peers.ts";
export { type RouteReport, routeReport } from "./route-report.ts";
export { type RouteInput, routesOf, type ServiceRoutes } from "./routes.ts";
export {
  type AddressConflict,
  type AnnouncedService,
  type L2AnnouncementFacts,
  wantedServiceBGPStatus,
  wantedServiceL2Status,
} from "./service-announcement.ts";
export { nodeReason } from "./serving.ts";
export { endedSessions, sessionReports } from "./session-report.ts";
