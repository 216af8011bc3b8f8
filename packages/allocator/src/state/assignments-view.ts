import type { ServiceKey } from "../demand.ts";
import type { Holder } from "./holder.ts";
import type { Assignment } from "../outcome.ts";

/** A view of the holders as a map of assignments, without a copy. */
export class AssignmentsView implements ReadonlyMap<ServiceKey, Assignment> {
  readonly #holders: ReadonlyMap<ServiceKey, Holder>;

  constructor(holders: ReadonlyMap<ServiceKey, Holder>) {
    this.#holders = holders;
  }

  get size(): number {
    return this.#holders.size;
  }

  get(service: ServiceKey): Assignment | undefined {
    return this.#holders.get(service)?.assignment;
  }

  has(service: ServiceKey): boolean {
    return this.#holders.has(service);
  }

  keys(): MapIterator<ServiceKey> {
    return this.#holders.keys();
  }

  values(): MapIterator<Assignment> {
    return this.#holders.values().map(({ assignment }) => assignment) as MapIterator<Assignment>;
  }

  entries(): MapIterator<[ServiceKey, Assignment]> {
    return this[Symbol.iterator]();
  }

  [Symbol.iterator](): MapIterator<[ServiceKey, Assignment]> {
    const entries = this.#holders.entries().map(([service, { assignment }]) => [service, assignment]);
    return entries as unknown as MapIterator<[ServiceKey, Assignment]>;
  }

  forEach(
    visit: (assignment: Assignment, service: ServiceKey, map: ReadonlyMap<ServiceKey, Assignment>) => void,
  ): void {
    for (const [service, { assignment }] of this.#holders) visit(assignment, service, this);
  }
}
