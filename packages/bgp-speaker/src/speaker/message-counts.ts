import type { BgpMessage } from "../message/index.ts";
import type { MessageCounts } from "./snapshot.ts";

/** No message yet. */
export const NO_MESSAGES: MessageCounts = { open: 0, update: 0, notification: 0, keepalive: 0, routeRefresh: 0 };

const counterOf: { readonly [Type in BgpMessage["type"]]: keyof MessageCounts } = {
  OPEN: "open",
  UPDATE: "update",
  NOTIFICATION: "notification",
  KEEPALIVE: "keepalive",
  "ROUTE-REFRESH": "routeRefresh",
};

/** The counts with one message more. */
export function countMessage(counts: MessageCounts, message: BgpMessage): MessageCounts {
  const counter = counterOf[message.type];
  return { ...counts, [counter]: counts[counter] + 1 };
}
