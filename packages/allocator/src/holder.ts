import type { AccountKey, Demand, Port, ServiceKey } from "./demand.ts";
import type { Assignment } from "./outcome.ts";
import type { Place } from "./page.ts";
import type { Claim } from "./sharing.ts";

const nobody: readonly AccountKey[] = [];

/** A service that holds addresses, with all that decides who may join it there. */
export class Holder implements Claim {
  readonly service: ServiceKey;
  readonly account: AccountKey;
  readonly ports: readonly Port[];
  readonly sharingKey: string | null;
  readonly sharesWith: readonly AccountKey[];
  readonly backendKey: string;
  assignment: Assignment;
  /** Where its addresses are kept, in the order of the assignment. */
  places: readonly Place[];

  constructor(demand: Demand, assignment: Assignment, places: readonly Place[]) {
    this.service = demand.service;
    this.account = demand.account ?? "";
    this.ports = demand.ports;
    this.sharingKey = demand.sharingKey;
    this.sharesWith = demand.sharesWith ?? nobody;
    this.backendKey = demand.backendKey;
    this.assignment = assignment;
    this.places = places;
  }
}
