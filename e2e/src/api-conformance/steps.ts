import type { Step } from "./client.ts";

const services = "/api/v1/namespaces/default/services";
const configMaps = "/api/v1/namespaces/default/configmaps";
const pools = "/apis/lab.example.com/v1/namespaces/default/pools";
const merge = "application/merge-patch+json";
const strategic = "application/strategic-merge-patch+json";
const json = "application/json-patch+json";
const apply = "application/apply-patch+yaml";
const table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

const service = (name: string, spec: object = {}): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { ports: [{ port: 80 }], ...spec },
});
const configMap = (name: string, data: object = {}, metadata: object = {}): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...metadata },
  data,
});
const pool = (name: string, spec: object, more: object = {}): object => ({
  apiVersion: "lab.example.com/v1",
  kind: "Pool",
  metadata: { name },
  spec,
  ...more,
});

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

/** Every request, in order; each may rely on those before it. */
export const steps: readonly Step[] = [
  {
    name: "create a ConfigMap",
    method: "POST",
    path: `${configMaps}?fieldManager=t`,
    body: configMap("a", { x: "1" }, { labels: { app: "a" } }),
  },
  { name: "create it again", method: "POST", path: configMaps, body: configMap("a") },
  { name: "get what is not there", method: "GET", path: `${configMaps}/none` },
  {
    name: "create in a namespace that is not there",
    method: "POST",
    path: "/api/v1/namespaces/none/configmaps",
    body: configMap("a"),
  },
  { name: "a version to watch from", method: "GET", path: configMaps, remember: true },
  {
    name: "merge patch",
    method: "PATCH",
    path: `${configMaps}/a?fieldManager=t`,
    type: merge,
    body: { data: { y: "2" } },
  },
  {
    name: "merge patch of a field away",
    method: "PATCH",
    path: `${configMaps}/a?fieldManager=u`,
    type: merge,
    body: { data: { x: null, z: "3" } },
  },
  {
    name: "json patch",
    method: "PATCH",
    path: `${configMaps}/a?fieldManager=t`,
    type: json,
    body: [{ op: "add", path: "/data/w", value: "4" }],
  },
  {
    name: "update with a stale version",
    method: "PUT",
    path: `${configMaps}/a`,
    body: configMap("a", {}, { resourceVersion: "1" }),
  },
  { name: "update under another name", method: "PUT", path: `${configMaps}/a`, body: configMap("b") },
  { name: "patch what is not there", method: "PATCH", path: `${configMaps}/none`, type: merge, body: {} },
  {
    name: "a patch type that is not known",
    method: "PATCH",
    path: `${configMaps}/a`,
    type: "application/x-unknown",
    body: {},
  },
  {
    name: "dry run creates nothing",
    method: "POST",
    path: `${configMaps}?dryRun=All&fieldManager=t`,
    body: configMap("dry", { a: "b" }),
  },
  { name: "dry run left nothing", method: "GET", path: `${configMaps}/dry` },
  {
    name: "apply creates",
    method: "PATCH",
    path: `${configMaps}/s?fieldManager=one`,
    type: apply,
    body: configMap("s", { a: "1", b: "2" }),
  },
  {
    name: "apply by another conflicts",
    method: "PATCH",
    path: `${configMaps}/s?fieldManager=two`,
    type: apply,
    body: configMap("s", { a: "9" }),
  },
  {
    name: "apply by another with force",
    method: "PATCH",
    path: `${configMaps}/s?fieldManager=two&force=true`,
    type: apply,
    body: configMap("s", { a: "9" }),
  },
  {
    name: "apply without a field removes it",
    method: "PATCH",
    path: `${configMaps}/s?fieldManager=one`,
    type: apply,
    body: configMap("s", {}),
  },
  {
    name: "a label comes",
    method: "PATCH",
    path: `${configMaps}/s?fieldManager=t`,
    type: merge,
    body: { metadata: { labels: { seen: "1" } } },
  },
  {
    name: "a label changes",
    method: "PATCH",
    path: `${configMaps}/s?fieldManager=t`,
    type: merge,
    body: { metadata: { labels: { seen: "2" } } },
  },
  {
    name: "a label goes",
    method: "PATCH",
    path: `${configMaps}/s?fieldManager=t`,
    type: merge,
    body: { metadata: { labels: null } },
  },
  {
    name: "a Lease",
    method: "POST",
    path: "/apis/coordination.k8s.io/v1/namespaces/default/leases?fieldManager=t",
    body: {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "l" },
      spec: { holderIdentity: "me", leaseDurationSeconds: 15 },
    },
  },
  {
    name: "an Event of events.k8s.io",
    method: "POST",
    path: "/apis/events.k8s.io/v1/namespaces/default/events?fieldManager=t",
    body: {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name: "e" },
      eventTime: "2026-01-01T00:00:00.000000Z",
      reportingController: "c",
      reportingInstance: "i",
      action: "A",
      reason: "R",
      type: "Normal",
      note: "n",
      regarding: { kind: "Service", name: "lb", namespace: "default", apiVersion: "v1" },
    },
  },
  { name: "the same Event of core", method: "GET", path: "/api/v1/namespaces/default/events/e" },
  {
    name: "an EndpointSlice",
    method: "POST",
    path: "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?fieldManager=t",
    body: {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: { name: "s", labels: { "kubernetes.io/service-name": "lb" } },
      addressType: "IPv4",
      endpoints: [{ addresses: ["192.0.2.1"], conditions: { ready: true } }],
      ports: [{ name: "", port: 80 }],
    },
  },
  {
    name: "a Node",
    method: "POST",
    path: "/api/v1/nodes?fieldManager=t",
    body: { apiVersion: "v1", kind: "Node", metadata: { name: "n", labels: { a: "b" } } },
  },
  {
    name: "a Node's condition",
    method: "PATCH",
    path: "/api/v1/nodes/n/status?fieldManager=t",
    type: strategic,
    body: {
      status: {
        conditions: [
          {
            type: "Ready",
            status: "True",
            reason: "R",
            message: "m",
            lastHeartbeatTime: "2026-01-01T00:00:00Z",
            lastTransitionTime: "2026-01-01T00:00:00Z",
          },
        ],
        addresses: [{ type: "InternalIP", address: "192.0.2.1" }],
      },
    },
  },
  {
    name: "a Secret of plain strings",
    method: "POST",
    path: "/api/v1/namespaces/default/secrets?fieldManager=t",
    body: { apiVersion: "v1", kind: "Secret", metadata: { name: "s" }, stringData: { a: "b" } },
  },
  { name: "list by label", method: "GET", path: `${configMaps}?labelSelector=app%3Da` },
  { name: "list by a set of labels", method: "GET", path: `${configMaps}?labelSelector=app%20in%20(a,b)` },
  { name: "list by name", method: "GET", path: `${configMaps}?fieldSelector=metadata.name%3Ds` },
  { name: "first page", method: "GET", path: `${configMaps}?limit=1` },
  { name: "a ClusterIP Service", method: "POST", path: `${services}?fieldManager=t`, body: service("plain") },
  {
    name: "a LoadBalancer Service",
    method: "POST",
    path: `${services}?fieldManager=t`,
    body: service("lb", { type: "LoadBalancer", selector: { app: "a" } }),
  },
  {
    name: "policy Local gets a health check port",
    method: "POST",
    path: `${services}?fieldManager=t`,
    body: service("local", { type: "LoadBalancer", externalTrafficPolicy: "Local" }),
  },
  {
    name: "without node ports",
    method: "POST",
    path: `${services}?fieldManager=t`,
    body: service("bare", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false }),
  },
  {
    name: "both families",
    method: "POST",
    path: `${services}?fieldManager=t`,
    body: service("dual", { type: "LoadBalancer", ipFamilyPolicy: "PreferDualStack" }),
  },
  {
    name: "IPv6 alone",
    method: "POST",
    path: `${services}?fieldManager=t`,
    body: service("six", { ipFamilies: ["IPv6"] }),
  },
  {
    name: "headless",
    method: "POST",
    path: `${services}?fieldManager=t`,
    body: service("headless", { clusterIP: "None", selector: { app: "a" } }),
  },
  {
    name: "headless without a selector",
    method: "POST",
    path: `${services}?fieldManager=t`,
    body: service("headless2", { clusterIP: "None" }),
  },
  { name: "a port out of range", method: "POST", path: services, body: service("bad", { ports: [{ port: 70000 }] }) },
  {
    name: "ports without names",
    method: "POST",
    path: services,
    body: service("bad", { ports: [{ port: 80 }, { port: 81 }] }),
  },
  { name: "no ports", method: "POST", path: services, body: service("bad", { ports: [] }) },
  { name: "a type that is none", method: "POST", path: services, body: service("bad", { type: "Balancer" }) },
  {
    name: "a status by its subresource",
    method: "PATCH",
    path: `${services}/lb/status?fieldManager=c`,
    type: merge,
    body: { status: { loadBalancer: { ingress: [{ ip: "192.0.2.9" }] } } },
  },
  {
    name: "a status by apply",
    method: "PATCH",
    path: `${services}/local/status?fieldManager=c&force=true`,
    type: apply,
    body: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "local" },
      status: { loadBalancer: { ingress: [{ ip: "192.0.2.10", ipMode: "VIP" }] } },
    },
  },
  {
    name: "a condition by apply",
    method: "PATCH",
    path: `${services}/local/status?fieldManager=d`,
    type: apply,
    body: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "local" },
      status: {
        conditions: [
          { type: "Ready", status: "True", reason: "Given", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" },
        ],
      },
    },
  },
  {
    name: "a status is not written beside the spec",
    method: "PATCH",
    path: `${services}/lb?fieldManager=t`,
    type: merge,
    body: { status: { loadBalancer: { ingress: [] } } },
  },
  {
    name: "a strategic patch adds a port",
    method: "PATCH",
    path: `${services}/lb?fieldManager=t`,
    type: strategic,
    body: {
      spec: {
        ports: [
          { port: 80, name: "http" },
          { port: 443, name: "https" },
        ],
      },
    },
  },
  {
    name: "a strategic patch removes a port",
    method: "PATCH",
    path: `${services}/lb?fieldManager=t`,
    type: strategic,
    body: { spec: { ports: [{ $patch: "delete", port: 443 }] } },
  },
  {
    name: "the type changes to ClusterIP",
    method: "PATCH",
    path: `${services}/bare?fieldManager=t`,
    type: merge,
    body: { spec: { type: "ClusterIP" } },
  },
  {
    name: "an annotation",
    method: "PATCH",
    path: `${services}/plain?fieldManager=t`,
    type: merge,
    body: { metadata: { annotations: { a: "b" } } },
  },
  { name: "the table of Services", method: "GET", path: `${services}?includeObject=None`, accept: table },
  { name: "delete a Service", method: "DELETE", path: `${services}/six` },
  { name: "delete it again", method: "DELETE", path: `${services}/six` },
  {
    name: "delete with another uid",
    method: "DELETE",
    path: `${services}/plain`,
    body: { kind: "DeleteOptions", apiVersion: "v1", preconditions: { resourceVersion: "1" } },
  },
  {
    name: "a custom resource gets defaults and loses unknown fields",
    method: "POST",
    path: `${pools}?fieldManager=t`,
    body: pool("p", { addresses: ["192.0.2.0/24"], other: 1 }, { status: { used: 3 } }),
  },
  {
    name: "strict validation names the unknown field",
    method: "POST",
    path: `${pools}?fieldValidation=Strict`,
    body: pool("q", { addresses: ["192.0.2.0/24"], other: 1 }),
  },
  { name: "a required field", method: "POST", path: pools, body: pool("q", {}) },
  { name: "too few items", method: "POST", path: pools, body: pool("q", { addresses: [] }) },
  { name: "a wrong type", method: "POST", path: pools, body: pool("q", { addresses: ["x"], autoAssign: "yes" }) },
  {
    name: "a value that is not in the enum",
    method: "POST",
    path: pools,
    body: pool("q", { addresses: ["x"], mode: "c" }),
  },
  { name: "a number out of range", method: "POST", path: pools, body: pool("q", { addresses: ["x"], priority: 11 }) },
  {
    name: "a duplicate in a keyed list",
    method: "POST",
    path: pools,
    body: pool("q", { addresses: ["x"], rules: [{ name: "r" }, { name: "r" }] }),
  },
  {
    name: "the spec changes: generation 2",
    method: "PATCH",
    path: `${pools}/p?fieldManager=t`,
    type: merge,
    body: { spec: { priority: 5 } },
  },
  {
    name: "a label: still generation 2",
    method: "PATCH",
    path: `${pools}/p?fieldManager=t`,
    type: merge,
    body: { metadata: { labels: { l: "m" } } },
  },
  {
    name: "the status: still generation 2",
    method: "PATCH",
    path: `${pools}/p/status?fieldManager=c`,
    type: merge,
    body: { status: { used: 7 }, spec: { priority: 6 } },
  },
  {
    name: "apply to a keyed list",
    method: "PATCH",
    path: `${pools}/p?fieldManager=r`,
    type: apply,
    body: pool("p", { rules: [{ name: "one", value: "1" }] }),
  },
  {
    name: "another applies another item",
    method: "PATCH",
    path: `${pools}/p?fieldManager=s`,
    type: apply,
    body: pool("p", { rules: [{ name: "two", value: "2" }] }),
  },
  {
    name: "the first gives its item up",
    method: "PATCH",
    path: `${pools}/p?fieldManager=r`,
    type: apply,
    body: pool("p", { rules: [] }),
  },
  { name: "no strategic patch for custom resources", method: "PATCH", path: `${pools}/p`, type: strategic, body: {} },
  { name: "the table of custom resources", method: "GET", path: `${pools}?includeObject=None`, accept: table },
  {
    name: "a finalizer",
    method: "PATCH",
    path: `${pools}/p?fieldManager=t`,
    type: merge,
    body: { metadata: { finalizers: ["lab.example.com/f"] } },
  },
  { name: "delete waits for it", method: "DELETE", path: `${pools}/p` },
  {
    name: "the last finalizer goes",
    method: "PATCH",
    path: `${pools}/p?fieldManager=t`,
    type: merge,
    body: { metadata: { finalizers: null } },
  },
  { name: "and the object with it", method: "GET", path: `${pools}/p` },
  { name: "delete a ConfigMap", method: "DELETE", path: `${configMaps}/a` },
  {
    name: "what a watch saw of one object",
    method: "GET",
    path: `${configMaps}?watch=1&timeoutSeconds=1&resourceVersion={version}&fieldSelector=metadata.name%3Da`,
  },
  {
    name: "an object enters and leaves a selector's view",
    method: "GET",
    path: `${configMaps}?watch=1&timeoutSeconds=1&resourceVersion={version}&labelSelector=seen`,
  },
  {
    name: "a watch without a version begins with what is there",
    method: "GET",
    path: `${configMaps}?watch=1&timeoutSeconds=1`,
  },
  { name: "a resource that is none", method: "GET", path: "/api/v1/nothings" },
  {
    name: "a watch from a version that is gone",
    method: "GET",
    path: `${configMaps}?watch=1&resourceVersion=1&timeoutSeconds=1&fieldSelector=metadata.name%3Da`,
  },
];
