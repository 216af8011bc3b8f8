/** Rounds in which an IPv4 address is announced after a takeover; more than RFC 5227 §1.1 ANNOUNCE_NUM, as MetalLB does. */
export const ANNOUNCE_NUM = 5;

/**
 * Milliseconds between announcements. Above the second for which a Linux neighbour entry is locked, and above the RetransTimer of RFC 4861
 * §10 that unsolicited Neighbor Advertisements keep apart.
 */
export const ANNOUNCE_INTERVAL = 1100;

/** Rounds in which an IPv6 address is announced after a takeover. RFC 4861 §10. */
export const MAX_NEIGHBOR_ADVERTISEMENT = 3;

/**
 * Milliseconds between a claim of another station and the defence. A node that returns announces its addresses as soon as it knows the members;
 * gossip brings its return to the old announcer within this time, and the client's entry changes once instead of three times.
 */
export const DEFEND_DELAY = 500;

/**
 * Milliseconds for which a node goes on answering for an address that another one is to announce. A speaker that has just started needs up to
 * three seconds until it knows the members and the Services.
 */
export const YIELD_TIME = 5_000;

/** Milliseconds that lie at least between two defences of an address on an interface. RFC 5227 §1.1. */
export const DEFEND_INTERVAL = 10_000;
