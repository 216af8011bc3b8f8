import type { Informer } from "@herald-lb/k8s-glue/client";
import {
  type Configuration,
  type HostAddresses,
  noHostAddresses,
  OLD_CONFIG_MAP,
  readConfiguration,
  readConfigurationWith,
} from "@herald-lb/k8s-glue/metallb";
import { type KubernetesObject, metallbResource, type Resource } from "@herald-lb/k8s-glue/objects";
import { deepEqual } from "@herald-lb/sansio";
import type { FollowedCluster } from "./followed-cluster.ts";
import { watchOldConfigMap } from "./old-config-map-watch.ts";

/** The kinds of `metallb.io` that configure Herald, in their storage versions. */
export const CONFIGURATION_KINDS: readonly Resource[] = [
  metallbResource("v1beta1", "IPAddressPool", "ipaddresspools"),
  metallbResource("v1beta1", "L2Advertisement", "l2advertisements"),
  metallbResource("v1beta2", "BGPPeer", "bgppeers"),
  metallbResource("v1beta1", "BGPAdvertisement", "bgpadvertisements"),
  metallbResource("v1beta1", "BFDProfile", "bfdprofiles"),
  metallbResource("v1beta1", "Community", "communities"),
];

/** The configuration, as the caches have it. */
export interface ConfigurationWatch {
  /** The configuration at this moment: read again after a change, the same value in between. */
  readonly current: () => Configuration;
  /** The live object of a kind and name; also the old ConfigMap. */
  readonly object: (kind: string, name: string) => KubernetesObject | undefined;
  /** Makes `current` read again: the addresses of hosts have changed. */
  readonly refresh: () => void;
  /** Calls `changed` after every change, also for each object of the first lists. */
  readonly onChange: (changed: () => void) => void;
}

/**
 * Follows every configuration kind in one namespace, and the old ConfigMap beside them. `hostAddresses` are the addresses that pools are
 * compared with; none when left out.
 */
export function watchConfiguration(
  { follow }: Pick<FollowedCluster, "follow">,
  namespace: string,
  { hostAddresses = () => noHostAddresses }: { readonly hostAddresses?: () => HostAddresses } = {},
): ConfigurationWatch {
  const informers: ReadonlyMap<string, Informer<KubernetesObject>> = new Map(
    CONFIGURATION_KINDS.map((resource) => [resource.kind, follow<KubernetesObject>(resource, { namespace })]),
  );
  const listeners: (() => void)[] = [];
  let cached: Configuration | null = null;
  const touch = (): void => {
    cached = null;
    for (const listener of listeners) listener();
  };
  const oldConfigMap = watchOldConfigMap({ follow }, namespace, touch);
  for (const informer of informers.values()) {
    informer.addHandler({
      onAdd: touch,
      onDelete: touch,
      // Our own conditions and counters come back as updates: they change no configuration.
      onUpdate: (_key, object, previous) => {
        if (!deepEqual(partOf(object), partOf(previous))) touch();
      },
    });
  }
  return {
    current() {
      if (cached !== null) return cached;
      const objects = [...informers.values()].flatMap(({ store }) => store.list());
      const old = oldConfigMap.current();
      cached =
        old === null
          ? readConfiguration(objects, hostAddresses())
          : readConfigurationWith(objects, old, hostAddresses());
      return cached;
    },
    object: (kind, name) =>
      kind === "ConfigMap" && name === OLD_CONFIG_MAP
        ? oldConfigMap.object()
        : informers.get(kind)?.store.get(`${namespace}/${name}`),
    refresh() {
      cached = null;
    },
    onChange: (changed) => void listeners.push(changed),
  };
}

/** The uid, the generation, which counts changes of the spec, and the labels of an object: nothing else can change the configuration. */
function partOf({ metadata }: KubernetesObject): readonly unknown[] {
  return [metadata?.uid, metadata?.generation, metadata?.labels ?? {}];
}
