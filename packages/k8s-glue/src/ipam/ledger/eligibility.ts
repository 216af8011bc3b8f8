import type { PoolConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { NamespaceLabels, Service } from "@herald-lb/k8s-glue/objects";
import type { ClusterFacts } from "../demand/cluster-facts.ts";
import { type EligiblePools, permitsLabels, permitsNamespace, rankedPools } from "../demand/eligible-pools.ts";

/** The pools that admit a namespace, and those of them that select Services by labels. */
interface NamespacePools {
  readonly permitted: readonly PoolConfiguration[];
  readonly withServiceSelectors: readonly PoolConfiguration[];
  /** The pools that a Service may use. */
  readonly all: EligiblePools;
}

/**
 * The pools that each Service may use, computed once for Services that are alike. Equal answers are the same object, also after a
 * change of facts: so a changed answer is found by identity.
 */
export class Eligibility {
  readonly #pools: readonly PoolConfiguration[];
  readonly #namespaces: NamespaceLabels;
  readonly #spread: boolean;
  readonly #byNamespace = new Map<string, NamespacePools>();
  readonly #byChoice = new Map<string, EligiblePools>();
  readonly #byContent = new Map<string, EligiblePools>();
  readonly #before: ReadonlyMap<string, EligiblePools>;

  constructor({ configuration, namespaces }: ClusterFacts, spread: boolean, before: Eligibility | null) {
    this.#pools = configuration.pools;
    this.#namespaces = namespaces;
    this.#spread = spread;
    this.#before = before === null ? new Map() : before.#byContent;
  }

  /** The pools that a Service may use. */
  of(service: Service): EligiblePools {
    const namespace = service.metadata?.namespace ?? "";
    const pools = this.#poolsOf(namespace);
    const labels = service.metadata?.labels ?? {};
    const closed = new Set(pools.withServiceSelectors.filter(({ allocation }) => !permitsLabels(allocation, labels)));
    if (closed.size === 0) return pools.all;
    const choice = JSON.stringify([namespace, [...closed].map(({ pool }) => pool.name)]);
    const known = this.#byChoice.get(choice);
    if (known !== undefined) return known;
    const left = pools.permitted.filter((pool) => !closed.has(pool));
    const made = this.#same(rankedPools(left, namespace, this.#namespaces, this.#spread));
    this.#byChoice.set(choice, made);
    return made;
  }

  #poolsOf(namespace: string): NamespacePools {
    const known = this.#byNamespace.get(namespace);
    if (known !== undefined) return known;
    const permitted = this.#pools.filter(({ allocation }) => permitsNamespace(allocation, namespace, this.#namespaces));
    const withServiceSelectors = permitted.filter(({ allocation }) => (allocation?.serviceSelectors.length ?? 0) > 0);
    const all = this.#same(rankedPools(permitted, namespace, this.#namespaces, this.#spread));
    const made = { permitted, withServiceSelectors, all };
    this.#byNamespace.set(namespace, made);
    return made;
  }

  #same(pools: EligiblePools): EligiblePools {
    const content = JSON.stringify(pools);
    const one = this.#byContent.get(content) ?? this.#before.get(content) ?? pools;
    this.#byContent.set(content, one);
    return one;
  }
}
