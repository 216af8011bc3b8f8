/** The floor of announcements: the candidates for a Service on the segment, its routes, and the statuses that report them. Pure. */
export type { ServiceReason } from "./announced-addresses.ts";
export {
  type CandidateReason,
  type L2Announcement,
  l2AnnouncementOf,
  type L2Candidate,
  type L2Input,
} from "./announcements.ts";
export { type NodeChange, servicesConcernedBy } from "./node-change.ts";
export { type NodePeers, nodePeers } from "./node-peers.ts";
export { type RouteInput, type RouteReason, routesOf, type ServiceRoutes } from "./routes.ts";
export { type AnnouncedService, wantedServiceBGPStatus, wantedServiceL2Status } from "./service-announcement.ts";
export { endedSessions, sessionReports } from "./session-report.ts";
export type { NodeReason } from "./serving.ts";
