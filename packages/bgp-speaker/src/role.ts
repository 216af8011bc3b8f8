/** The part that a speaker plays towards an external peer, by the names of RFC 9234 §4.1. */
export type Role = "Provider" | "RS" | "RS-Client" | "Customer" | "Peer";

/** The role of a speaker in one session, RFC 9234 §4. */
export interface RoleConfig {
  readonly local: Role;
  /** RFC 9234 §4.2, strict mode: a peer that tells no role is refused. */
  readonly strict: boolean;
}

/** The values of the BGP Role Capability, RFC 9234 §4.1. */
export const roleValues: { readonly [Name in Role]: number } = {
  Provider: 0,
  RS: 1,
  "RS-Client": 2,
  Customer: 3,
  Peer: 4,
};

/** The role that a peer must tell, by ours: RFC 9234 §4.2, Table 2. */
export const roleOfPeer: { readonly [Local in Role]: Role } = {
  Provider: "Customer",
  RS: "RS-Client",
  "RS-Client": "RS",
  Customer: "Provider",
  Peer: "Peer",
};

/** True where routes for the peer carry Only to Customer: it is a customer, a peer or a client of our route server (RFC 9234 §5). */
export function sendsOnlyToCustomer(local: Role): boolean {
  return local === "Provider" || local === "Peer" || local === "RS";
}
