export type { Demand, FamilyWish, Port, ServiceKey } from "./demand.ts";
export type { AddressRange, Pool } from "./pool.ts";
export type { Obstacle, PoolRefusal, Refusal } from "./refusal.ts";
