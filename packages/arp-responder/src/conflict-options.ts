/** The step before the first announcement of an address by any node: a probe (RFC 5227 §2.1, RFC 4862 §5.4), or none, as in MetalLB. */
export type ConflictPolicy = "Probe" | "Announce";

/** The conduct of a node when another station claims an address that it announces: it defends it, or gives it up (RFC 5227 §2.4). */
export type OnConflict = "Defend" | "Yield";
