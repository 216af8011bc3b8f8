import {
  arrayAt,
  isObject,
  type Json,
  type JsonObject,
  numberAt,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
} from "../object/json.ts";
import type { PrinterColumn, Resource } from "../resource/resource.ts";
import { humanDuration } from "./age.ts";
import { selectJsonPath } from "./json-path.ts";

/** A column and how its cell is found. `now` is wall time in milliseconds. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly priority: number;
  readonly cell: (object: JsonObject, now: number) => Json;
}

const column = (name: string, cell: Column["cell"], priority = 0, type = "string", format = ""): Column => ({
  name,
  type,
  format,
  priority,
  cell,
});

/** The age since a timestamp. */
export function since(timestamp: string, now: number): string {
  return timestamp === "" ? "<unknown>" : humanDuration(now - Date.parse(timestamp));
}

const name = column("Name", (object) => stringAt(object, "metadata", "name"), 0, "string", "name");
const age = column("Age", (object, now) => since(stringAt(object, "metadata", "creationTimestamp"), now));
const none = (text: string): string => (text === "" ? "<none>" : text);
const labels = (selector: JsonObject): string =>
  none(
    Object.entries(selector)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key]) => `${key}=${stringAt(selector, key)}`)
      .join(","),
  );

function externalIp(service: JsonObject): string {
  const external = stringsAt(service, "spec", "externalIPs");
  switch (stringAt(service, "spec", "type")) {
    case "LoadBalancer": {
      const ingress = arrayAt(service, "status", "loadBalancer", "ingress").map(
        (entry) => stringAt(entry, "ip") || stringAt(entry, "hostname"),
      );
      return [...ingress, ...external].filter((text) => text !== "").join(",") || "<pending>";
    }
    case "ExternalName":
      return stringAt(service, "spec", "externalName");
    default:
      return none(external.join(","));
  }
}

function servicePorts(service: JsonObject): string {
  const ports = arrayAt(service, "spec", "ports").map((port) => {
    const node = numberAt(port, "nodePort");
    return `${String(numberAt(port, "port"))}${node === undefined ? "" : `:${String(node)}`}/${stringAt(port, "protocol")}`;
  });
  return none(ports.join(","));
}

function nodeStatus(node: JsonObject): string {
  const ready = arrayAt(node, "status", "conditions").find((condition) => stringAt(condition, "type") === "Ready");
  const text = ready === undefined ? "Unknown" : stringAt(ready, "status") === "True" ? "Ready" : "NotReady";
  return valueAt(node, "spec", "unschedulable") === true ? `${text},SchedulingDisabled` : text;
}

function nodeRoles(node: JsonObject): string {
  const prefix = "node-role.kubernetes.io/";
  const roles = Object.keys(objectAt(node, "metadata", "labels")).filter((key) => key.startsWith(prefix));
  return none(
    roles
      .map((key) => key.slice(prefix.length))
      .sort()
      .join(","),
  );
}

const nodeAddress =
  (type: string) =>
  (node: JsonObject): string =>
    none(
      stringAt(
        arrayAt(node, "status", "addresses").find((address) => stringAt(address, "type") === type) ?? null,
        "address",
      ),
    );

function podReady(pod: JsonObject): string {
  const statuses = arrayAt(pod, "status", "containerStatuses");
  return `${String(statuses.filter((status) => valueAt(status, "ready") === true).length)}/${String(arrayAt(pod, "spec", "containers").length)}`;
}

const count =
  (key: string) =>
  (object: JsonObject): Json =>
    Object.keys(objectAt(object, key)).length;
const status =
  (key: string) =>
  (object: JsonObject): Json =>
    numberAt(object, "status", key) ?? 0;

function eventObject(event: JsonObject): string {
  const about = isObject(event["involvedObject"]) ? event["involvedObject"] : objectAt(event, "regarding");
  return `${stringAt(about, "kind").toLowerCase()}/${stringAt(about, "name")}`;
}

const eventColumns: readonly Column[] = [
  column("Last Seen", (event, now) =>
    since(
      stringAt(event, "series", "lastObservedTime") ||
        stringAt(event, "lastTimestamp") ||
        stringAt(event, "eventTime") ||
        stringAt(event, "metadata", "creationTimestamp"),
      now,
    ),
  ),
  column("Type", (event) => stringAt(event, "type")),
  column("Reason", (event) => stringAt(event, "reason")),
  column("Object", eventObject),
  column("Message", (event) => (stringAt(event, "message") || stringAt(event, "note")).trim()),
  { ...name, priority: 1 },
];

const builtIn: Readonly<Record<string, readonly Column[]>> = {
  Service: [
    name,
    column("Type", (service) => stringAt(service, "spec", "type")),
    column("Cluster-IP", (service) => none(stringAt(service, "spec", "clusterIP"))),
    column("External-IP", externalIp),
    column("Port(s)", servicePorts),
    age,
    column("Selector", (service) => labels(objectAt(service, "spec", "selector")), 1),
  ],
  Node: [
    name,
    column("Status", nodeStatus),
    column("Roles", nodeRoles),
    age,
    column("Version", (node) => stringAt(node, "status", "nodeInfo", "kubeletVersion")),
    column("Internal-IP", nodeAddress("InternalIP"), 1),
    column("External-IP", nodeAddress("ExternalIP"), 1),
  ],
  Pod: [
    name,
    column("Ready", podReady),
    column("Status", (pod) =>
      stringAt(pod, "metadata", "deletionTimestamp") === "" ? stringAt(pod, "status", "phase") : "Terminating",
    ),
    column("Restarts", (pod) =>
      String(
        arrayAt(pod, "status", "containerStatuses").reduce<number>(
          (sum, entry) => sum + (numberAt(entry, "restartCount") ?? 0),
          0,
        ),
      ),
    ),
    age,
    column("IP", (pod) => none(stringAt(pod, "status", "podIP")), 1),
    column("Node", (pod) => none(stringAt(pod, "spec", "nodeName")), 1),
  ],
  Namespace: [name, column("Status", (namespace) => stringAt(namespace, "status", "phase")), age],
  ConfigMap: [
    name,
    column("Data", (map) => Number(count("data")(map)) + Number(count("binaryData")(map)), 0, "integer"),
    age,
  ],
  Secret: [
    name,
    column("Type", (secret) => stringAt(secret, "type")),
    column("Data", count("data"), 0, "integer"),
    age,
  ],
  Lease: [name, column("Holder", (lease) => stringAt(lease, "spec", "holderIdentity")), age],
  EndpointSlice: [
    name,
    column("AddressType", (slice) => stringAt(slice, "addressType")),
    column(
      "Ports",
      (slice) =>
        arrayAt(slice, "ports")
          .map((port) => String(numberAt(port, "port") ?? "*"))
          .join(",") || "<unset>",
    ),
    column(
      "Endpoints",
      (slice) =>
        arrayAt(slice, "endpoints")
          .flatMap((endpoint) => stringsAt(endpoint, "addresses"))
          .join(",") || "<unset>",
    ),
    age,
  ],
  Event: eventColumns,
  Deployment: [
    name,
    column(
      "Ready",
      (object) =>
        `${String(status("readyReplicas")(object) as number)}/${String(numberAt(object, "spec", "replicas") ?? 0)}`,
    ),
    column("Up-to-date", status("updatedReplicas"), 0, "integer"),
    column("Available", status("availableReplicas"), 0, "integer"),
    age,
  ],
  DaemonSet: [
    name,
    column("Desired", status("desiredNumberScheduled"), 0, "integer"),
    column("Current", status("currentNumberScheduled"), 0, "integer"),
    column("Ready", status("numberReady"), 0, "integer"),
    column("Up-to-date", status("updatedNumberScheduled"), 0, "integer"),
    column("Available", status("numberAvailable"), 0, "integer"),
    column("Node Selector", (object) => labels(objectAt(object, "spec", "template", "spec", "nodeSelector"))),
    age,
  ],
};
const createdAt: readonly Column[] = [
  name,
  column("Created At", (object) => stringAt(object, "metadata", "creationTimestamp"), 0, "date"),
];

function customColumn(declared: PrinterColumn): Column {
  const cell = (object: JsonObject, now: number): Json => {
    const found = selectJsonPath(object, declared.jsonPath);
    const [first] = found;
    if (first === undefined) return null;
    if (declared.type === "date") return typeof first === "string" ? since(first, now) : null;
    if (declared.type === "string")
      return typeof first === "string" && found.length === 1
        ? first
        : found.map((item) => (typeof item === "string" ? item : JSON.stringify(item))).join(",");
    return first;
  };
  return column(declared.name, cell, declared.priority ?? 0, declared.type, declared.format ?? "");
}

/** The columns of a resource's table. */
export function columnsFor(resource: Resource): readonly Column[] {
  if (resource.custom !== undefined)
    return [name, ...(resource.custom.columns.length === 0 ? [age] : resource.custom.columns.map(customColumn))];
  if (["CustomResourceDefinition", "ClusterRole", "Role"].includes(resource.kind)) return createdAt;
  return builtIn[resource.kind] ?? [name, age];
}
