import type { IpFamily, IpPrefix } from "@herald-lb/sansio";
import type { DesiredRoute } from "./route.ts";

/** One key's wish for a route. The wishes for one prefix are a chain, since there is hardly ever more than one. */
export interface Wish {
  readonly key: string;
  readonly route: DesiredRoute;
  /** The number of the change that it came with. */
  readonly round: number;
  next: Wish | null;
}

/** A prefix that is wanted, or that some peer is still to be told the end of. */
export interface Destination {
  readonly prefix: IpPrefix;
  readonly family: IpFamily;
  /** A small number that no other destination has at the time; the number of one that went is given again. */
  readonly id: number;
  wishes: Wish | null;
  /** The key whose change concerned it last. */
  cause: string;
  /** The number of subgroups that have its withdrawal before them; until then the `id` means this prefix. */
  withdrawals: number;
}
