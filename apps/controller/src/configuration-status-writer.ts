import { CONFIGURATION_KINDS, type ConfigurationWatch, type Logger } from "@herald-lb/daemon";
import { applyDifferent, type EventRecorder, isUndeclaredField, type Transport } from "@herald-lb/k8s-glue/client";
import type { ClusterFacts, Ledger } from "@herald-lb/k8s-glue/ipam";
import {
  type ConfigIssue,
  type ConfigStatusInput,
  establishedOf,
  issueEvent,
  issuesByObject,
  objectId,
  programmedOf,
  type ProgrammedState,
  type SessionNode,
  type SpeakerSessions,
  wantedConfigStatus,
  wantedPeerStatus,
  wantedPoolStatus,
} from "@herald-lb/k8s-glue/metallb";
import type { ObjectRef } from "@herald-lb/k8s-glue/objects";
import { OldConfigMapEvents } from "./old-config-map-events.ts";

type Status = ReturnType<typeof wantedPoolStatus | typeof wantedPeerStatus>;

/** A status, or the part of it that the CRD of the cluster has. */
type StorableStatus = Omit<Status, "status"> & { readonly status: object };

/** The fields that this writer alone decides: one that is not wanted any more goes. */
const OWN_FIELDS = ["status.conditions", "status.sessions", "status.establishedNodes", "status.selectedNodes"];

/** The parts that the writer works with. */
export interface ConfigurationStatusWriterOptions {
  readonly transport: Transport;
  /** RFC 3339 text of the present. */
  readonly wallTime: () => string;
  readonly configuration: Pick<ConfigurationWatch, "current" | "object">;
  readonly ledger: Pick<Ledger, "usageOf">;
  /** Every Node; empty while none is known. */
  readonly nodes: () => readonly SessionNode[];
  /** The BGP sessions that the speakers report. */
  readonly sessions: () => SpeakerSessions;
  readonly namespaces: () => ClusterFacts["namespaces"];
  readonly events: Pick<EventRecorder, "record">;
  readonly fence: () => boolean;
  readonly log: Logger;
}

/**
 * Writes the status of each configuration object: the conditions that tell if it is in force, and the counts of a pool. Only differences
 * are written.
 */
export class ConfigurationStatusWriter {
  readonly #options: ConfigurationStatusWriterOptions;
  readonly #oldConfigMap: OldConfigMapEvents;

  /** The kinds whose CRD has no field for conditions, as MetalLB's. Each term finds them out again. */
  readonly #withoutConditions = new Set<string>();
  /** The conditions that the last Events on objects of those kinds reported. */
  readonly #reported = new Map<string, string>();

  constructor(options: ConfigurationStatusWriterOptions) {
    this.#options = options;
    this.#oldConfigMap = new OldConfigMapEvents(options.events);
  }

  /** Compares each status with the wanted one, and writes the differences; false when a write has to be tried again. */
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

  #wanted(input: ConfigStatusInput): Status {
    const { configuration, ledger, nodes, sessions } = this.#options;
    const { kind, name } = input.object;
    switch (kind) {
      case "IPAddressPool":
        return wantedPoolStatus({ ...input, usage: ledger.usageOf(name) });
      case "BGPPeer": {
        const peer = configuration.current().bgpPeers.find((each) => each.name === name);
        return wantedPeerStatus({ ...input, established: establishedOf(peer, nodes(), sessions()) });
      }
      default:
        return wantedConfigStatus(input);
    }
  }

  #leaveConditionsOut(kind: string): void {
    if (this.#withoutConditions.has(kind)) return;
    this.#withoutConditions.add(kind);
    this.#options.log.warn(
      { kind },
      "the CRD of this kind has no field status.conditions: Events report what is wrong with its objects; apply Herald's CRDs to see it in the status",
    );
  }

  #storable(wanted: Status): StorableStatus {
    return this.#withoutConditions.has(wanted.kind) ? metallbPart(wanted) : wanted;
  }

  /** Writes one status; false when it has to be tried again. */
  async #write(object: ObjectRef, issues: readonly ConfigIssue[], effect: ProgrammedState): Promise<boolean> {
    const { transport, configuration, fence, log, events, wallTime } = this.#options;
    const resource = CONFIGURATION_KINDS.find(({ kind }) => kind === object.kind);
    const live = configuration.object(object.kind, object.name);
    if (object.kind === "ConfigMap" && live !== undefined) this.#oldConfigMap.record(object, live, issues);
    if (resource === undefined || live === undefined) return true;
    const input: ConfigStatusInput = { object, live, issues, effect, now: wallTime() };
    const wanted = this.#wanted(input);
    const answer = await applyDifferent(transport, resource, live, this.#storable(wanted), {
      fieldManager: "herald-controller",
      subresource: "status",
      guard: fence,
      exact: OWN_FIELDS,
      listKeys: { "status.conditions": ["type"] },
    });
    if (!answer.ok) {
      const { code, message } = answer.error;
      if (code === "Fenced" || code === "NotFound") return true;
      if (isUndeclaredField(answer.error) && !this.#withoutConditions.has(object.kind)) {
        this.#leaveConditionsOut(object.kind);
        return this.#write(object, issues, effect);
      }
      log.warn(
        { kind: object.kind, name: object.name, code, error: message },
        "status of a configuration object not written, trying again",
      );
      return false;
    }
    // An API server refuses a field beside others that its CRD has, and drops it in silence where the CRD has no field of the status.
    if (answer.value.written && !hasConditions(answer.value.object)) this.#leaveConditionsOut(object.kind);
    if (this.#withoutConditions.has(object.kind)) {
      const conditions = conditionsText(wanted);
      if (this.#reported.get(objectId(object)) === conditions) return true;
      this.#reported.set(objectId(object), conditions);
    }
    // A condition that has changed deserves an Event; counts do not.
    if (conditionsText(live) !== conditionsText(wanted)) for (const issue of issues) events.record(issueEvent(issue));
    return true;
  }
}

/** True for an object whose status has conditions. */
function hasConditions(object: object): boolean {
  const { status } = object as { readonly status?: { readonly conditions?: readonly unknown[] } };
  return (status?.conditions ?? []).length > 0;
}

/** The part of a status that MetalLB's CRD can store: the counts of a pool, and nothing of the other kinds. */
function metallbPart(wanted: Status): StorableStatus {
  const fields = Object.entries(wanted.status).filter(([name]) => !OWN_FIELDS.includes(`status.${name}`));
  return { ...wanted, status: Object.fromEntries(fields) };
}

/**
 * The conditions of an object as a text to compare, without their times. `Programmed` and `Established` are left out: they change with
 * other objects and with the network, and the condition itself is enough to tell that.
 */
function conditionsText(object: object): string {
  const { status } = object as {
    readonly status?: { readonly conditions?: readonly { type: string; status: string; message: string }[] };
  };
  const conditions = status?.conditions ?? [];
  const own = conditions.filter(({ type }) => type !== "Programmed" && type !== "Established");
  const lines = own.map(({ type, status: holds, message }) => JSON.stringify([type, holds, message]));
  return lines.toSorted().join("\n");
}
