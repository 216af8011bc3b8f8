import type { AccountKey, Port, ServiceKey } from "./demand.ts";
import { type Equality, equalFields, equalLists, withDefault } from "./equality.ts";
import type { SharingConflict } from "./refusal.ts";

/** The part of a demand, or of a holder of addresses, that decides which other services may hold the same address. */
export interface SharingTerms {
  readonly service: ServiceKey;
  readonly account?: AccountKey;
  readonly ports: readonly Port[];
  readonly sharingKey: string | null;
  readonly sharesWith?: readonly AccountKey[];
  readonly backendKey: string;
}

/**
 * The reason why a service cannot join a holder on one address; null if it can. Both must have the same sharing key and the same
 * backends, and no pair of protocol and port in common. If the pool is `confined`, both must be of one account or share with each
 * other's. A service never conflicts with itself.
 */
export function sharingConflict(
  terms: SharingTerms,
  holder: SharingTerms,
  isConfined: boolean,
): SharingConflict | null {
  if (terms.service === holder.service) return null;
  if (terms.sharingKey === null) return { code: "NotShared" };
  if (holder.sharingKey !== terms.sharingKey) return { code: "SharingKey", theirs: holder.sharingKey };
  if (isConfined && !(sharesWithAccount(terms, holder) && sharesWithAccount(holder, terms))) {
    return { code: "OtherAccount", theirs: holder.account ?? "" };
  }
  if (holder.backendKey !== terms.backendKey) return { code: "Backend", theirs: holder.backendKey };
  const port = terms.ports.find((own) => holder.ports.some((theirs) => equalPorts(own, theirs)));
  return port === undefined ? null : { code: "Port", port };
}

const equalPorts: Equality<Port> = equalFields<Port>({ protocol: Object.is, port: Object.is });

/** True if two sets of terms are the same to every other service. */
export const equalTerms: Equality<SharingTerms> = equalFields<SharingTerms>({
  service: Object.is,
  account: withDefault<AccountKey>(""),
  ports: equalLists(equalPorts),
  sharingKey: Object.is,
  sharesWith: withDefault<readonly AccountKey[]>([], equalLists<AccountKey>()),
  backendKey: Object.is,
});

function sharesWithAccount(
  { account = "", sharesWith = [] }: SharingTerms,
  { account: other = "" }: SharingTerms,
): boolean {
  return account === other || sharesWith.includes(other) || sharesWith.includes("*");
}
