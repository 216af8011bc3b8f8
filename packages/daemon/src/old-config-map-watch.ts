import {
  OLD_CONFIG_KEY,
  OLD_CONFIG_MAP,
  type OldConfigMap,
  type OldConfigMapReading,
  readOldConfigMap,
} from "@herald-lb/k8s-glue/metallb";
import { CONFIG_MAPS, type ConfigMap } from "@herald-lb/k8s-glue/objects";
import type { FollowedCluster } from "./followed-cluster.ts";

/** The old ConfigMap, and the last valid configuration in it. */
export interface OldConfigMapWatch {
  /** The ConfigMap and its reading; null where there is none, or it has no configuration. */
  readonly current: () => OldConfigMap | null;
  readonly object: () => ConfigMap | undefined;
}

/** Follows the old ConfigMap in one namespace, and calls `changed` when its text changes. Without the right to read it, there is none. */
export function watchOldConfigMap(
  { follow }: Pick<FollowedCluster, "follow">,
  namespace: string,
  changed: () => void,
): OldConfigMapWatch {
  const informer = follow<ConfigMap>(CONFIG_MAPS, {
    namespace,
    fieldSelector: `metadata.name=${OLD_CONFIG_MAP}`,
    optional: true,
  });
  const object = (): ConfigMap | undefined => informer.store.get(`${namespace}/${OLD_CONFIG_MAP}`);
  let reading: OldConfigMapReading | null = null;
  const read = (configMap: ConfigMap): void => {
    reading = readOldConfigMap(textOf(configMap), reading?.effective ?? null);
    changed();
  };
  informer.addHandler({
    onAdd: (_key, configMap) => read(configMap),
    onUpdate: (_key, configMap, previous) => {
      // It has no generation: its text is compared. Another uid is another ConfigMap, without an earlier valid configuration.
      if (configMap.metadata?.uid !== previous.metadata?.uid) reading = null;
      else if (textOf(configMap) === textOf(previous)) return;
      read(configMap);
    },
    onDelete: () => {
      reading = null;
      changed();
    },
  });
  return {
    current() {
      const configMap = object();
      if (configMap === undefined || reading === null) return null;
      const isForeign = textOf(configMap) === null && reading.issues.length === 0;
      return isForeign ? null : { configMap, reading };
    },
    object,
  };
}

function textOf({ data }: ConfigMap): string | null {
  return data?.[OLD_CONFIG_KEY] ?? null;
}
