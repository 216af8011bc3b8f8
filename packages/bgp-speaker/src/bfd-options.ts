/** A BFD session beside a BGP session, by the names of RFC 5880 §6.8.1. Intervals are in milliseconds. */
export interface BfdOptions {
  /** The shortest interval at which this side sends. */
  readonly desiredMinTxInterval: number;
  /** The shortest interval at which this side takes packets. */
  readonly requiredMinRxInterval: number;
  /** 1 to 255: the peer loses the session after so many intervals without a packet. */
  readonly detectMult: number;
  /** A passive side sends nothing before it has received a packet. */
  readonly role: "active" | "passive";
  /** The least TTL or hop limit of packets that come over several hops, 1 to 255. Over a single hop it is 255, RFC 5881 §5. */
  readonly minimumTtl: number;
}
