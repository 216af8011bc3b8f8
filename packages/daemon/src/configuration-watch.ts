import type { Clock } from "@herald-lb/sansio";
import { type Configuration, type KubernetesObject, readConfiguration } from "@herald-lb/k8s-glue";
import {
  createInformer,
  type Informer,
  metallbResource,
  type Resource,
  type Transport,
} from "@herald-lb/k8s-glue/client";

/** The kinds of `metallb.io` that say how Herald is configured, in the versions that are stored. */
export const CONFIGURATION_KINDS: readonly Resource[] = [
  metallbResource("v1beta1", "IPAddressPool", "ipaddresspools"),
  metallbResource("v1beta1", "L2Advertisement", "l2advertisements"),
  metallbResource("v1beta2", "BGPPeer", "bgppeers"),
  metallbResource("v1beta1", "BGPAdvertisement", "bgpadvertisements"),
  metallbResource("v1beta1", "BFDProfile", "bfdprofiles"),
  metallbResource("v1beta1", "Community", "communities"),
];

/** The configuration as the API server has it now. */
export interface ConfigurationWatch {
  /** Read anew after a change, the same value in between. */
  readonly current: () => Configuration;
  /** The live object of a kind, by its name. */
  readonly object: (kind: string, name: string) => KubernetesObject | undefined;
  readonly informers: readonly Informer<KubernetesObject>[];
  /** Calls `changed` on every change after the first lists; several changes may come as one call each. */
  readonly onChange: (changed: () => void) => void;
}

/** Follows every configuration kind in one namespace. */
export function watchConfiguration(transport: Transport, clock: Clock, namespace: string): ConfigurationWatch {
  const informers = CONFIGURATION_KINDS.map((resource) =>
    createInformer<KubernetesObject>({ transport, clock, random: Math.random, resource, namespace }),
  );
  const listeners: (() => void)[] = [];
  let cached: Configuration | null = null;
  const touch = (): void => {
    cached = null;
    for (const listener of listeners) listener();
  };
  for (const informer of informers) {
    informer.addHandler({
      onAdd: touch,
      onDelete: touch,
      // Our own conditions and counters come back as updates: they change no configuration.
      onUpdate: (_key, object, previous) => {
        if (object.metadata?.generation !== previous.metadata?.generation || labelsDiffer(object, previous)) touch();
      },
    });
  }
  return {
    informers,
    current() {
      cached ??= readConfiguration(informers.flatMap((informer, index) => withKind(informer.store.list(), index)));
      return cached;
    },
    object(kind, name) {
      const index = CONFIGURATION_KINDS.findIndex((resource) => resource.kind === kind);
      return informers[index]?.store.get(`${namespace}/${name}`);
    },
    onChange: (changed) => void listeners.push(changed),
  };
}

/** Items of a list come without their kind. */
function withKind(objects: readonly KubernetesObject[], index: number): readonly KubernetesObject[] {
  const resource = CONFIGURATION_KINDS[index] as Resource;
  const apiVersion = `${resource.group}/${resource.version}`;
  return objects.map((object) => ({ ...object, apiVersion, kind: resource.kind }));
}

function labelsDiffer(a: KubernetesObject, b: KubernetesObject): boolean {
  return JSON.stringify(a.metadata?.labels ?? {}) !== JSON.stringify(b.metadata?.labels ?? {});
}
