/** The use of one family of one pool. An address that several services share counts once. */
export interface Usage {
  /** The number of addresses that services hold. */
  readonly assigned: bigint;
  /** The number of usable addresses that nobody holds. */
  readonly available: bigint;
}
