import { CONFIGURATION_KINDS, type ConfigurationWatch, type Logger } from "@herald-lb/daemon";
import { applyDifferent, type EventRecorder, type Transport } from "@herald-lb/k8s-glue/client";
import type { ClusterFacts, Ledger } from "@herald-lb/k8s-glue/ipam";
import {
  type ConfigIssue,
  type ConfigStatusInput,
  issueEvent,
  issuesByObject,
  type LabelledNode,
  objectId,
  programmedOf,
  type Programming,
  wantedConfigStatus,
  wantedPoolStatus,
} from "@herald-lb/k8s-glue/metallb";
import type { ObjectRef } from "@herald-lb/k8s-glue/objects";
import { OldConfigMapEvents } from "./old-config-map-events.ts";

type Status = ReturnType<typeof wantedPoolStatus>;

/** What an API server says to a field that the CRD it was given does not have. */
const UNDECLARED = "field not declared in schema";

/** What status writing works with. */
export interface ConfigurationStatusWriterOptions {
  readonly transport: Transport;
  /** RFC 3339 text of the present. */
  readonly wallTime: () => string;
  readonly configuration: Pick<ConfigurationWatch, "current" | "object">;
  readonly ledger: Pick<Ledger, "usageOf">;
  /** Every Node; none while they are not known. */
  readonly nodes: () => readonly LabelledNode[];
  readonly namespaces: () => ClusterFacts["namespaces"];
  readonly events: Pick<EventRecorder, "record">;
  readonly fence: () => boolean;
  readonly log: Logger;
}

/** Says on each configuration object whether it is in force, and on each pool what is used of it. Writes only differences. */
export class ConfigurationStatusWriter {
  readonly #options: ConfigurationStatusWriterOptions;
  readonly #oldConfigMap: OldConfigMapEvents;

  /** Kinds whose conditions the API server cannot keep: known for a term. */
  readonly #without = new Set<string>();
  /** What was said of objects of those kinds, which their conditions would say. */
  readonly #told = new Map<string, string>();

  constructor(options: ConfigurationStatusWriterOptions) {
    this.#options = options;
    this.#oldConfigMap = new OldConfigMapEvents(options.events);
  }

  /** Compares what is there with what should be, and writes the differences; false when something should be tried again. */
  async write(): Promise<boolean> {
    const { fence } = this.#options;
    const configuration = this.#options.configuration.current();
    const byObject = issuesByObject(configuration.issues);
    const nodes = this.#options.nodes();
    const namespaces = this.#options.namespaces();
    let written = true;
    for (const ref of configuration.objects) {
      if (!fence()) return true;
      const effect = programmedOf(ref, configuration, nodes, namespaces);
      if (!(await this.#write(ref, byObject.get(objectId(ref)) ?? [], effect))) written = false;
    }
    return written;
  }

  #keepable(wanted: Status): Status {
    return this.#without.has(wanted.kind) ? withoutConditions(wanted) : wanted;
  }

  /** False when it should be tried again. */
  async #write(object: ObjectRef, issues: readonly ConfigIssue[], effect: Programming): Promise<boolean> {
    const { transport, configuration, fence, log, events, ledger, wallTime } = this.#options;
    const resource = CONFIGURATION_KINDS.find(({ kind }) => kind === object.kind);
    const live = configuration.object(object.kind, object.name);
    if (object.kind === "ConfigMap" && live !== undefined) this.#oldConfigMap.say(object, live, issues);
    if (resource === undefined || live === undefined) return true;
    const input: ConfigStatusInput = { object, live, issues, effect, now: wallTime() };
    const wanted =
      object.kind === "IPAddressPool"
        ? wantedPoolStatus({ ...input, usage: ledger.usageOf(object.name) })
        : wantedConfigStatus(input);
    const answer = await applyDifferent(transport, resource, live, this.#keepable(wanted), {
      fieldManager: "herald-controller",
      subresource: "status",
      guard: fence,
      exact: ["status.conditions"],
      listKeys: { "status.conditions": ["type"] },
    });
    if (!answer.ok) {
      const { code, message } = answer.error;
      if (code === "Fenced" || code === "NotFound") return true;
      if (message.includes(UNDECLARED) && !this.#without.has(object.kind)) {
        this.#without.add(object.kind);
        log.warn(
          { kind: object.kind },
          "the CRD has no room for conditions, as MetalLB's: Events alone say what is wrong",
        );
        return this.#write(object, issues, effect);
      }
      log.warn({ kind: object.kind, name: object.name, code, error: message }, "status not written");
      return false;
    }
    if (this.#without.has(object.kind)) {
      const told = saidBefore(wanted);
      if (this.#told.get(objectId(object)) === told) return true;
      this.#told.set(objectId(object), told);
    }
    // A condition that says something else than before is news; counters are not.
    if (saidBefore(live) !== saidBefore(wanted)) for (const issue of issues) events.record(issueEvent(issue));
    return true;
  }
}

/** What of a status the object's CRD has room for. */
function withoutConditions(wanted: Status): Status {
  const { conditions: _, ...status } = wanted.status;
  return { ...wanted, status };
}

/** What an object's conditions say of what is in it, whenever they began to. Whether that has an effect is told by its condition alone. */
function saidBefore(object: object): string {
  const { status } = object as {
    readonly status?: { readonly conditions?: readonly { type: string; status: string; message: string }[] };
  };
  const conditions = status?.conditions ?? [];
  const own = conditions.filter(({ type }) => type !== "Programmed");
  const lines = own.map(({ type, status: holds, message }) => JSON.stringify([type, holds, message]));
  return lines.toSorted().join("\n");
}
