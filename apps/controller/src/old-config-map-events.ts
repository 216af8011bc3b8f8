import type { EventRecorder } from "@herald-lb/k8s-glue/client";
import { type ConfigIssue, issueEvent, linesOf, OLD_CONFIG_KEY } from "@herald-lb/k8s-glue/metallb";
import type { ConfigMap, ObjectRef } from "@herald-lb/k8s-glue/objects";

/**
 * Records Events on the old ConfigMap, which has no status: how to migrate, and what is wrong with it. Each is recorded once for each
 * content of the ConfigMap.
 */
export class OldConfigMapEvents {
  readonly #events: Pick<EventRecorder, "record">;
  #content: string | null = null;
  #issues = "";

  constructor(events: Pick<EventRecorder, "record">) {
    this.#events = events;
  }

  /** Records what has changed since the last call. */
  record(object: ObjectRef, live: ConfigMap, issues: readonly ConfigIssue[]): void {
    const { apiVersion, kind, namespace, name, uid } = object;
    const content = JSON.stringify([uid, live.data?.[OLD_CONFIG_KEY] ?? null]);
    if (content !== this.#content) {
      const message = `Herald reads this ConfigMap as MetalLB's old configuration; to convert it to objects of metallb.io: kubectl get configmap -n ${namespace} ${name} -o yaml | herald migrate --source -`;
      const about = { apiVersion, kind, namespace, name, uid };
      this.#events.record({ object: about, type: "Normal", reason: "OldConfiguration", message });
    }
    const lines = linesOf(issues);
    if (content !== this.#content || lines !== this.#issues)
      for (const issue of issues) this.#events.record(issueEvent(issue));
    this.#content = content;
    this.#issues = lines;
  }
}
