import type { Failure } from "../object/failure.ts";
import { arrayAt, isObject, type JsonObject, numberAt, objectAt, stringAt } from "../object/json.ts";
import { createNumberPool, type NumberPool } from "./cluster-addresses.ts";
import { refuseField } from "./service-refusal.ts";

/** Creates the pool of the ports 30000 to 32767. */
export function createNodePortPool(): NumberPool {
  return createNumberPool(30000, 32767);
}

/** The node ports that a Service holds, that of its health check among them. */
export function nodePortsOf(service: JsonObject | undefined): readonly number[] {
  const ports = arrayAt(service, "spec", "ports").map((port) => numberAt(port, "nodePort"));
  const all = [...ports, numberAt(service, "spec", "healthCheckNodePort")];
  return all.filter((port): port is number => port !== undefined && port !== 0);
}

/** Fills in the node ports of a Service, in place; `before` is the stored Service on update. */
export function allocateNodePorts(
  pool: NumberPool,
  service: JsonObject,
  before: JsonObject | undefined,
): Failure | undefined {
  return allocatePorts(pool, service, before) ?? allocateHealthCheckPort(pool, service, before);
}

/** Frees the node ports of a Service, except those that another version of it holds. */
export function releaseNodePorts(
  pool: NumberPool,
  service: JsonObject | undefined,
  except: JsonObject | undefined,
): void {
  const kept = nodePortsOf(except);
  for (const port of nodePortsOf(service)) if (!kept.includes(port)) pool.release(port);
}

function allocatePorts(pool: NumberPool, service: JsonObject, before: JsonObject | undefined): Failure | undefined {
  const spec = objectAt(service, "spec");
  const type = stringAt(spec, "type");
  const wantsPorts =
    type === "NodePort" || (type === "LoadBalancer" && spec["allocateLoadBalancerNodePorts"] !== false);
  const held = nodePortsOf(before);
  const assigned = new Map<number | undefined, number>();
  for (const [index, port] of arrayAt(spec, "ports").entries()) {
    if (!isObject(port)) continue;
    if (type === "ClusterIP" || type === "ExternalName") {
      delete port["nodePort"];
      continue;
    }
    const asked = numberAt(port, "nodePort") ?? 0;
    if (!wantsPorts && asked === 0) continue;
    const number = numberAt(port, "port");
    const reusable = asked === 0 ? previousNodePort(before, port) : asked;
    // One node port serves TCP and UDP of one port together.
    const sibling = asked === 0 ? assigned.get(number) : undefined;
    const taken = held.includes(reusable) ? reusable : (sibling ?? pool.take(asked === 0 ? undefined : asked));
    if (taken === undefined)
      return refuseField(
        service,
        `spec.ports[${String(index)}].nodePort`,
        `Invalid value: ${String(asked)}: provided port is already allocated`,
      );
    port["nodePort"] = taken;
    assigned.set(number, taken);
  }
  return undefined;
}

function previousNodePort(before: JsonObject | undefined, port: JsonObject): number {
  const previous = arrayAt(before, "spec", "ports").find(
    (other) =>
      numberAt(other, "port") === numberAt(port, "port") && stringAt(other, "protocol") === stringAt(port, "protocol"),
  );
  return numberAt(previous, "nodePort") ?? 0;
}

function allocateHealthCheckPort(
  pool: NumberPool,
  service: JsonObject,
  before: JsonObject | undefined,
): Failure | undefined {
  const spec = objectAt(service, "spec");
  if (stringAt(spec, "type") !== "LoadBalancer" || spec["externalTrafficPolicy"] !== "Local") {
    delete spec["healthCheckNodePort"];
    return undefined;
  }
  const port = numberAt(before, "spec", "healthCheckNodePort") ?? numberAt(spec, "healthCheckNodePort");
  const isHeld = port !== undefined && nodePortsOf(before).includes(port);
  const taken = isHeld ? port : pool.take(port === 0 ? undefined : port);
  if (taken === undefined)
    return refuseField(
      service,
      "spec.healthCheckNodePort",
      `Invalid value: ${String(port)}: provided port is already allocated`,
    );
  spec["healthCheckNodePort"] = taken;
  return undefined;
}
