import type { JsonObject } from "../object/json.ts";
import { createRegistry } from "../resource/registry.ts";
import type { ObjectWriter } from "./object-writer.ts";

/** Makes what every cluster has: four namespaces and the Service `kubernetes`. */
export function seed(writer: ObjectWriter): void {
  const registry = createRegistry([]);
  const create = (plural: string, namespace: string, object: JsonObject): void => {
    const resource = registry.find("", "v1", plural);
    if (resource !== undefined)
      writer.create(
        { resource, namespace, name: "", subresource: "", manager: "api-server", dryRun: false, strict: false },
        object,
      );
  };
  for (const name of ["default", "kube-system", "kube-public", "kube-node-lease"])
    create("namespaces", "", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  create("services", "default", {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kubernetes", labels: { component: "apiserver", provider: "kubernetes" } },
    spec: { clusterIP: "10.96.0.1", ports: [{ name: "https", port: 443, targetPort: 6443 }] },
  });
}
