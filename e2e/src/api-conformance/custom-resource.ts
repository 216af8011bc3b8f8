import type { Step } from "./client.ts";
import { pools } from "./requests.ts";

const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "pools.lab.example.com" },
  spec: {
    group: "lab.example.com",
    scope: "Namespaced",
    names: { kind: "Pool", plural: "pools", shortNames: ["pl"] },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [{ name: "Auto", type: "boolean", jsonPath: ".spec.autoAssign" }],
        schema: {
          openAPIV3Schema: {
            type: "object",
            required: ["spec"],
            properties: {
              spec: {
                type: "object",
                required: ["addresses"],
                properties: {
                  addresses: { type: "array", items: { type: "string" }, minItems: 1 },
                  autoAssign: { type: "boolean", default: true },
                  mode: { type: "string", enum: ["a", "b"] },
                  priority: { type: "integer", minimum: 0, maximum: 10 },
                  rules: {
                    type: "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    items: {
                      type: "object",
                      required: ["name"],
                      properties: { name: { type: "string" }, value: { type: "string" } },
                    },
                  },
                },
              },
              status: { type: "object", properties: { used: { type: "integer" } } },
            },
          },
        },
      },
    ],
  },
};

/** The definition's own requests, made before the others: it takes the real server a moment to serve it. */
export const installStep: Step = {
  name: "install a CRD",
  method: "POST",
  path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
  body: definition,
};

/** Tells that the definition is served. */
export const installedStep: Step = { name: "custom resources are served", method: "GET", path: pools };
