export { Allocator } from "./allocator.ts";
export type { AccountKey, Demand, FamilyPolicy, PoolChoice, Port, ServiceKey } from "./demand.ts";
export type { Explanation, PoolVerdict } from "./explanation.ts";
export type { Assignment, Change, Outcome } from "./outcome.ts";
export type { Release } from "./parting.ts";
export { type Plan, plan } from "./plan.ts";
export type { AddressOrder, Pool, Reservation } from "./pool.ts";
export type { Usage } from "./pool-set.ts";
export type { SharingConflict, PoolRefusal, Refusal } from "./refusal.ts";
