import type { EventRecorder } from "@herald-lb/k8s-glue/client";
import { annotationEvent } from "@herald-lb/k8s-glue/ipam";
import { involvedObject } from "./involved-object.ts";
import type { NamespaceFacts } from "./namespace-facts.ts";

/** Records an Event for each Namespace annotation that cannot be read, once for as long as it stays as it is. */
export class NamespaceEvents {
  readonly #events: Pick<EventRecorder, "record">;
  #recorded: ReadonlySet<string> = new Set();

  constructor(events: Pick<EventRecorder, "record">) {
    this.#events = events;
  }

  /** Takes all faults of the moment, and records those that were not among the last ones. */
  record(faults: NamespaceFacts["faults"]): void {
    const present = new Set<string>();
    for (const { namespace, issue } of faults) {
      const fault = JSON.stringify([namespace.metadata?.uid, issue]);
      present.add(fault);
      if (this.#recorded.has(fault)) continue;
      this.#events.record({ object: involvedObject("Namespace", namespace), ...annotationEvent(issue) });
    }
    this.#recorded = present;
  }
}
