import { createInformer, type Informer, type InformerOptions, type Transport } from "@herald-lb/k8s-glue/client";
import type { KubernetesObject, Resource } from "@herald-lb/k8s-glue/objects";
import type { Clock } from "@herald-lb/sansio";
import type { HealthCheck } from "./http.ts";
import type { Logger } from "./log.ts";

/** The caches of a daemon. All are complete before it begins its work, and the checks of readiness name those that are not. */
export interface FollowedCluster {
  /** Makes a cache of one kind; nothing is asked before `start`. */
  readonly follow: <T extends KubernetesObject>(
    resource: Resource,
    options?: Pick<
      Partial<InformerOptions<T>>,
      "namespace" | "labelSelector" | "fieldSelector" | "indexers" | "transform"
    > & {
      /** True for objects that the daemon can do without: if the API server forbids to list them, there are none. */
      readonly optional?: boolean;
    },
  ) => Informer<T>;
  /** Starts every cache and resolves when all are complete, or forbidden and optional, even if the API server is away for long. */
  readonly start: () => Promise<void>;
  /** The checks of readiness: every cache is complete, and every cache is followed. */
  readonly healthChecks: readonly HealthCheck[];
}

/** Creates the set of a daemon's caches. A failure of one is logged; the cache tries again by itself. */
export function followCluster(transport: Transport, clock: Clock, log: Logger): FollowedCluster {
  const informers = new Map<string, Pick<Informer<never>, "hasSynced" | "whenSynced" | "isHealthy" | "start">>();
  /** The optional caches, each with the promise that it is forbidden. */
  const optionals = new Map<string, PromiseWithResolvers<void>>();
  const refused = new Set<string>();
  const namesOf = (wanted: (informer: Pick<Informer<never>, "hasSynced" | "isHealthy">) => boolean): string =>
    [...informers].flatMap(([name, informer]) => (!refused.has(name) && wanted(informer) ? [name] : [])).join(", ");
  const cannot = (what: string, names: string): string | null => (names === "" ? null : `${what}: ${names}`);
  return {
    follow(resource, { optional = false, ...options } = {}) {
      const informer = createInformer({
        transport,
        clock,
        random: Math.random,
        resource,
        ...options,
        onFailure: (failure, error, delay) => {
          const isRefused = optional && error?.code === "Forbidden";
          if (isRefused) {
            refused.add(resource.plural);
            optionals.get(resource.plural)?.resolve();
          }
          const facts = {
            resource: resource.plural,
            failure,
            code: error?.code,
            error: error?.message,
            retryIn: delay,
          };
          log[error === null || isRefused ? "debug" : "warn"](
            facts,
            "list or watch failed, trying again; the cache keeps its last state meanwhile",
          );
        },
      });
      informers.set(resource.plural, informer);
      if (optional) optionals.set(resource.plural, Promise.withResolvers());
      return informer;
    },
    async start() {
      for (const informer of informers.values()) informer.start();
      const settled = [...informers].map(([name, informer]) => {
        const forgone = optionals.get(name)?.promise;
        return forgone === undefined ? informer.whenSynced() : Promise.race([informer.whenSynced(), forgone]);
      });
      await Promise.all(settled);
    },
    healthChecks: [
      {
        name: "caches",
        failure: () =>
          cannot(
            "not listed yet",
            namesOf((informer) => !informer.hasSynced()),
          ),
      },
      {
        name: "API server",
        failure: () =>
          cannot(
            "cannot follow",
            namesOf((informer) => !informer.isHealthy()),
          ),
      },
    ],
  };
}
