import type { Release } from "@herald-lb/allocator";
import type { Logger } from "@herald-lb/daemon";
import type { Transport } from "@herald-lb/k8s-glue/client";
import type { OwnerReference, Service } from "@herald-lb/k8s-glue/objects";
import type { Clock } from "@herald-lb/sansio";
import { listServices } from "./list-services.ts";
import { ownPod } from "./own-pod.ts";
import { ReleaseConfigMap } from "./release-config-map.ts";

/** The parts that reading works with. */
export interface RecordedStateOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly namespace: string;
  /** The name of this controller's Pod; empty outside a Pod. */
  readonly podName: string;
  /** True as long as the term that asks may begin. */
  readonly fence: () => boolean;
  readonly log: Logger;
}

/** The state that earlier terms recorded, as the API server had it when a term began. */
export interface RecordedState {
  /** Every Service: the addresses in its status are adopted. */
  readonly services: readonly Service[];
  /** The addresses that were given back, and when. */
  readonly releases: readonly Release[];
  /** The ConfigMap that the releases were read from, and that this term writes. */
  readonly releaseConfigMap: ReleaseConfigMap;
  /** This controller's Pod; null outside a Pod. */
  readonly owner: OwnerReference | null;
}

/** Reads the recorded state, for as long as that takes; null when the fence closed meanwhile. */
export async function readRecordedState(options: RecordedStateOptions): Promise<RecordedState | null> {
  const { transport, clock, namespace, podName, fence, log } = options;
  const services = await listServices(transport, clock, fence, log);
  if (services === null || !fence()) return null;
  const releaseConfigMap = new ReleaseConfigMap({ transport, namespace, wallClock: Date.now, clock, fence, log });
  const releases = await releaseConfigMap.read();
  const owner = await ownPod(transport, namespace, podName);
  return fence() ? { services, releases, releaseConfigMap, owner } : null;
}
