import type { AccountKey } from "../demand.ts";
import type { HeldSlot } from "./pool-family.ts";

/** A listener for the changes of addresses and accounts that a waiting service may profit from. */
export interface Observer {
  /** A service took the address, left it, or holds it on other terms; or the address has cooled down. */
  slotChanged(slot: HeldSlot): void;
  /** An account holds one address less of the pool, and one less of all pools together; the pool is null for an orphan. */
  accountReleased(account: AccountKey, pool: string | null): void;
}
