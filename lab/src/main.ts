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
import { removeStaleNamespaces } from "./namespace.ts";
import { measureOutage, neighbourOf } from "./outage.ts";
import { startRealApiServer } from "./real-api-server.ts";
import { Scope } from "./scope.ts";
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

/** What the steps hand on to each other; each is set by the step that makes it. */
interface Made {
  topology: Topology;
  cluster: Cluster;
  router: Frr;
  daemons: Daemons;
}

const began = performance.now();
const scope = new Scope();
const made: Partial<Made> = {};
/** What is printed at the end: a line for each thing shown. */
const shown: string[] = [];

process.once("SIGINT", () => void leave(130));
process.once("SIGTERM", () => void leave(143));

const steps: readonly ListrTask[] = [
  step("network: a segment with three nodes and a client, a router, a client behind it", async () => {
    await removeStaleNamespaces();
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
    if (values["api-server"] === "real") the("cluster").startKubeProxy(join(values.assets, "kube-proxy"));
    else the("cluster").startForwarder();
  }),
  step("Herald: the controller, and a speaker on each node", async () => {
    made.daemons = await startDaemons(the("cluster"));
  }),
  step("kubectl apply -f lab/manifests: pools, advertisements, peers, two Services", async (say) => {
    const cluster = the("cluster");
    for (const file of ["pools.yaml", "services.yaml"])
      await cluster.apply(readFileSync(join(MANIFESTS, file), "utf8"));
    for (const name of ["web", "web-routed"]) await cluster.expose({ namespace: "default", name }, "http");
    const applied = performance.now();
    for (const name of ["web", "web-routed"]) {
      await until(`addresses of ${name}`, async () => (await addressesOf(name)).length === 2, { everyMs: 20 });
    }
    say(`both Services have their addresses ${sinceMs(applied)} after the apply`);
    shown.push("", ...(await cluster.kubectl(["get", "svc"])).trimEnd().split("\n"));
  }),
  step("the client on the segment: ARP, Neighbor Discovery, HTTP", async (say) => {
    const { client } = the("topology");
    await showAnswers("client on the segment", client, "web", say);
    shown.push(`announced by ${await announcerOf("web")} with protocol layer2`);
    for (const address of await addressesOf("web"))
      shown.push(`neighbour: ${(await client.namespace.ip("neigh", "show", address)).trim()}`);
  }),
  step("the client behind the router: routes by BGP, HTTP", async (say) => {
    await showAnswers("client behind the router", the("topology").farClient, "web-routed", say);
    for (const address of await addressesOf("web-routed")) {
      const family = address.includes(":") ? "ipv6" : "ipv4";
      const prefix = `${address}/${family === "ipv6" ? 128 : 32}`;
      const { paths = [] } = await the("router").showJson<{ readonly paths?: readonly unknown[] }>(
        `show bgp ${family} unicast ${prefix} json`,
      );
      shown.push(`router: ${prefix} by ${paths.length} nodes`);
    }
  }),
  step("the node that announces loses all its links", async (say) => {
    const { client, nodes, segment } = the("topology");
    const [address = ""] = await addressesOf("web");
    const before = await announcerOf("web");
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
    rendererOptions: { collapseSubtasks: false },
  }).run();
  process.stdout.write(`${["", ...shown].join("\n")}\n\nthe lab took ${sinceMs(began)}\n`);
  if (values.keep) await keepOpen();
  await leave(0);
} catch (error) {
  process.stderr.write(`\nlab: ${error instanceof Error ? error.message : String(error)}\n`);
  await leave(1);
}

function step(title: string, body: (say: (line: string) => void) => Promise<void>): ListrTask {
  return {
    title,
    task: async (_context, task) => {
      const started = performance.now();
      await body((line) => {
        task.output = line;
        shown.push(line);
      });
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

async function showAnswers(who: string, host: LabHost, service: string, say: (line: string) => void): Promise<void> {
  for (const address of await addressesOf(service)) {
    const url = `http://${address.includes(":") ? `[${address}]` : address}/`;
    const asked = performance.now();
    const answer = await until(`an answer of ${url}`, () => host.namespace.run("curl", ["-s", "-g", "-m", "1", url]), {
      everyMs: 20,
    });
    say(`${who}: ${url} answered in ${sinceMs(asked)}: ${answer.trim()}`);
  }
}

/** The node whose hardware address the client on the segment has for the Service's first address. */
async function announcerOf(service: string): Promise<string> {
  const { client, nodes } = the("topology");
  const [address = ""] = await addressesOf(service);
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

async function leave(code: number): Promise<never> {
  await scope.close();
  process.exit(code);
}
