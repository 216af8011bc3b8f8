/** Rounds in which an IPv4 address is announced after a takeover; more than RFC 5227 §1.1 ANNOUNCE_NUM, as MetalLB does. */
export const ANNOUNCE_NUM = 5;

/** Times that a client of a shared address is told of its node, unless it confirms before: one frame may be lost. RFC 4861 §10 has three for all nodes. */
export const TELL_NUM = 3;

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

/**
 * Probes in which an address is asked for before it is announced. RFC 5227 §1.1; RFC 4862 §5.1 asks for one, whose loss would pass for a free
 * address.
 */
export const PROBE_NUM = 3;

/**
 * Milliseconds between probes. RFC 5227 §1.1 has PROBE_MIN and PROBE_MAX, one and two seconds, which with its other times make four to seven
 * seconds without service. It fixes them for hosts of every kind that come up at once; here one node, elected, asks on a wired segment, where kernels
 * answer within a millisecond. Its random PROBE_WAIT keeps such hosts apart, and has nothing to keep apart here.
 */
export const PROBE_INTERVAL = 250;

/**
 * Milliseconds between the last probe and the first announcement: RFC 5227 §1.1 has two seconds. A probe takes a second in all, which is the RetransTimer
 * for which RFC 4862 §5.4 waits.
 */
export const ANNOUNCE_WAIT = 500;

/**
 * Milliseconds after the last word of a rival until the address is probed again: with the second of a probe it is announced three seconds after a rival went.
 * RFC 5227 §2.1.1 limits a host that tries address after address to one in a minute; here it is one address, and one frame in two seconds.
 */
export const PROBE_AGAIN = 2_000;

/** Milliseconds for which a rival must have been silent until another station is reported in its place. */
export const RIVAL_REPLACED = 10_000;

/** Milliseconds that lie at least between two defences of an address on an interface. RFC 5227 §1.1. */
export const DEFEND_INTERVAL = 10_000;
