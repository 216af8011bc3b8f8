import type { Step } from "./client.ts";
import { apply, merge, service, services, strategic, table } from "./requests.ts";

/** Services: what is filled in, what is refused, their status, their table. */
export const serviceSteps: readonly Step[] = [
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
];
