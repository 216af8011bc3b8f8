/** The path of Services. */
export const services: string = "/api/v1/namespaces/default/services";
/** The path of ConfigMaps. */
export const configMaps: string = "/api/v1/namespaces/default/configmaps";
/** The path of the custom resource. */
export const pools: string = "/apis/lab.example.com/v1/namespaces/default/pools";
/** JSON merge patch. */
export const merge: string = "application/merge-patch+json";
/** Strategic merge patch. */
export const strategic: string = "application/strategic-merge-patch+json";
/** JSON patch. */
export const json: string = "application/json-patch+json";
/** Server-side apply. */
export const apply: string = "application/apply-patch+yaml";
/** An answer as a table. */
export const table: string = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

/** A Service. */
export const service = (name: string, spec: object = {}): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
});
/** A ConfigMap. */
export const configMap = (name: string, data: object = {}, metadata: object = {}): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...metadata },
  data,
});
/** An object of the custom resource. */
export const pool = (name: string, spec: object, more: object = {}): object => ({
  apiVersion: "lab.example.com/v1",
  kind: "Pool",
  metadata: { name },
  spec,
  ...more,
});
