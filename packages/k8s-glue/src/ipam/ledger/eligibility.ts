import type { PoolConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { NamespaceLabels, Service } from "@herald-lb/k8s-glue/objects";
import type { ClusterFacts } from "../demand/cluster-facts.ts";
import { type EligiblePools, permitsLabels, permitsNamespace, rankedPools } from "../demand/eligible-pools.ts";

/** Pools that let a namespace in, and which of them ask for labels of the Service besides. */
interface NamespacePools {
  readonly permitted: readonly PoolConfiguration[];
  readonly withServiceSelectors: readonly PoolConfiguration[];
  /** What is there for a Service whose labels none of them refuses. */
  readonly all: EligiblePools;
}

/**
 * Which pools are there for each Service, worked out once for all that are alike. The same answer is the same object, from one set of
 * facts to the next as well: that is how a change of facts is told to concern a Service or not.
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

  /** The pools for a Service. */
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
