/**
 * Stands in for kube-proxy where there is none: follows Services and EndpointSlices, and loads the rules of every node into the node's
 * namespace. Arguments: the kubeconfig, then `NODE=NAMESPACE` for each node.
 */
import { spawnSync } from "node:child_process";
import { monotonicClock } from "@herald-lb/host/clock";
import type { EndpointSlice, Service } from "@herald-lb/k8s-glue";
import {
  createInformer,
  createTransport,
  ENDPOINT_SLICES,
  keyOf,
  loadCredentials,
  SERVICES,
} from "@herald-lb/k8s-glue/client";
import { instant } from "@herald-lb/sansio";
import { type ForwardedEndpoint, type ForwardedService, forwardingRuleset } from "./forwarding.ts";

/** Changes that come together are loaded together, in milliseconds. */
const SETTLE = 20;

const [kubeconfig = "", ...nodes] = process.argv.slice(2);
const clock = monotonicClock();
const credentials = await loadCredentials({ kubeconfig, env: process.env });
const transport = createTransport(credentials, { clock, random: Math.random, userAgent: "herald-lab-forwarder" });
const common = { transport, clock, random: Math.random };
const services = createInformer<Service>({ ...common, resource: SERVICES });
const slices = createInformer<PortedSlice>({ ...common, resource: ENDPOINT_SLICES });
const loaded = new Map<string, string>();
let scheduled = false;

interface PortedSlice extends EndpointSlice {
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
}

const touch = (): void => {
  if (scheduled) return;
  scheduled = true;
  clock.wakeAt(instant(clock.now() + SETTLE), load);
};
for (const informer of [services, slices]) informer.addHandler({ onAdd: touch, onUpdate: touch, onDelete: touch });
services.start();
slices.start();

function load(): void {
  scheduled = false;
  const forwarded = services.store.list().flatMap((service) => {
    const known = toForwarded(service);
    return known === null ? [] : [{ service: known, endpoints: endpointsOf(keyOf(service)) }];
  });
  for (const entry of nodes) {
    const [node = "", namespace = ""] = entry.split("=");
    const ruleset = forwardingRuleset(node, forwarded);
    if (loaded.get(node) === ruleset) continue;
    const { status, stderr } = spawnSync("ip", ["netns", "exec", namespace, "nft", "-f", "-"], {
      input: ruleset,
      encoding: "utf8",
    });
    if (status === 0) loaded.set(node, ruleset);
    else process.stderr.write(`nft on ${node}: ${stderr}\n`);
  }
}

function toForwarded(service: Service): ForwardedService | null {
  const addresses = (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
  if (addresses.length === 0) return null;
  return {
    namespace: service.metadata?.namespace ?? "",
    name: service.metadata?.name ?? "",
    externalTrafficPolicy: service.spec?.externalTrafficPolicy === "Local" ? "Local" : "Cluster",
    addresses,
    ports: (service.spec?.ports ?? []).map(({ name = "", protocol = "TCP", port }) => ({ name, protocol, port })),
  };
}

function endpointsOf(service: string): readonly ForwardedEndpoint[] {
  return slices.store
    .list()
    .filter(
      ({ metadata }) =>
        `${metadata?.namespace ?? ""}/${metadata?.labels?.["kubernetes.io/service-name"] ?? ""}` === service,
    )
    .flatMap(({ endpoints, ports }) =>
      (endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap(({ addresses = [], nodeName = "" }) =>
          addresses.map((address) => ({
            address,
            node: nodeName,
            ports: (ports ?? []).map(({ name = "", port = 0 }) => ({ name, port })),
          })),
        ),
    );
}
