import {
  arrayAt,
  equal,
  objectAt,
  isObject,
  type JsonObject,
  ensureObject,
  numberAt,
  stringAt,
} from "../object/json.ts";

function defaultPorts(spec: JsonObject): void {
  if (!Array.isArray(spec["ports"])) return;
  for (const port of spec["ports"]) {
    if (!isObject(port)) continue;
    port["protocol"] ??= "TCP";
    port["targetPort"] ??= numberAt(port, "port") ?? null;
  }
}

/** Defaults that the real server's decoder fills in, before any address is given: in place, also on update. */
export function defaultService(service: JsonObject): void {
  const spec = ensureObject(service, "spec");
  spec["type"] ??= "ClusterIP";
  const type = stringAt(spec, "type");
  spec["sessionAffinity"] ??= "None";
  if (spec["sessionAffinity"] === "ClientIP" && spec["sessionAffinityConfig"] === undefined)
    spec["sessionAffinityConfig"] = { clientIP: { timeoutSeconds: 10800 } };
  defaultPorts(spec);
  const external =
    type === "LoadBalancer" ||
    type === "NodePort" ||
    (Array.isArray(spec["externalIPs"]) && spec["externalIPs"].length > 0);
  if (external && spec["externalTrafficPolicy"] === undefined) spec["externalTrafficPolicy"] = "Cluster";
  if (type !== "ExternalName") spec["internalTrafficPolicy"] ??= "Cluster";
  if (type === "LoadBalancer") spec["allocateLoadBalancerNodePorts"] ??= true;
  const balancer = ensureObject(ensureObject(service, "status"), "loadBalancer");
  if (type !== "LoadBalancer" || !Array.isArray(balancer["ingress"])) return;
  for (const ingress of balancer["ingress"])
    if (isObject(ingress) && stringAt(ingress, "ip") !== "") ingress["ipMode"] ??= "VIP";
}

/** Removes what only the former type could have, unless the writer changed it: in place, on update. */
export function dropTypeDependent(service: JsonObject, before: JsonObject): void {
  const spec = ensureObject(service, "spec");
  const type = stringAt(spec, "type");
  const former = objectAt(before, "spec");
  const drop = (key: string): void => {
    if (equal(spec[key], former[key])) delete spec[key];
  };
  if (type !== "LoadBalancer") for (const key of ["allocateLoadBalancerNodePorts", "loadBalancerClass"]) drop(key);
  const external = type === "LoadBalancer" || type === "NodePort" || arrayAt(spec, "externalIPs").length > 0;
  if (!external) drop("externalTrafficPolicy");
}
