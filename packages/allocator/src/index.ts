export { Allocator, type Assignment, type Outcome } from "./allocator.ts";
export type { Demand, FamilyWish, Port, ServiceKey } from "./demand.ts";
export { type Plan, plan } from "./plan.ts";
export type { AddressRange, Pool } from "./pool.ts";
export type { Usage } from "./pool-set.ts";
export type { Obstacle, PoolRefusal, Refusal } from "./refusal.ts";
