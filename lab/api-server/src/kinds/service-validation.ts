import { isIP } from "node:net";
import type { Cause } from "../object/failure.ts";
import { arrayAt, type JsonObject, numberAt, objectAt, stringAt, stringsAt, valueAt } from "../object/json.ts";

const invalidValue = (field: string, value: unknown, why: string): Cause => ({
  reason: "FieldValueInvalid",
  message: `Invalid value: ${JSON.stringify(value)}: ${why}`,
  field,
});
const unsupported = (field: string, value: string, allowed: readonly string[]): Cause => ({
  reason: "FieldValueNotSupported",
  message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${allowed.map((item) => JSON.stringify(item)).join(", ")}`,
  field,
});
const required = (field: string): Cause => ({ reason: "FieldValueRequired", message: "Required value", field });

function oneOf(spec: JsonObject, key: string, allowed: readonly string[]): readonly Cause[] {
  const value = stringAt(spec, key);
  return value === "" || allowed.includes(value) ? [] : [unsupported(`spec.${key}`, value, allowed)];
}

function portCauses(spec: JsonObject): readonly Cause[] {
  const ports = arrayAt(spec, "ports");
  const type = stringAt(spec, "type");
  if (ports.length === 0 && type !== "ExternalName" && stringAt(spec, "clusterIP") !== "None")
    return [required("spec.ports")];
  const seen = new Set<string>();
  return ports.flatMap((port, index) => {
    const at = `spec.ports[${String(index)}]`;
    const causes: Cause[] = [];
    if (ports.length > 1 && stringAt(port, "name") === "") causes.push(required(`${at}.name`));
    for (const key of ["port", "targetPort"] as const) {
      const number = numberAt(port, key);
      if (number !== undefined && (number < 1 || number > 65535))
        causes.push(invalidValue(`${at}.${key}`, number, "must be between 1 and 65535, inclusive"));
    }
    const protocol = stringAt(port, "protocol");
    if (!["TCP", "UDP", "SCTP"].includes(protocol))
      causes.push(unsupported(`${at}.protocol`, protocol, ["SCTP", "TCP", "UDP"]));
    const identity = `${protocol}/${String(numberAt(port, "port"))}`;
    if (seen.has(identity))
      causes.push({
        reason: "FieldValueDuplicate",
        message: `Duplicate value: ${JSON.stringify({ protocol, port: numberAt(port, "port") })}`,
        field: at,
      });
    seen.add(identity);
    return causes;
  });
}

/** Validates a Service: the checks that the users of a load balancer meet, not all of the real server's. */
export function validateService(service: JsonObject, before: JsonObject | undefined): readonly Cause[] {
  const spec = objectAt(service, "spec");
  const causes: Cause[] = [...portCauses(spec)];
  causes.push(...oneOf(spec, "type", ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]));
  causes.push(...oneOf(spec, "externalTrafficPolicy", ["Cluster", "Local"]));
  causes.push(...oneOf(spec, "sessionAffinity", ["ClientIP", "None"]));
  causes.push(...oneOf(spec, "ipFamilyPolicy", ["SingleStack", "PreferDualStack", "RequireDualStack"]));
  const oldClass = valueAt(before, "spec", "loadBalancerClass");
  if (oldClass !== undefined && stringAt(spec, "type") === "LoadBalancer" && spec["loadBalancerClass"] !== oldClass) {
    causes.push(invalidValue("spec.loadBalancerClass", spec["loadBalancerClass"] ?? null, "may not change once set"));
  }
  if (spec["loadBalancerClass"] !== undefined && stringAt(spec, "type") !== "LoadBalancer") {
    causes.push({
      reason: "FieldValueForbidden",
      message: "Forbidden: may only be used when `type` is 'LoadBalancer'",
      field: "spec.loadBalancerClass",
    });
  }
  const oldIp = stringAt(before, "spec", "clusterIP");
  if (
    oldIp !== "" &&
    stringAt(spec, "type") !== "ExternalName" &&
    stringAt(before, "spec", "type") !== "ExternalName" &&
    stringAt(spec, "clusterIP") !== oldIp
  ) {
    causes.push(invalidValue("spec.clusterIPs[0]", stringsAt(spec, "clusterIPs"), "may not change once set"));
  }
  arrayAt(service, "status", "loadBalancer", "ingress").forEach((ingress, index) => {
    const ip = stringAt(ingress, "ip");
    if (ip !== "" && isIP(ip) === 0)
      causes.push(
        invalidValue(
          `status.loadBalancer.ingress[${String(index)}].ip`,
          ip,
          "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
        ),
      );
  });
  return causes;
}
