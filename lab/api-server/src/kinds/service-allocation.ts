import { clusterIpOf, createNumberPool, familyOfAddress, type NumberPool, offsetOf } from "./cluster-addresses.ts";
import { type Cause, type Failure, invalid } from "../object/failure.ts";
import {
  arrayAt,
  isObject,
  type JsonObject,
  numberAt,
  objectAt,
  stringAt,
  stringsAt,
  valueAt,
} from "../object/json.ts";

type Family = "IPv4" | "IPv6";

/** Gives Services their cluster IPs and node ports, and takes them back. */
export interface ServiceAllocator {
  /** Fills in what the Service wants and does not have, in place; `before` is the stored Service on update. */
  allocate: (service: JsonObject, before: JsonObject | undefined) => Failure | undefined;
  /** Takes back all that a Service holds. */
  release: (service: JsonObject) => void;
}

function wantedFamilies(spec: JsonObject, before: JsonObject | undefined): readonly Family[] {
  const policy = stringAt(spec, "ipFamilyPolicy");
  const named = stringsAt(spec, "ipFamilies") as Family[];
  const given = stringsAt(spec, "clusterIPs")
    .filter((ip) => ip !== "None")
    .map(familyOfAddress);
  const families: Family[] = named.length > 0 ? named : given.length > 0 ? given : ["IPv4"];
  const dual =
    policy === "PreferDualStack" || policy === "RequireDualStack" || (policy === "" && families.length === 2);
  if (!dual)
    return policy === "SingleStack" && before !== undefined ? families.slice(0, 1) : families.slice(0, dual ? 2 : 1);
  return families.length === 2 ? families : [families[0] ?? "IPv4", families[0] === "IPv6" ? "IPv4" : "IPv6"];
}

const portsHeld = (service: JsonObject | undefined): readonly number[] =>
  [
    ...arrayAt(service, "spec", "ports").map((port) => numberAt(port, "nodePort")),
    numberAt(service, "spec", "healthCheckNodePort"),
  ].filter((port) => port !== undefined && port !== 0) as number[];
const addressesHeld = (service: JsonObject | undefined): readonly string[] =>
  stringsAt(service, "spec", "clusterIPs").filter((ip) => ip !== "None" && ip !== "");

/** Over 10.96.0.0/16, fd00:10:96::/112 and ports 30000 to 32767. */
export function createServiceAllocator(): ServiceAllocator {
  const addresses: Record<Family, NumberPool> = { IPv4: createNumberPool(1, 65534), IPv6: createNumberPool(1, 65535) };
  const nodePorts = createNumberPool(30000, 32767);
  const giveBack = (service: JsonObject | undefined, except?: JsonObject): void => {
    const keptIps = addressesHeld(except);
    const keptPorts = portsHeld(except);
    for (const ip of addressesHeld(service))
      if (!keptIps.includes(ip)) addresses[familyOfAddress(ip)].release(offsetOf(ip) ?? 0);
    for (const port of portsHeld(service)) if (!keptPorts.includes(port)) nodePorts.release(port);
  };
  const refuse = (service: JsonObject, field: string, message: string): Failure => {
    const causes: readonly Cause[] = [{ reason: "FieldValueInvalid", message, field }];
    return invalid("", "Service", stringAt(service, "metadata", "name"), causes);
  };

  function allocateAddresses(service: JsonObject, before: JsonObject | undefined): Failure | undefined {
    const spec = objectAt(service, "spec");
    const asked = stringsAt(spec, "clusterIPs")[0] ?? stringAt(spec, "clusterIP");
    if (stringAt(spec, "type") === "ExternalName") {
      for (const key of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"]) delete spec[key];
      return undefined;
    }
    const families = wantedFamilies(spec, before);
    spec["ipFamilyPolicy"] ??= families.length === 2 ? "RequireDualStack" : "SingleStack";
    if (asked === "None" && valueAt(spec, "selector") === undefined && spec["ipFamilies"] === undefined)
      spec["ipFamilyPolicy"] = "RequireDualStack";
    spec["ipFamilies"] =
      asked === "None" && spec["ipFamilyPolicy"] === "RequireDualStack" && families.length === 1
        ? ["IPv4", "IPv6"]
        : [...families];
    if (asked === "None") {
      spec["clusterIP"] = "None";
      spec["clusterIPs"] = ["None"];
      return undefined;
    }
    const held = addressesHeld(before);
    const wanted =
      stringsAt(spec, "clusterIPs").length > 0 ? stringsAt(spec, "clusterIPs") : [stringAt(spec, "clusterIP")];
    const given: string[] = [];
    for (const [index, family] of families.entries()) {
      const ip = wanted[index] ?? "";
      if (ip !== "" && held.includes(ip)) {
        given.push(ip);
        continue;
      }
      const offset = addresses[family].take(ip === "" ? undefined : (offsetOf(ip) ?? -1));
      if (offset === undefined)
        return refuse(
          service,
          "spec.clusterIPs",
          `Invalid value: ${JSON.stringify(wanted)}: failed to allocate IP ${ip}: provided IP is already allocated or not in the valid range`,
        );
      given.push(clusterIpOf(family, offset));
    }
    spec["clusterIP"] = given[0] ?? "";
    spec["clusterIPs"] = given;
    return undefined;
  }

  function allocatePorts(service: JsonObject, before: JsonObject | undefined): Failure | undefined {
    const spec = objectAt(service, "spec");
    const type = stringAt(spec, "type");
    const wants = type === "NodePort" || (type === "LoadBalancer" && spec["allocateLoadBalancerNodePorts"] !== false);
    const held = portsHeld(before);
    const assigned = new Map<string, number>();
    for (const [index, port] of arrayAt(spec, "ports").entries()) {
      if (!isObject(port)) continue;
      const asked = numberAt(port, "nodePort") ?? 0;
      if (type === "ClusterIP" || type === "ExternalName") {
        delete port["nodePort"];
        continue;
      }
      const number = String(numberAt(port, "port"));
      // One node port serves TCP and UDP of one port together.
      const sibling = assigned.get(number);
      const previous = arrayAt(before, "spec", "ports").find(
        (other) =>
          numberAt(other, "port") === numberAt(port, "port") &&
          stringAt(other, "protocol") === stringAt(port, "protocol"),
      );
      const reusable = asked === 0 ? (numberAt(previous, "nodePort") ?? 0) : asked;
      if (!wants && asked === 0) continue;
      const taken =
        reusable !== 0 && held.includes(reusable)
          ? reusable
          : asked === 0 && sibling !== undefined
            ? sibling
            : nodePorts.take(asked === 0 ? undefined : asked);
      if (taken === undefined)
        return refuse(
          service,
          `spec.ports[${String(index)}].nodePort`,
          `Invalid value: ${String(asked)}: provided port is already allocated`,
        );
      port["nodePort"] = taken;
      assigned.set(number, taken);
    }
    if (type === "LoadBalancer" && spec["externalTrafficPolicy"] === "Local") {
      const port = numberAt(before, "spec", "healthCheckNodePort") ?? numberAt(spec, "healthCheckNodePort");
      const taken = port !== undefined && held.includes(port) ? port : nodePorts.take(port === 0 ? undefined : port);
      if (taken === undefined)
        return refuse(
          service,
          "spec.healthCheckNodePort",
          `Invalid value: ${String(port)}: provided port is already allocated`,
        );
      spec["healthCheckNodePort"] = taken;
    } else delete spec["healthCheckNodePort"];
    return undefined;
  }

  return {
    allocate: (service, before) => {
      const failure = allocateAddresses(service, before) ?? allocatePorts(service, before);
      if (failure === undefined) giveBack(before, service);
      else giveBack(service, before);
      return failure;
    },
    release: (service) => {
      giveBack(service);
    },
  };
}
