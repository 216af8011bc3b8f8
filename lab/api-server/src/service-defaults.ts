import { isObject, type JsonObject, ensureObject, numberAt, stringAt } from "./json.ts";

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
  ensureObject(ensureObject(service, "status"), "loadBalancer");
}
