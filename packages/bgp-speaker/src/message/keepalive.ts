/** RFC 4271 §4.4: the header and nothing else. */
export interface KeepaliveMessage {
  readonly type: "KEEPALIVE";
}
