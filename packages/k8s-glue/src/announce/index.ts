/** Who announces a Service, and what: candidates on the segment, routes, the statuses that tell of them. Pure. */
export { l2AnnouncementOf } from "./announcements.ts";
export { type NodeChange, servicesConcernedBy } from "./node-change.ts";
export { nodePeers } from "./node-peers.ts";
export { routesOf } from "./routes.ts";
export { type AnnouncedService, wantedServiceBGPStatus, wantedServiceL2Status } from "./service-announcement.ts";
