import type { KeepaliveMessage } from "./keepalive.ts";
import type { NotificationMessage } from "./notification.ts";
import type { OpenMessage } from "./open.ts";
import type { RouteRefreshMessage } from "./route-refresh.ts";
import type { UpdateMessage } from "./update.ts";

/** Any BGP message, told apart by `type`: RFC 4271 §4 and RFC 2918 §3. */
export type BgpMessage = OpenMessage | UpdateMessage | NotificationMessage | KeepaliveMessage | RouteRefreshMessage;
