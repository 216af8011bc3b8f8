import { type ApiError, applyDifferent, isUndeclaredField, type Transport } from "@herald-lb/k8s-glue/client";
import {
  type BgpSession,
  type Component,
  type ConfigIssue,
  configurationStateObject,
  type ReportedConflict,
  wantedConfigurationState,
} from "@herald-lb/k8s-glue/metallb";
import {
  type KubernetesObject,
  metallbResource,
  objectPath,
  type OwnerReference,
  type Resource,
} from "@herald-lb/k8s-glue/objects";
import type { IpAddress, Result } from "@herald-lb/sansio";
import type { Logger } from "./log.ts";

/** The kind of the objects in which each component reports the issues of the configuration. */
export const CONFIGURATION_STATES: Resource = metallbResource("v1beta1", "ConfigurationState", "configurationstates");

/** The parts that a ConfigurationState is written with. */
export interface ConfigurationStateWriterOptions {
  readonly transport: Transport;
  readonly component: Component;
  readonly namespace: string;
  readonly fence: () => boolean;
  /** RFC 3339 text of the present. */
  readonly wallTime: () => string;
  /** The default routers of a speaker's node at this moment. */
  readonly gateways?: () => readonly IpAddress[];
  readonly log: Logger;
}

/** The report of a speaker's node, beside the issues. */
export interface NodeState {
  readonly sessions: readonly BgpSession[];
  readonly conflicts: readonly ReportedConflict[];
}

const emptyNodeState: NodeState = { sessions: [], conflicts: [] };

/**
 * Writes the ConfigurationState of one component: the issues that it has found in the configuration. The object is read once, and from then
 * on only differences are written.
 */
export class ConfigurationStateWriter {
  readonly #options: ConfigurationStateWriterOptions;
  #live: KubernetesObject | undefined;
  /** True once the API server has refused a report of a node: its CRD is MetalLB's. */
  #withoutReport = false;

  constructor(options: ConfigurationStateWriterOptions) {
    this.#options = options;
  }

  /**
   * Writes these issues, or that there are none, and the report of a speaker's node; false when the write has to be tried again. `owner` is the
   * component's Pod.
   */
  async write(
    issues: readonly ConfigIssue[],
    owner: OwnerReference | null,
    report: NodeState = emptyNodeState,
  ): Promise<boolean> {
    const { transport, component, namespace, wallTime, gateways, log } = this.#options;
    const object = configurationStateObject(component, namespace, owner, gateways?.());
    if (this.#live === undefined) {
      const path = objectPath(CONFIGURATION_STATES, { namespace, name: object.metadata.name });
      const found = await transport.request<KubernetesObject>({ method: "GET", path });
      if (found.ok) this.#live = found.value;
      else if (found.error.code !== "NotFound") return this.#failed(found.error);
    }
    const made = await this.#apply(object, undefined);
    if (!made.ok) {
      // Neither the object nor its kind exists: the CRDs are of an older release.
      if (made.error.code !== "NotFound") return this.#failed(made.error);
      log.debug(
        { namespace, name: object.metadata.name },
        "the API server has no kind ConfigurationState: issues are in the log and on the objects alone",
      );
      return true;
    }
    const wanted = wantedConfigurationState({
      component,
      namespace,
      issues,
      ...(this.#withoutReport ? emptyNodeState : report),
      live: this.#live ?? null,
      now: wallTime(),
    });
    const written = await this.#apply(wanted, "status");
    if (written.ok) return true;
    if (this.#withoutReport || !isUndeclaredField(written.error)) return this.#failed(written.error);
    this.#withoutReport = true;
    log.warn(
      { namespace },
      "the CRD ConfigurationState has no field status.bgpSessions or status.addressConflicts: BGPPeers do not show their sessions, nor Services the stations that have their addresses, which are in the speakers' logs and metrics; apply Herald's CRDs",
    );
    return this.write(issues, owner, report);
  }

  async #apply(wanted: KubernetesObject, subresource: "status" | undefined): Promise<Result<unknown, ApiError>> {
    const { transport, component, fence } = this.#options;
    const answer = await applyDifferent(transport, CONFIGURATION_STATES, this.#live, wanted, {
      fieldManager: `herald-${component.type}`,
      guard: fence,
      ...(subresource === undefined ? {} : { subresource }),
      exact: subresource === undefined ? [] : ["status.conditions", "status.bgpSessions", "status.addressConflicts"],
      listKeys: {
        "status.conditions": ["type"],
        "status.bgpSessions": ["peer"],
        "status.addressConflicts": ["address", "interface"],
      },
    });
    if (answer.ok) this.#live = answer.value.object;
    return answer;
  }

  #failed({ code, message }: ApiError): boolean {
    if (code === "Fenced") return true;
    // The live object is not known any more: another client may have changed or deleted it.
    this.#live = undefined;
    this.#options.log.warn({ code, error: message }, "ConfigurationState not written, trying again");
    return false;
  }
}
