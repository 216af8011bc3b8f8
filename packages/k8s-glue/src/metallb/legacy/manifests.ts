import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { stringify } from "yaml";

const header = `# Made from the old ConfigMap by "herald migrate". The ConfigMap is not needed any more
# once these objects are in the cluster.
`;

/** Objects as one file for `kubectl apply -f`. */
export function renderManifests(objects: readonly KubernetesObject[]): string {
  return (
    header +
    objects
      .map((object) => `---\n${stringify(object, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false })}`)
      .join("")
  );
}
