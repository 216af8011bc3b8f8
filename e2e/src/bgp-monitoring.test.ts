/** The journal, BMP and roles on a whole cluster: what the speaker says it told FRR, as it says it to a reader with a token, to a collector, and to tshark. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type BmpMessage,
  decodeBmpMessage,
  decodeMessage,
  INITIAL_CONTEXT,
  IPV4_UNICAST,
  IPV6_UNICAST,
  splitBmpFrames,
} from "@herald-lb/bgp-speaker";
import { type Daemon, type Lab, type LabNode, PLAN, run, Scope, startLab, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { untilAddresses } from "./lab-service.ts";
import { configureFrr, frrNeighbors, frrPaths } from "./routing/routers.ts";

const assets = labAssets();
const lacking = ["tcpdump", "tshark"].filter((name) => spawnSync(name, ["--version"]).error);
if (lacking.length > 0) process.stderr.write(`skipped: monitoring lacks ${lacking.join(", ")}\n`);

const PORT = 1790;
/** A program that keeps the octets of its connections in a file. */
const collector = (file: string): string =>
  `require("node:net").createServer((socket) => socket.pipe(require("node:fs").createWriteStream(${JSON.stringify(file)}))).listen(${PORT}, () => console.log("listening"))`;
const context = { ...INITIAL_CONTEXT, fourOctetAs: true, families: [IPV4_UNICAST, IPV6_UNICAST] };
const peer = (role: string): string => `
apiVersion: metallb.io/v1beta2
kind: BGPPeer
metadata: {name: frr, namespace: metallb-system}
spec: {myASN: ${PLAN.clusterAs}, peerASN: ${PLAN.routerAs}, peerAddress: ${PLAN.segment4}.1, connectTime: 1s, role: ${role}, strictRole: true}
---`;
const objects = `
apiVersion: metallb.io/v1beta1
kind: IPAddressPool
metadata: {name: routed, namespace: metallb-system}
spec: {addresses: [203.0.113.0/24]}
---
apiVersion: metallb.io/v1beta1
kind: BGPAdvertisement
metadata: {name: routed, namespace: metallb-system}
spec: {communities: ["64501:7"]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: journal-reader}
rules: [{nonResourceURLs: [/bgp/journal], verbs: [get]}]
`;

describe.skipIf(assets === null || lacking.length > 0)("a speaker that FRR peers with", () => {
  let scope: Scope;
  let lab: Lab;
  let node: LabNode;
  let speaker: Daemon;
  let stream: string;
  let capture: Daemon;
  let prefix: string;

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "" });
    const { nodes, router, apiServer } = lab.topology;
    node = nodes[0] as LabNode;
    const roles = nodes.map(({ ipv4 }) => `neighbor ${ipv4} local-role provider strict-mode`);
    await configureFrr(router, [`router bgp ${PLAN.routerAs}`, ...roles]);
    await lab.cluster.startWorkload({ app: "web" });
    await lab.cluster.apply(peer("Peer") + objects);
    await lab.cluster.expose({ namespace: "default", name: "web" }, "http");
    const [address] = await untilAddresses(lab, "web", 1);
    prefix = `${address}/32`;
    stream = join(scope.folder, "bmp.octets");
    const { name: namespace } = apiServer.namespace;
    const listening = scope.spawn({
      name: "collector",
      namespace,
      command: process.execPath,
      args: ["-e", collector(stream)],
    });
    await until("the collector to listen", () => listening.output().includes("listening"));
    const options = ["-i", "eth0", "--immediate-mode", "-U", "-Z", "root", "-w", join(scope.folder, "bmp.pcap")];
    capture = scope.spawn({
      name: "tcpdump",
      namespace,
      command: "tcpdump",
      args: [...options, `tcp port ${PORT}`],
    });
    await until("tcpdump to listen", () => capture.output().includes("listening on"));
    await lab.speakers.get(node.name)?.stop();
    speaker = lab.cluster.startSpeaker(node, [`--bmp-collector=${apiServer.ipv4}:${PORT}`]);
    await lab.cluster.untilReady(speaker, node.namespace.name);
  });
  afterAll(() => scope.close());

  const told = (): readonly BmpMessage[] => {
    const octets = existsSync(stream) ? new Uint8Array(readFileSync(stream)) : new Uint8Array(0);
    const { frames, error } = splitBmpFrames(new Uint8Array(0), octets, 100_000);
    expect(error).toBeNull();
    return frames.map((frame) => {
      const message = decodeBmpMessage(frame);
      if (!message.ok) throw new Error(JSON.stringify(message.error));
      return message.value;
    });
  };
  /** Routes as the collector was told them: "+ prefix" and "- prefix". */
  const routesTold = (): readonly string[] =>
    told().flatMap((message) => {
      if (message.type !== "RouteMonitoring") return [];
      const update = decodeMessage(message.update, context);
      if (!update.ok || update.value.type !== "UPDATE") throw new Error("no UPDATE");
      const { nlri, withdrawnRoutes } = update.value;
      return [...nlri.map((each) => `+ ${each.prefix}`), ...withdrawnRoutes.map((each) => `- ${each.prefix}`)];
    });
  const stateOfNode = async (): Promise<string | undefined> => (await frrNeighbors(lab.router))[node.ipv4]?.bgpState;

  it("is refused by Role Mismatch while the roles do not fit, and is established once they do", async () => {
    await until("the speaker to see Role Mismatch", () => speaker.output().includes("Role Mismatch"));
    expect(await stateOfNode()).not.toBe("Established");
    await lab.cluster.apply(peer("Customer"));
    await until("FRR to be established with the node", async () => (await stateOfNode()) === "Established");
    await until("FRR to hold the route", async () =>
      (await frrPaths(lab.router, prefix)).some(({ nextHop }) => nextHop === node.ipv4),
    );
  });

  it("tells the collector that it is there, the session and the route", async () => {
    await until("the route at the collector", () => routesTold().includes(`+ ${prefix}`));
    const [initiation, up] = told();
    expect(initiation).toMatchObject({ type: "Initiation" });
    expect(up).toMatchObject({
      type: "PeerUp",
      peer: { address: lab.topology.router.ipv4, autonomousSystem: PLAN.routerAs },
      localAddress: node.ipv4,
    });
  });

  it("tells a reader who may know, and nobody else, what it told whom, when and why", async () => {
    const kubectl = (...args: readonly string[]): Promise<string> => lab.cluster.kubectl(args);
    for (const account of ["reader", "outsider"]) await kubectl("create", "serviceaccount", account);
    const binding = ["journal-reader", "--clusterrole=journal-reader", "--serviceaccount=default:reader"];
    await kubectl("create", "clusterrolebinding", ...binding);
    const read = async (account: string): Promise<string> => {
      const token = (await kubectl("create", "token", account)).trim();
      const url = `https://127.0.0.1:9120/bgp/journal?peer=frr&prefix=${prefix}`;
      return node.namespace.run("curl", ["-sk", "-H", `Authorization: Bearer ${token}`, url]);
    };
    expect(await read("outsider")).toBe("Authorization denied\n");
    const answer = await until("the reader to be allowed", async () => {
      const text = await read("reader");
      return text.startsWith("{") && (JSON.parse(text) as { readonly entries: readonly object[] });
    });
    expect(answer.entries).toMatchObject([
      {
        event: "Announced",
        peers: ["frr"],
        prefix,
        service: "default/web",
        occasion: "InitialUpdate",
        nextHop: node.ipv4,
        asPath: [PLAN.clusterAs],
        communities: ["64501:7"],
      },
    ]);
  });

  it("tells the collector a withdrawal, the end of the session, and its own; tshark reads the same", async () => {
    await lab.cluster.kubectl(["delete", "service", "web"]);
    await until("the withdrawal at the collector", () => routesTold().includes(`- ${prefix}`));
    await speaker.stop();
    const types = await until("the end at the collector", () => {
      const all = told().map(({ type }) => type);
      return all.at(-1) === "Termination" && all;
    });
    expect(types.at(-2)).toBe("PeerDown");
    expect(told().at(-2)).toMatchObject({ reason: { type: "LocalNotification" } });
    await capture.stop("SIGINT");
    const args = ["-d", `tcp.port==${PORT},bmp`, "-Y", "bmp", "-T", "fields", "-e", "bmp.type"];
    const seen = await run("tshark", ["-r", join(scope.folder, "bmp.pcap"), ...args]);
    const numbers = { RouteMonitoring: 0, StatisticsReport: 1, PeerDown: 2, PeerUp: 3, Initiation: 4, Termination: 5 };
    expect(seen.split(/[\s,]+/).filter((word) => word !== "")).toEqual(
      types.map((type) => String(numbers[type as keyof typeof numbers])),
    );
    expect(
      await run("tshark", ["-r", join(scope.folder, "bmp.pcap"), "-d", `tcp.port==${PORT},bmp`, "-V"]),
    ).not.toMatch(/Malformed Packet/);
  });
});
