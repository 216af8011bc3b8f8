/**
 * Stands in for what a cluster has besides its API server: keeps the EndpointSlices of Services that have a selector, and is kube-proxy
 * for the nodes it is told of, by loading their rules into their namespaces. Arguments: the kubeconfig, then `NODE=NAMESPACE` for
 * each node.
 */
import { spawnSync } from "node:child_process";
import { monotonicClock } from "@herald-lb/host/clock";
import {
  applyObject,
  createInformer,
  createTransport,
  createWorkQueue,
  loadCredentials,
  type ReconcileResult,
} from "@herald-lb/k8s-glue/client";
import {
  ENDPOINT_SLICES,
  type EndpointSlice,
  keyOf,
  type ObjectKey,
  objectPath,
  PODS,
  type Service,
  SERVICES,
  splitKey,
} from "@herald-lb/k8s-glue/objects";
import { instant } from "@herald-lb/sansio";
import { type BackedService, type BackingPod, endpointSlicesOf } from "./endpoints.ts";
import { type ForwardedEndpoint, type ForwardedService, forwardingRuleset } from "./forwarding.ts";

/** Changes that come together are loaded together, in milliseconds. */
const DELAY = 20;

const [kubeconfig = "", ...nodes] = process.argv.slice(2);
const clock = monotonicClock();
const credentials = await loadCredentials({ kubeconfig, env: process.env });
const transport = createTransport(credentials, { clock, random: Math.random, userAgent: "herald-lab-forwarder" });
const common = { transport, clock, random: Math.random };
const services = createInformer<BackedService>({ ...common, resource: SERVICES });
const slices = createInformer<PortedSlice>({ ...common, resource: ENDPOINT_SLICES });
const pods = createInformer<BackingPod>({ ...common, resource: PODS });
/** The slices that were applied for a Service, by its key: their names and their text. */
const applied = new Map<ObjectKey, ReadonlyMap<string, string>>();
const queue = createWorkQueue<ObjectKey>({ clock, process: keepSlices });
const loaded = new Map<string, string>();
let scheduled = false;

interface PortedSlice extends EndpointSlice {
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
}

const touch = (): void => {
  if (scheduled) return;
  scheduled = true;
  clock.wakeAt(instant(clock.now() + DELAY), load);
};
for (const informer of [services, slices]) informer.addHandler({ onAdd: touch, onUpdate: touch, onDelete: touch });
services.addHandler({ onAdd: queue.add, onUpdate: queue.add, onDelete: queue.add });
const everyService = (): void => {
  for (const service of services.store.list()) queue.add(keyOf(service));
};
pods.addHandler({ onAdd: everyService, onUpdate: everyService, onDelete: everyService });
services.start();
pods.start();
slices.start();

async function keepSlices(key: ObjectKey): Promise<ReconcileResult> {
  const service = services.store.get(key);
  const wanted = service === undefined ? [] : endpointSlicesOf(service, pods.store.list());
  const before = applied.get(key) ?? new Map<string, string>();
  const after = new Map(before);
  let failed = false;
  for (const slice of wanted) {
    const { name } = slice.metadata;
    const text = JSON.stringify(slice);
    if (before.get(name) === text) continue;
    const answer = await applyObject(transport, ENDPOINT_SLICES, { ...slice }, { fieldManager: "herald-lab" });
    if (answer.ok) after.set(name, text);
    else failed = true;
  }
  const { namespace } = splitKey(key);
  for (const name of before.keys()) {
    if (wanted.some(({ metadata }) => metadata.name === name)) continue;
    const path = objectPath(ENDPOINT_SLICES, { namespace, name });
    const answer = await transport.request({ method: "DELETE", path });
    if (answer.ok || answer.error.code === "NotFound") after.delete(name);
    else failed = true;
  }
  if (after.size > 0) applied.set(key, after);
  else applied.delete(key);
  return { type: failed ? "Retry" : "Done" };
}

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
