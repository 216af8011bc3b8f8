/** Another node than before claims an address: it announced it, or answered for it. */
export interface Claim {
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
  readonly address: string;
  /** The hardware address that claimed it before; null for the first. */
  readonly before: string | null;
  readonly mac: string;
}
