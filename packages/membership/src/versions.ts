/**
 * memberlist's `Vsn`, six octets in its order: protocol min, max, current; delegate min, max, current as
 * `[PMin, PMax, PCur, DMin, DMax, DCur]`.
 */
export type Versions = readonly [number, number, number, number, number, number];

/** The versions of a plain memberlist node, and of MetalLB: protocol 1 to 5, currently 2, no delegate. */
export const defaultVersions: Versions = [1, 5, 2, 0, 0, 0];

/** The versions of serf's agents, which they ask of every node of their cluster. */
export const serfVersions: Versions = [1, 5, 2, 2, 5, 4];
