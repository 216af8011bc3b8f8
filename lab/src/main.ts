/** `npm run lab`: Herald's main job before the reader's eyes, on this machine alone. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { Listr, type ListrTask } from "listr2";
import { Cluster } from "./cluster.ts";
import { openDoorway } from "./doorway.ts";
import { startEmbeddedApiServer } from "./embedded-api-server.ts";
import type { Frr } from "./frr.ts";
import { kubectlPath } from "./kubectl.ts";
import { type Daemons, startDaemons, startRouter } from "./lab.ts";
import { removeStale } from "./namespace.ts";
import { measureOutage, neighbourOf } from "./outage.ts";
import { startRealApiServer } from "./real-api-server.ts";
import { Scope } from "./scope.ts";
import { sayPlainly, showCursor } from "./terminal.ts";
import { buildTopology, type LabHost, type Topology } from "./topology.ts";
import { until } from "./until.ts";

const ROOT: string = resolve(import.meta.dirname, "../..");
const MANIFESTS: string = join(ROOT, "lab/manifests");

const { values } = parseArgs({
  options: {
    keep: { type: "boolean", default: false },
    "api-server": { type: "string", default: "embedded" },
    assets: { type: "string", default: "" },
  },
});

/** The parts that the steps hand on to each other; each step sets the part that it makes. */
interface Made {
  topology: Topology;
  cluster: Cluster;
  router: Frr;
  daemons: Daemons;
}

const began = performance.now();
const scope = new Scope();
const made: Partial<Made> = {};
let leaving = false;
/** Says a line at the step that runs, which owns the terminal while it does. */
let tell: (line: string) => void = sayPlainly;

// A second Ctrl-C changes nothing: what was begun is taken down to the end.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)
  process.on(signal, () => void leave(code));
// A terminal that closed, or a pipe that nobody reads any more.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => void leave(1));
process.on("uncaughtException", (error) => fail(error));
process.on("unhandledRejection", (error) => fail(error));

const steps: readonly ListrTask[] = [
  step("network: a segment with three nodes and a client, a router, a client behind it", async (say) => {
    const removed = await removeStale();
    if (removed.length > 0)
      say(`removed what a lab that was killed left behind: ${removed.length} namespaces and folders`);
    made.topology = await buildTopology(scope);
  }),
  step(`API server (${values["api-server"]}), CRDs, rights, nodes`, async () => {
    const topology = the("topology");
    const kubeconfig = await startApiServer(topology.apiServer);
    made.cluster = new Cluster(scope, topology, { kubeconfig, kubectl: kubectlPath() });
    await the("cluster").install();
  }),
  step("router: FRR, waiting for the nodes", async () => {
    made.router = await startRouter(scope, the("topology"));
  }),
  step("pods: a web server behind each node, and what kube-proxy would forward", async () => {
    await the("cluster").startWorkload({ app: "web" });
    const real = values["api-server"] === "real";
    if (real) the("cluster").startKubeProxy(join(values.assets, "kube-proxy"));
    the("cluster").startForwarder(real ? [] : the("topology").nodes);
  }),
  step("Herald: the controller, and a speaker on each node", async () => {
    made.daemons = await startDaemons(the("cluster"));
  }),
  step("kubectl apply -f lab/manifests: pools, advertisements, peers, two Services", async (say) => {
    const cluster = the("cluster");
    await cluster.apply(readFileSync(join(MANIFESTS, "pools.yaml"), "utf8"));
    const watch = cluster.watchServices();
    await until("kubectl get svc -w", () => watch.output() !== "");
    let said = 0;
    const sayNew = (): void => {
      const lines = watch.output().split("\n").slice(0, -1);
      for (const line of lines.slice(said)) if (line.startsWith("web")) say(line.replace(/ +/g, "  "));
      said = lines.length;
    };
    await cluster.apply(readFileSync(join(MANIFESTS, "services.yaml"), "utf8"));
    const applied = performance.now();
    for (const name of ["web", "web-routed"]) {
      await until(`addresses of ${name}`, async () => (sayNew(), (await addressesOf(name)).length === 2), {
        everyMs: 20,
      });
    }
    const took = sinceMs(applied);
    await until(
      "kubectl get svc -w to show the addresses",
      () => (sayNew(), (watch.output().match(/::.* /g)?.length ?? 0) >= 2),
    );
    await watch.stop();
    say(`both Services have their addresses ${took} after the apply`);
  }),
  step("the client on the segment: ARP, Neighbor Discovery, HTTP", async (say) => {
    const { client } = the("topology");
    await showAnswers(client, "web", say);
    for (const address of await addressesOf("web"))
      say(`ip neigh: ${(await client.namespace.ip("neigh", "show", address)).trim()} (${await announcerOf(address)})`);
    await showAnnouncement("web", say);
  }),
  step("the client behind the router: routes by BGP, HTTP", async (say) => {
    const { farClient, router, nodes } = the("topology");
    await showAnswers(farClient, "web-routed", say);
    for (const address of await addressesOf("web-routed")) {
      const hops = await until(`routes to ${address} by every node`, async () => {
        const route = await router.namespace.ip(address.includes(":") ? "-6" : "-4", "route", "show", address);
        const found = [...route.matchAll(/ via (?:inet6 )?(\S+)/g)].map(([, hop = ""]) => hop);
        return found.length >= nodes.length ? found : null;
      });
      say(`router: ${address} proto bgp via ${hops.toSorted().join(", ")}`);
    }
  }),
  step("the node that announces loses all its links", async (say) => {
    const { client, nodes, segment } = the("topology");
    const [address = ""] = await addressesOf("web");
    const before = await announcerOf(address);
    const node = nodes.find(({ name }) => name === before);
    if (node === undefined) throw new Error(`no node announces: ${before}`);
    const outage = measureOutage(scope, client.namespace, `http://${address}/`);
    await segment.ip("link", "set", `p-${node.name}`, "down");
    const heir = await until("another node to announce", async () => {
      const now = await neighbourOf(client.namespace, address);
      return now !== null && now !== node.mac ? (nodes.find(({ mac }) => mac === now) ?? null) : null;
    });
    await until("an answer", () => client.namespace.run("curl", ["-s", "-m", "1", `http://${address}/`]));
    const { lostMs } = await outage.stop();
    await segment.ip("link", "set", `p-${node.name}`, "up");
    say(`${before} lost its links, ${heir.name} took over: the client went ${lostMs} ms without an answer`);
  }),
];

try {
  await new Listr([...steps], {
    concurrent: false,
    renderer: process.stdout.isTTY ? "default" : "simple",
    // Its own handler would end the process before anything is taken down.
    registerSignalListeners: false,
    rendererOptions: { collapseSubtasks: false },
  }).run();
  tell = sayPlainly;
  process.stdout.write(`\n${await the("cluster").kubectl(["get", "svc"])}\nthe lab took ${sinceMs(began)}\n`);
  if (values.keep) await keepOpen();
  await leave(0);
} catch (error) {
  tell = sayPlainly;
  fail(error);
}

function step(title: string, body: (say: (line: string) => void) => Promise<void>): ListrTask {
  return {
    title,
    task: async (_context, task) => {
      const started = performance.now();
      tell = (line) => {
        task.output = line;
      };
      try {
        await body(tell);
      } catch (error) {
        // What the end of the lab cut short is no failure of the step.
        if (leaving) await new Promise(() => {});
        throw error;
      }
      task.title = `${title} (${sinceMs(started)})`;
    },
    rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
  };
}

function the<Key extends keyof Made>(key: Key): Made[Key] {
  const value = made[key];
  if (value === undefined) throw new Error(`${key} is not there yet`);
  return value;
}

async function startApiServer(host: LabHost): Promise<string> {
  if (values["api-server"] === "embedded") return startEmbeddedApiServer(scope, host);
  const server = await startRealApiServer(scope, {
    assets: values.assets,
    bind: host.ipv4,
    namespace: host.namespace.name,
  });
  return server.kubeconfig;
}

async function addressesOf(service: string): Promise<readonly string[]> {
  const text = await the("cluster").kubectl([
    "get",
    "svc",
    service,
    "-o",
    "jsonpath={.status.loadBalancer.ingress[*].ip}",
  ]);
  return text.split(" ").filter((address) => address !== "");
}

async function showAnswers(host: LabHost, service: string, say: (line: string) => void): Promise<void> {
  for (const address of await addressesOf(service)) {
    const url = `http://${address.includes(":") ? `[${address}]` : address}/`;
    const asked = performance.now();
    let attempts = 0;
    const curl = ["-s", "-g", "-m", "1", "-w", "%{time_total}", url];
    const printed = await until(`an answer of ${url}`, () => (attempts++, host.namespace.run("curl", curl)), {
      everyMs: 20,
    });
    const [answer = "", seconds = ""] = printed.split("\n");
    const waited = attempts === 1 ? "" : `, at the attempt number ${attempts} (${sinceMs(asked)})`;
    say(`${url} answered in ${(Number(seconds) * 1000).toFixed(1)} ms${waited}: ${answer}`);
  }
}

/** Shows the announcement of a Service as every user of the API can see it. */
async function showAnnouncement(service: string, say: (line: string) => void): Promise<void> {
  const ofService = ["-l", `metallb.io/service-name=${service}`, "-n", "metallb-system"];
  const status = await until("a ServiceL2Status", async () => {
    const columns = "jsonpath={range .items[*]}{.metadata.name} says {.status.node}{end}";
    return (await the("cluster").kubectl(["get", "servicel2statuses", ...ofService, "-o", columns])) || null;
  });
  say(`kubectl get servicel2statuses: ${status}`);
  const chosen = `involvedObject.name=${service},reason=nodeAssigned`;
  const event = await until("an Event", async () => {
    const columns = "jsonpath={.items[0].message}";
    return (await the("cluster").kubectl(["get", "events", `--field-selector=${chosen}`, "-o", columns])) || null;
  });
  say(`kubectl get events: ${event}`);
}

/** The node whose hardware address the client on the segment has for an address. */
async function announcerOf(address: string): Promise<string> {
  const { client, nodes } = the("topology");
  const mac = await neighbourOf(client.namespace, address);
  return nodes.find((node) => node.mac === mac)?.name ?? `nobody (${mac ?? "no entry"})`;
}

function sinceMs(start: number): string {
  const ms = performance.now() - start;
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

async function keepOpen(): Promise<void> {
  const { topology, kubeconfig } = the("cluster");
  const outside = await openDoorway(scope, topology.apiServer, 6443, kubeconfig);
  const enter = (host: LabHost): string => `ip netns exec ${host.namespace.name}`;
  process.stdout.write(
    [
      "",
      "The lab stays up until Ctrl-C. From another terminal:",
      `  export KUBECONFIG=${outside}`,
      `  ${kubectlPath()} get svc`,
      `  ${enter(topology.client)} curl -s http://${(await addressesOf("web"))[0] ?? ""}/`,
      `  ${enter(topology.router)} vtysh -N ${topology.router.namespace.name} -c 'show bgp summary'`,
      `  logs: ${scope.folder}/*.log`,
      "",
    ].join("\n"),
  );
  await new Promise(() => {});
}

/** Ends the lab for an error, unless it is ending already: what is cut short then fails, and is no news. */
function fail(error: unknown): void {
  if (leaving) return;
  process.stderr.write(`\nlab: ${error instanceof Error ? error.message : String(error)}\n`);
  void leave(1);
}

/** Takes everything down and exits with the code of the first call. */
async function leave(code: number): Promise<void> {
  if (leaving) return;
  leaving = true;
  tell("taking everything down");
  await scope.close();
  showCursor();
  process.exit(code);
}
