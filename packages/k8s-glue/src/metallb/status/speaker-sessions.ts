import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import type { BgpSession } from "../crd/bgp-session.ts";

/** The sessions that the speakers of a cluster report, by the name of the Node. A Node without an entry has no report. */
export type SpeakerSessions = ReadonlyMap<string, readonly BgpSession[]>;

/** The sessions in the ConfigurationStates of speakers. An object that is not as Herald writes it counts as no report. */
export function speakerSessionsOf(states: readonly KubernetesObject[]): SpeakerSessions {
  const sessions = new Map<string, readonly BgpSession[]>();
  for (const state of states) {
    const node = state.metadata?.labels?.["metallb.io/node-name"];
    if (node !== undefined) sessions.set(node, bgpSessionsOf(state));
  }
  return sessions;
}

/** The sessions in one ConfigurationState; empty where it has none. */
export function bgpSessionsOf(state: KubernetesObject): readonly BgpSession[] {
  const { status } = state as { readonly status?: { readonly bgpSessions?: unknown } };
  const sessions: unknown = status?.bgpSessions;
  return Array.isArray(sessions) ? sessions.filter(isSession) : [];
}

function isSession(value: unknown): value is BgpSession {
  const { peer, state } = (value ?? {}) as Partial<Readonly<Record<keyof BgpSession, unknown>>>;
  return typeof peer === "string" && typeof state === "string";
}
