import type { Family } from "./family.ts";

/** The part of the negotiation that changes how octets are read and written. One context a direction. */
export interface CodecContext {
  /** RFC 6793 §4: AS numbers in AS_PATH and AGGREGATOR have four octets. */
  readonly fourOctetAs: boolean;
  /** RFC 4760 §8: the families whose MP_REACH_NLRI and MP_UNREACH_NLRI are read; those of others are kept as octets. */
  readonly families: readonly Family[];
  /** Octets in a message: 4096 (RFC 4271 §4.1), or 65535 with RFC 8654 §4. OPEN and KEEPALIVE never exceed 4096. */
  readonly maxMessageLength: 4096 | 65535;
  /** RFC 7911 §4: the families whose NLRI carry a Path Identifier in this direction. None when absent or empty. */
  readonly addPath?: readonly Family[];
  /** The kind of the peer, internal or external (RFC 4271 §1.1); without it attributes of either kind are accepted. */
  readonly peer?: "internal" | "external";
}

/** The context before any OPEN was read: nothing negotiated. */
export const INITIAL_CONTEXT: CodecContext = { fourOctetAs: false, families: [], maxMessageLength: 4096 };
