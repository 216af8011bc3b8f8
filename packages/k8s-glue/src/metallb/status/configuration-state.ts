import type { KubernetesObject, OwnerReference } from "@herald-lb/k8s-glue/objects";
import { type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import type { HostAddress } from "../config/host-addresses.ts";
import type { ConfigIssue } from "../config/issue.ts";
import type { ReportedConflict } from "../crd/address-conflict.ts";
import type { BgpSession } from "../crd/bgp-session.ts";
import type { ConfigurationStateStatus } from "../crd/configuration-state.ts";
import type { StatusApply } from "./config-status.ts";
import { datedConditions } from "./transition.ts";

const onlyForSpeakers: ReadonlySet<string> = new Set(["L2Advertisement", "BGPAdvertisement", "BGPPeer", "BFDProfile"]);

const GATEWAYS = "herald-lb.io/gateways";

/** The component that reports its view of the configuration. */
export type Component = { readonly type: "controller" } | { readonly type: "speaker"; readonly node: string };

/**
 * The name and labels of a component's ConfigurationState. `gateways` are the default routers of a speaker's node, which the
 * controller learns from it.
 */
export function configurationStateObject(
  component: Component,
  namespace: string,
  owner: OwnerReference | null,
  gateways: readonly IpAddress[] = [],
): KubernetesObject & { readonly metadata: { readonly name: string; readonly namespace: string } } {
  const speaker = component.type === "speaker";
  return {
    apiVersion: "metallb.io/v1beta1",
    kind: "ConfigurationState",
    metadata: {
      name: speaker ? `speaker-${component.node}` : "controller",
      namespace,
      labels: {
        "metallb.io/component-type": component.type,
        ...(speaker ? { "metallb.io/node-name": component.node } : {}),
      },
      ...(gateways.length === 0 ? {} : { annotations: { [GATEWAYS]: gateways.join(",") } }),
      ...(owner === null ? {} : { ownerReferences: [owner] }),
    },
  };
}

/** The default routers that a speaker's ConfigurationState names, with the node; empty where it names none. */
export function gatewaysOf(state: KubernetesObject): readonly HostAddress[] {
  const name = state.metadata?.labels?.["metallb.io/node-name"] ?? "";
  const texts = (state.metadata?.annotations?.[GATEWAYS] ?? "").split(",");
  return texts.flatMap((text) => {
    const address = parseIpAddress(text);
    return address.ok ? [{ address: address.value, kind: "Gateway" as const, name }] : [];
  });
}

/** The status of a component's ConfigurationState: Invalid while a part of any object has no effect. */
export function wantedConfigurationState(input: {
  readonly component: Component;
  readonly namespace: string;
  /** All issues. For the controller, only those of pools and communities count, which are all it uses. */
  readonly issues: readonly ConfigIssue[];
  /** The BGP sessions of a speaker's node; empty for the controller, and where the API server has no field for them. */
  readonly sessions?: readonly BgpSession[];
  /** The conflicts of a speaker's node, likewise. */
  readonly conflicts?: readonly ReportedConflict[];
  readonly live: KubernetesObject | null;
  /** RFC 3339 text. */
  readonly now: string;
}): StatusApply<ConfigurationStateStatus> {
  const { sessions = [], conflicts = [] } = input;
  const faults = input.issues.filter((issue) => issue.effect !== "Noted" && concerns(issue, input.component));
  const errorSummary = faults.map(textOf).join("\n");
  const condition = {
    type: input.component.type === "controller" ? "poolReconcilerValid" : "configReconcilerValid",
    status: faults.length === 0 ? ("True" as const) : ("False" as const),
    reason: faults.length === 0 ? "Reconciled" : "ConfigurationError",
    message: errorSummary.slice(0, 32_768),
  };
  const { metadata } = configurationStateObject(input.component, input.namespace, null);
  return {
    apiVersion: "metallb.io/v1beta1",
    kind: "ConfigurationState",
    metadata: { name: metadata.name, namespace: metadata.namespace },
    status: {
      result: faults.length === 0 ? "Valid" : "Invalid",
      errorSummary,
      ...(sessions.length === 0 ? {} : { bgpSessions: sessions }),
      ...(conflicts.length === 0 ? {} : { addressConflicts: conflicts }),
      conditions: datedConditions([condition], input.live, input.now),
    },
  };
}

function concerns({ object }: ConfigIssue, { type }: Component): boolean {
  return type === "speaker" || !onlyForSpeakers.has(object.kind);
}

function textOf({ object, path, message }: ConfigIssue): string {
  return `${object.kind} ${object.name}: ${path}: ${message}`;
}
