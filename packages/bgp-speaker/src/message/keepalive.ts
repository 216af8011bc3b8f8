/** RFC 4271 §4.4: the header and nothing else. */
export interface KeepaliveMessage {
  readonly type: "KEEPALIVE";
}

/** The one KEEPALIVE. */
export const keepalive: KeepaliveMessage = { type: "KEEPALIVE" };
