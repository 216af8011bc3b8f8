import type { ConfigurationWatch, Logger } from "@herald-lb/daemon";
import type { ConfigIssue, KubernetesObject, ObjectRef } from "@herald-lb/k8s-glue";
import { applyDifferent, type EventRecorder, type Transport } from "@herald-lb/k8s-glue/client";
import { type Clock, instant } from "@herald-lb/sansio";
import { CONFIGURATION_KINDS } from "@herald-lb/daemon";
import type { Ledger } from "./ledger.ts";

/** Counters and conditions are written at most this often, in milliseconds: a burst of Services is one write a pool. */
const INTERVAL = 1_000;

/** What status writing works with. */
export interface ConfigurationStatusOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly namespace: string;
  readonly configuration: ConfigurationWatch;
  readonly ledger: Ledger;
  readonly events: EventRecorder;
  readonly fence: () => boolean;
  readonly log: Logger;
}

/** Says on each configuration object whether it is in force, and on each pool what is used of it. Writes only differences. */
export class ConfigurationStatus {
  readonly #options: ConfigurationStatusOptions;
  #cancel: (() => void) | null = null;
  #writing = false;
  #again = false;
  #ended = false;

  constructor(options: ConfigurationStatusOptions) {
    this.#options = options;
  }

  /** Something changed: what is there is compared with what should be, soon. */
  touch(): void {
    const { clock } = this.#options;
    if (this.#ended) return;
    if (this.#writing) {
      this.#again = true;
      return;
    }
    this.#cancel ??= clock.wakeAt(instant(clock.now() + INTERVAL), () => {
      this.#cancel = null;
      void this.#writeAll();
    });
  }

  /** Writes no more. */
  end(): void {
    this.#ended = true;
    this.#cancel?.();
  }

  async #writeAll(): Promise<void> {
    this.#writing = true;
    const { configuration } = this.#options;
    const { objects, issues } = configuration.current();
    for (const ref of objects) {
      const own = issues.filter(({ object }) => object.kind === ref.kind && object.name === ref.name);
      await this.#write(ref, own);
    }
    this.#writing = false;
    if (this.#again) {
      this.#again = false;
      this.touch();
    }
  }

  async #write(ref: ObjectRef, issues: readonly ConfigIssue[]): Promise<void> {
    const { transport, configuration, fence, log, namespace, events, ledger } = this.#options;
    const resource = CONFIGURATION_KINDS.find(({ kind }) => kind === ref.kind);
    const live = configuration.object(ref.kind, ref.name);
    if (resource === undefined || live === undefined || this.#ended) return;
    const before = conditionOf(live);
    const accepted = acceptedCondition(ref, issues, before);
    const changed = before?.status !== accepted.status || before.message !== accepted.message;
    const status = {
      conditions: [accepted],
      ...(ref.kind === "IPAddressPool" ? poolCounters(ledger, ref.name) : {}),
    };
    const wanted = { metadata: { namespace, name: ref.name }, status } as KubernetesObject;
    const answer = await applyDifferent(transport, resource, live, wanted, {
      fieldManager: "herald-controller",
      subresource: "status",
      guard: fence,
    });
    if (!answer.ok) {
      if (answer.error.code !== "Fenced" && answer.error.code !== "NotFound") {
        log.warn(
          { kind: ref.kind, name: ref.name, code: answer.error.code, error: answer.error.message },
          "status not written",
        );
        this.#again = true;
      }
      return;
    }
    if (!changed || issues.length === 0) return;
    for (const issue of issues) {
      const { apiVersion, kind, name, uid } = ref;
      events.record({
        object: { apiVersion, kind, namespace, name, uid },
        type: issue.effect === "Noted" ? "Normal" : "Warning",
        reason: issue.code,
        message: `${issue.path}: ${issue.message}`,
      });
    }
  }
}

interface AcceptedCondition {
  readonly type: "Accepted";
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
}

/** `Accepted`: True where the whole object is in force; False as soon as some of it is not. */
function acceptedCondition(
  ref: ObjectRef,
  issues: readonly ConfigIssue[],
  before: AcceptedCondition | null,
): AcceptedCondition {
  const faults = issues.filter(({ effect }) => effect !== "Noted");
  const said = faults.length > 0 ? faults : issues;
  const status = faults.length > 0 ? "False" : "True";
  return {
    type: "Accepted",
    status,
    reason: said[0]?.code ?? "Accepted",
    message: said
      .map(({ path, message }) => `${path}: ${message}`)
      .join("\n")
      .slice(0, 32_768),
    observedGeneration: ref.generation,
    lastTransitionTime:
      before?.status === status ? before.lastTransitionTime : new Date().toISOString().replace(/\.\d+Z$/, "Z"),
  };
}

function conditionOf(object: KubernetesObject): AcceptedCondition | null {
  const { status } = object as { readonly status?: { readonly conditions?: readonly AcceptedCondition[] } };
  return status?.conditions?.find(({ type }) => type === "Accepted") ?? null;
}

/** MetalLB's counters; they are 64-bit integers there, and JSON's numbers end sooner. */
function poolCounters(ledger: Ledger, pool: string): Readonly<Record<string, number>> {
  const usage = ledger.usageOf(pool);
  if (usage === null) return {};
  const whole = (count: bigint): number =>
    count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(count);
  return {
    assignedIPv4: whole(usage.IPv4.assigned),
    assignedIPv6: whole(usage.IPv6.assigned),
    availableIPv4: whole(usage.IPv4.available),
    availableIPv6: whole(usage.IPv6.available),
  };
}
