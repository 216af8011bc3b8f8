import { type Informer, isOlderVersion, type Transport } from "@herald-lb/k8s-glue/client";
import { keyOf, objectPath, type Service, SERVICES, splitKey } from "@herald-lb/k8s-glue/objects";

/** The parts that the guard works with. */
export interface StaleCacheGuardOptions {
  readonly transport: Pick<Transport, "request">;
  readonly cache: Pick<Informer<Service>["store"], "get">;
  /** The Services as the API server listed them when the term began. */
  readonly listed: readonly Service[];
  /** Aborts the question for a Service. */
  readonly signal: AbortSignal;
}

/**
 * Tells which Services the cache still shows in an older version than the one that the term adopted, or not at all. A decision on such a
 * Service would take back what is newer; it waits until the cache has caught up.
 */
export class StaleCacheGuard {
  readonly #options: Pick<StaleCacheGuardOptions, "transport" | "signal">;
  /** The adopted version of each Service that the cache has not shown yet. */
  readonly #awaited = new Map<string, string>();

  constructor({ transport, cache, listed, signal }: StaleCacheGuardOptions) {
    this.#options = { transport, signal };
    for (const service of listed) {
      const key = keyOf(service);
      const cached = cache.get(key);
      const version = versionOf(service);
      if (cached === undefined || isOlderVersion(versionOf(cached), version)) this.#awaited.set(key, version);
    }
  }

  /** The keys of the Services that the cache has not shown in their adopted version yet. */
  awaited(): readonly string[] {
    return [...this.#awaited.keys()];
  }

  /** True while the cache shows a Service in an older version than the adopted one. */
  isStale(key: string, cached: Service): boolean {
    const adopted = this.#awaited.get(key);
    if (adopted !== undefined && isOlderVersion(versionOf(cached), adopted)) return true;
    this.#awaited.delete(key);
    return false;
  }

  /** True for a Service that was adopted and that the cache has never shown since: it lags, or the Service was deleted at once. */
  isAwaited(key: string): boolean {
    return this.#awaited.has(key);
  }

  /** Asks the API server for a Service that is awaited. True when it is deleted; false while the API server has it, or cannot answer. */
  async isDeleted(key: string): Promise<boolean> {
    const { transport, signal } = this.#options;
    const path = objectPath(SERVICES, splitKey(key));
    const found = await transport.request({ method: "GET", path, signal });
    if (found.ok || found.error.code !== "NotFound") return false;
    this.#awaited.delete(key);
    return true;
  }
}

function versionOf(service: Service): string {
  return service.metadata?.resourceVersion ?? "";
}
