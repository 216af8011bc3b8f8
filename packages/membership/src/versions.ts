/**
 * memberlist's `Vsn`, six octets in its order: protocol min, max, current; delegate min, max, current as
 * `[PMin, PMax, PCur, DMin, DMax, DCur]`.
 */
export type Versions = readonly [number, number, number, number, number, number];

/** What a plain memberlist node, MetalLB's among them, says: protocol 1 to 5, speaking 2, no delegate. */
export const defaultVersions: Versions = [1, 5, 2, 0, 0, 0];

/** What serf's agents say, and ask of every node of their ring. */
export const serfVersions: Versions = [1, 5, 2, 2, 5, 4];
