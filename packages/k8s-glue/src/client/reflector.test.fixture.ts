import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { instant } from "@herald-lb/sansio";
import { defaultReflectorConfig, type ReflectorEvent, type ReflectorState } from "./reflector-state.ts";
import { createReflector, stoppedReflector } from "./reflector.ts";

/** The state of a reflector of objects. */
export type State = ReflectorState<KubernetesObject>;
/** An event of a reflector of objects. */
export type Event = ReflectorEvent<KubernetesObject>;

/** A reflector whose pauses are without chance. */
export const reflector: ReturnType<typeof createReflector<KubernetesObject>> = createReflector<KubernetesObject>({
  ...defaultReflectorConfig,
  jitter: () => 0.5,
});

/** An object of a version. */
export function object(name: string, resourceVersion: string): KubernetesObject {
  return { metadata: { name, resourceVersion } };
}

/** Every named state, and the variants that matter. */
export const states: Readonly<Record<string, () => State>> = {
  Stopped: () => stoppedReflector(),
  Listing: () => ({ name: "Listing", sequence: 1, failures: 0, request: 1, pages: [], paged: true }),
  ListingOn: () => ({
    name: "Listing",
    sequence: 1,
    failures: 2,
    request: 1,
    pages: [[object("a", "1")]],
    paged: true,
  }),
  Watching: () => ({
    name: "Watching",
    sequence: 1,
    failures: 3,
    request: 1,
    resourceVersion: "10",
    openedAt: instant(0),
    accepted: false,
    stallTimer: instant(90_000),
  }),
  WatchingInSilence: () => ({
    name: "Watching",
    sequence: 1,
    failures: 3,
    request: 1,
    resourceVersion: "10",
    openedAt: instant(0),
    accepted: true,
    stallTimer: instant(90_000),
  }),
  Probing: () => ({ name: "Probing", sequence: 1, failures: 2, request: 1, resourceVersion: "10" }),
  WaitingToList: () => ({
    name: "Waiting",
    sequence: 1,
    failures: 2,
    backoffTimer: instant(500),
    resourceVersion: null,
  }),
  WaitingToWatch: () => ({
    name: "Waiting",
    sequence: 1,
    failures: 2,
    backoffTimer: instant(500),
    resourceVersion: "10",
  }),
};
