import type { KeepaliveMessage } from "../message/keepalive.ts";
import type { NotificationMessage } from "../notification-message.ts";
import type { OpenMessage } from "../message/open.ts";

/** An instruction of a session for its one TCP connection. */
export type FsmEffect =
  /** Open a connection; answered by `Tcp_CR_Acked` or `TcpConnectionFails`. */
  | { readonly type: "InitiateTcp" }
  /** Close the connection, or give up opening it; after a message was sent gracefully, so that the peer gets it. */
  | { readonly type: "DropTcp"; readonly graceful: boolean }
  | { readonly type: "SendMessage"; readonly message: OpenMessage | KeepaliveMessage | NotificationMessage };

/** Gives up a connection at once. */
export const DROP_TCP: FsmEffect = { type: "DropTcp", graceful: false };

/** Closes a connection so that what was sent arrives. */
export const CLOSE_TCP: FsmEffect = { type: "DropTcp", graceful: true };
