import type { AccountKey, Port, ServiceKey } from "./demand.ts";
import { type Equality, equalInEach, equalLists } from "./equality.ts";
import type { SharingConflict } from "./refusal.ts";

const none: readonly AccountKey[] = [];

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

function equalPorts(a: Port, b: Port): boolean {
  return a.port === b.port && a.protocol === b.protocol;
}

const equalPortLists: Equality<readonly Port[]> = equalLists(equalPorts);
const equalAccounts: Equality<readonly AccountKey[]> = equalLists<AccountKey>();

/** True if two sets of terms are the same to every other service. */
export const equalTerms: Equality<SharingTerms> = equalInEach<SharingTerms>({
  service: (a, b) => a.service === b.service,
  account: ({ account: a = "" }, { account: b = "" }) => a === b,
  ports: (a, b) => equalPortLists(a.ports, b.ports),
  sharingKey: (a, b) => a.sharingKey === b.sharingKey,
  sharesWith: ({ sharesWith: a = none }, { sharesWith: b = none }) => equalAccounts(a, b),
  backendKey: (a, b) => a.backendKey === b.backendKey,
});

function sharesWithAccount(
  { account = "", sharesWith = [] }: SharingTerms,
  { account: other = "" }: SharingTerms,
): boolean {
  return account === other || sharesWith.includes(other) || sharesWith.includes("*");
}
