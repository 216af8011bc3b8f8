import { arrayAt, ensureObject, isObject, type Json, type JsonObject, objectAt, stringAt } from "../object/json.ts";
import type { Resource } from "../resource/resource.ts";
import { defaultService } from "./service-defaults.ts";

function secretData(secret: JsonObject): void {
  secret["type"] ??= "Opaque";
  const plain = secret["stringData"];
  if (!isObject(plain)) return;
  const data = ensureObject(secret, "data");
  for (const key of Object.keys(plain)) data[key] = Buffer.from(stringAt(plain, key)).toString("base64");
  delete secret["stringData"];
}

function defaultDefinition(definition: JsonObject): void {
  const spec = ensureObject(definition, "spec");
  const names = ensureObject(spec, "names");
  const kind = stringAt(names, "kind");
  names["listKind"] ??= `${kind}List`;
  names["singular"] ??= kind.toLowerCase();
  spec["conversion"] ??= { strategy: "None" };
}

/** Defaults of built-in kinds, as the real decoder fills them in; in place. */
export function defaultBuiltIn(resource: Resource, object: JsonObject): void {
  switch (resource.kind) {
    case "Service":
      defaultService(object);
      break;
    case "Secret":
      secretData(object);
      break;
    case "CustomResourceDefinition":
      defaultDefinition(object);
      break;
    case "Namespace":
      ensureObject(object, "spec")["finalizers"] ??= ["kubernetes"];
      ensureObject(object, "status")["phase"] ??= "Active";
      ensureObject(ensureObject(object, "metadata"), "labels")["kubernetes.io/metadata.name"] = stringAt(
        object,
        "metadata",
        "name",
      );
      break;
    case "Pod":
      ensureObject(object, "spec")["terminationGracePeriodSeconds"] ??= 30;
      ensureObject(object, "status")["phase"] ??= "Pending";
      break;
    case "EndpointSlice":
      for (const port of arrayAt(object, "ports")) if (isObject(port)) port["protocol"] ??= "TCP";
      break;
    case "Deployment":
      ensureObject(object, "spec")["replicas"] ??= 1;
      break;
    default:
  }
}

/** The status of a CustomResourceDefinition that is established at once. */
export function establishedStatus(definition: JsonObject, now: string): JsonObject {
  const condition = (type: string, reason: string, message: string): Json => ({
    type,
    status: "True",
    lastTransitionTime: now,
    reason,
    message,
  });
  const stored =
    arrayAt(definition, "spec", "versions").find((version) => isObject(version) && version["storage"] === true) ?? null;
  return {
    conditions: [
      condition("NamesAccepted", "NoConflicts", "no conflicts found"),
      condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    ],
    acceptedNames: objectAt(definition, "spec", "names"),
    storedVersions: [stringAt(stored, "name")],
  };
}

/** Adds the fields that the real server's admission and encoder add to a new Node, in place. */
export function admitNode(node: JsonObject): void {
  const notReady: JsonObject = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };
  const spec = ensureObject(node, "spec");
  const taints = arrayAt(spec, "taints");
  if (!taints.some((taint) => stringAt(taint, "key") === notReady["key"])) spec["taints"] = [...taints, notReady];
  const status = ensureObject(node, "status");
  status["daemonEndpoints"] ??= { kubeletEndpoint: { Port: 0 } };
  const info = ensureObject(status, "nodeInfo");
  const facts = [
    "machineID",
    "systemUUID",
    "bootID",
    "kernelVersion",
    "osImage",
    "containerRuntimeVersion",
    "kubeletVersion",
    "kubeProxyVersion",
    "operatingSystem",
    "architecture",
  ];
  for (const fact of facts) info[fact] ??= "";
}
