import { CONFIGURATION_STATES, type Logger, PacedSignal } from "@herald-lb/daemon";
import {
  createInformer,
  createTransform,
  identityFields,
  type Informer,
  type Transport,
} from "@herald-lb/k8s-glue/client";
import {
  type ConflictsByAddress,
  addressConflictsOf,
  bgpSessionsOf,
  gatewaysOf,
  type HostAddress,
  ownPrefix,
  reportedConflictsOf,
  type SessionNode,
  type SpeakerSessions,
  speakerSessionsOf,
} from "@herald-lb/k8s-glue/metallb";
import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { type Clock, deepEqual } from "@herald-lb/sansio";

/** The pauses between looks at sessions that keep changing: hundreds of speakers that start together are one or two writes. */
const SESSION_PAUSES = { shortest: 2_000, longest: 5_000 };

/** The pauses between looks at conflicts that keep changing. */
const CONFLICT_PAUSES = { shortest: 1_000, longest: 5_000 };

/** The parts that the watch works with. */
export interface SpeakerStateWatchOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly namespace: string;
  /** Called when the default routers of a node have changed, also by the first list. */
  readonly onGateways: () => void;
  /** Called when `sessions` gives others than before: soon after the first change, then at a bounded rate. */
  readonly onSessions: () => void;
  /** Called when the addresses that other stations have, or the stations, may be others than before: likewise. */
  readonly onConflicts: () => void;
  readonly log: Logger;
}

/**
 * Follows the ConfigurationStates of the speakers: the default routers of their nodes, their BGP sessions, and the stations that have addresses of Services. A cluster without the
 * rights or the kind is served as well, and has neither.
 */
export class SpeakerStateWatch {
  readonly #states: Informer<KubernetesObject>;
  /** The sessions as they were when they were first asked for after the last signal; null after a signal. */
  #sessions: SpeakerSessions | null = null;

  constructor({ transport, clock, namespace, onGateways, onSessions, onConflicts, log }: SpeakerStateWatchOptions) {
    this.#states = createInformer<KubernetesObject>({
      transport,
      clock,
      random: Math.random,
      resource: CONFIGURATION_STATES,
      namespace,
      transform: stateTransform,
      onFailure: (failure) => log.debug({ resource: "configurationstates", failure }, "not followed"),
    });
    const signal = new PacedSignal(
      clock,
      () => {
        this.#sessions = null;
        onSessions();
      },
      SESSION_PAUSES,
    );
    const conflicts = new PacedSignal(clock, onConflicts, CONFLICT_PAUSES);
    const appeared = (state: KubernetesObject): void => {
      if (gatewaysOf(state).length > 0) onGateways();
      if (reportedConflictsOf(state).length > 0) conflicts.touch();
      signal.touch();
    };
    this.#states.addHandler({
      onAdd: (_key, state) => appeared(state),
      onDelete: (_key, state) => appeared(state),
      onUpdate: (_key, now, before) => {
        if (!deepEqual(gatewaysOf(now), gatewaysOf(before))) onGateways();
        if (!deepEqual(bgpSessionsOf(now), bgpSessionsOf(before))) signal.touch();
        if (!deepEqual(reportedConflictsOf(now), reportedConflictsOf(before))) conflicts.touch();
      },
    });
  }

  /** Begins to follow. */
  start(): void {
    this.#states.start();
  }

  /** The default routers of the nodes at this moment. */
  gateways(): readonly HostAddress[] {
    return this.#states.store.list().flatMap(gatewaysOf);
  }

  /** The addresses that other stations have, by the reports of these Nodes. */
  conflicts(nodes: readonly SessionNode[]): ConflictsByAddress {
    return addressConflictsOf(this.#states.store.list(), nodes);
  }

  /** The reported sessions. They stay the same between two calls of `onSessions`, so that a write for another reason shows no half of a burst. */
  sessions(): SpeakerSessions {
    return (this.#sessions ??= speakerSessionsOf(this.#states.store.list()));
  }
}

/** Keeps labels, annotations, sessions and conflicts of a state: the controller reads nothing else. */
function stateTransform(state: KubernetesObject): KubernetesObject {
  return {
    ...stateFields(state),
    status: { bgpSessions: bgpSessionsOf(state), addressConflicts: reportedConflictsOf(state) },
  } as KubernetesObject;
}

const stateFields = createTransform<KubernetesObject>(
  {
    apiVersion: "Dropped",
    kind: "Dropped",
    metadata: { ...identityFields, labels: "Kept", annotations: "Kept" },
  },
  { annotations: [ownPrefix] },
);
