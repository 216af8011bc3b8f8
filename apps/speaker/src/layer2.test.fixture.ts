import type { ReportedConflict } from "@herald-lb/k8s-glue/metallb";
import type { Logger } from "@herald-lb/daemon";
import { type L2AnnouncementFacts, noAvoidedNodes } from "@herald-lb/k8s-glue/announce";
import type { Occurrence } from "@herald-lb/k8s-glue/client";
import { readConfiguration } from "@herald-lb/k8s-glue/metallb";
import type { EndpointSlice, Node, Service } from "@herald-lb/k8s-glue/objects";
import { type IpAddress, type MacAddress, parseIpAddress } from "@herald-lb/sansio";
import { createVirtualClock, type VirtualClock } from "@herald-lb/sansio/testing";
import type { Caches } from "./caches.ts";
import { Layer2 } from "./layer2.ts";
import type { FromWorker, ToWorker } from "./worker/protocol.ts";

const object = (kind: string, name: string, spec: object): object => ({
  apiVersion: "metallb.io/v1beta1",
  kind,
  metadata: { name, namespace: "metallb-system", uid: name, generation: 1 },
  spec,
});
const configurationOf = (advertisement: object) =>
  readConfiguration([
    object("IPAddressPool", "pool", { addresses: ["192.0.2.0/24", "2001:db8::/64"] }) as never,
    object("L2Advertisement", "all", advertisement) as never,
  ]);
/** The key of the Service. */
export const key = "default/web";
/** Another station. */
export const RIVAL: MacAddress = "02:00:5e:00:53:99" as MacAddress;
type L2Cause = Extract<FromWorker, { type: "Announcing" }>["cause"];

/** The cause of a first announcement. */
export const cause: L2Cause = { reason: "Started", previous: null };
/** The address of the Service. */
export const address: IpAddress = ((): IpAddress => {
  const parsed = parseIpAddress("192.0.2.1");
  if (!parsed.ok) throw new Error("address");
  return parsed.value;
})();

/** The Service with these addresses. */
export function web(ip: string, type = "LoadBalancer", ...more: string[]): Service {
  return {
    metadata: { name: "web", namespace: "default", uid: "u" },
    spec: { type },
    status: { loadBalancer: { ingress: [ip, ...more].map((each) => ({ ip: each })) } },
  };
}

interface Rival {
  readonly ip: string;
  readonly interface: string;
  readonly mac: string;
}

/** The layer-2 part, and what it said to each of its neighbours. */
export interface Bench {
  /** The conflicts for the controller, at each change. */
  readonly reported: (readonly ReportedConflict[])[];
  readonly layer2: Layer2;
  readonly clock: VirtualClock;
  readonly told: ToWorker[];
  readonly events: Occurrence[];
  readonly statuses: string[];
  readonly announced: string[];
  /** The reasons of the takeovers that were counted. */
  readonly takeovers: string[];
  /** The causes in the statuses. */
  readonly causes: L2AnnouncementFacts["cause"][];
  /** The rivals in the metric. */
  readonly rivals: string[];
  /** The clients in the metric, by address. */
  readonly clients: ReadonlyMap<string, number>;
  readonly warnings: string[];
  /** Changes the only L2Advertisement. */
  readonly advertise: (spec: object) => void;
}

/** The layer-2 part of the node n1, in a cluster of n1 and n2. */
export function bench(): Bench {
  let configuration = configurationOf({});
  const clock = createVirtualClock();
  const rivals: string[] = [];
  const clients = new Map<string, number>();
  const warnings: string[] = [];
  const told: ToWorker[] = [];
  const events: Occurrence[] = [];
  const statuses: string[] = [];
  const announced: string[] = [];
  const takeovers: string[] = [];
  const reported: (readonly ReportedConflict[])[] = [];
  const causes: L2AnnouncementFacts["cause"][] = [];
  const slices: readonly EndpointSlice[] = [{ endpoints: [{ addresses: ["10.0.0.1"], nodeName: "n1" }] }] as never;
  const nodes = new Map<string, Node>(["n1", "n2"].map((name) => [name, { metadata: { name } }]));
  const service = web("192.0.2.1");
  const caches = {
    services: { store: { get: () => service } },
    slicesOf: () => slices,
    sharersOf: () => [],
    nodesByName: () => nodes,
    reference: () => ({ apiVersion: "v1", kind: "Service", name: "web" }),
  } as unknown as Caches;
  const layer2 = new Layer2({
    node: "n1",
    clock,
    caches,
    configuration: { current: () => configuration },
    ignoreExcludeLb: false,
    avoidedNodes: noAvoidedNodes,
    loadBalancerClass: null,
    tell: (message) => void told.push(message),
    onConflicts: () => void reported.push(layer2.conflicts),
    events: { record: (occurrence) => void events.push(occurrence) },
    statuses: {
      layer2Announced: (of, { addresses, interfaces, cause, conflicts = [], ...sharing }) => {
        const shared =
          sharing.sharedBy === undefined ? "" : `, ${sharing.clients ?? "?"} of ${String(sharing.sharedBy)}`;
        const rest = conflicts.map((each) => `, ${each.address} ${each.interface} ${each.hardwareAddress}`);
        statuses.push(`${of} ${String(addresses)} on ${String(interfaces)}${rest.join("")}${shared}`);
        causes.push(cause);
      },
      layer2Ended: (of) => void statuses.push(`${of} ended`),
    },
    metrics: {
      announced: {
        set: ({ ip }: { ip: string }) => void announced.push(ip),
        remove: ({ ip }: { ip: string }) => void announced.splice(announced.indexOf(ip), 1),
      },
      takeovers: { inc: ({ reason }: { reason: string }) => void takeovers.push(reason) },
      clients: {
        set: ({ ip }: { ip: string }, count: number) => void clients.set(ip, count),
        remove: ({ ip }: { ip: string }) => void clients.delete(ip),
      },
      rivals: {
        set: ({ ip, interface: on, mac }: Rival) => void rivals.push(`${ip} ${on} ${mac}`),
        remove: ({ ip, interface: on, mac }: Rival) => void rivals.splice(rivals.indexOf(`${ip} ${on} ${mac}`), 1),
      },
    } as never,
    log: {
      info() {},
      warn: (_facts: object, message: string) => void warnings.push(message),
      debug() {},
    } as unknown as Logger,
  });
  const advertise = (spec: object): void => void (configuration = configurationOf(spec));
  return {
    advertise,
    layer2,
    clock,
    told,
    events,
    statuses,
    announced,
    takeovers,
    causes,
    reported,
    rivals,
    clients,
    warnings,
  };
}
