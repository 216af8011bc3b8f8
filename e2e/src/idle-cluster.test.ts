import { type Manifest, run, Scope, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServices, CROWD, SMALL, WIDE_POOL } from "./allocation/crowd.ts";
import { isRenewal, untilSettled, writesOf } from "./allocation/idle.ts";
import { StatusWatch } from "./allocation/status-watch.ts";
import { labAssets } from "./assets.ts";
import { isWholeList, requestsOfHerald } from "./herald-requests.ts";
import { ControlPlane } from "./webhook/control-plane.ts";

const assets = labAssets();
const SERVICES = 1_000;
/** The seconds for which the cluster is left alone: five minutes show more, a minute is for every day. */
const IDLE_SECONDS = Number(process.env["HERALD_IDLE_SECONDS"] ?? 60);
const PORTS = [17_472, 17_482] as const;
const SPEAKER_PORT = 17_492;
/** The number of Services that a speaker has endpoints for, and so announces. */
const ANNOUNCED = 100;

const CONFIGURATION = `${WIDE_POOL}---
apiVersion: metallb.io/v1beta1
kind: L2Advertisement
metadata: {name: all, namespace: metallb-system}
`;

const NODE: Manifest = {
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "node", labels: { "kubernetes.io/hostname": "node" } },
  status: {
    addresses: [{ type: "InternalIP", address: "192.0.2.11" }],
    conditions: [{ type: "Ready", status: "True", reason: "LabIsUp" }],
  },
};

const ENDPOINTS: object = {
  apiVersion: "v1",
  kind: "List",
  items: Array.from({ length: ANNOUNCED }, (_, index) => ({
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `service-${index}`,
      namespace: CROWD,
      labels: { "kubernetes.io/service-name": `service-${index}` },
    },
    addressType: "IPv4",
    ports: [{ port: 80, protocol: "TCP" }],
    endpoints: [{ addresses: ["198.51.100.10"], nodeName: "node", conditions: { ready: true } }],
  })),
};

describe.skipIf(assets === null)("a cluster of a thousand Services with two controllers and a speaker", () => {
  let scope: Scope;
  let plane: ControlPlane;

  beforeAll(async () => {
    scope = new Scope();
    plane = await ControlPlane.start(scope, "idle", assets ?? "");
    await plane.kubectl(["apply", "--server-side", "-f", "-"], CONFIGURATION);
    await plane.create(NODE);
    await run("ip", ["-n", plane.network, "link", "add", "eth0", "type", "veth", "peer", "name", "cali0"]);
    await run("ip", ["-n", plane.network, "address", "add", "192.0.2.11/24", "dev", "eth0"]);
    for (const end of ["eth0", "cali0"]) await run("ip", ["-n", plane.network, "link", "set", end, "up"]);
    for (const port of PORTS) {
      const args = ["--port=0", `--health-probe-port=${port}`, "--ml-secret-name=memberlist"];
      await plane.untilReady(plane.daemon("controller", args), port);
    }
    const speaking = ["--port=0", `--health-probe-port=${SPEAKER_PORT}`];
    await plane.untilReady(plane.daemon("speaker", speaking), SPEAKER_PORT);
    const watch = new StatusWatch(scope, plane, CROWD);
    await createServices(scope, plane, { count: SERVICES, parallel: 8, spec: SMALL });
    await until("every Service to be served", () => watch.served === SERVICES, { timeoutMs: 120_000 });
    await plane.kubectl(["create", "-f", "-"], JSON.stringify(ENDPOINTS));
    await until("the speaker to have said what it announces", async () => {
      const text = await plane.kubectl(["get", "servicel2statuses", "-A", "-o", "name"]);
      return text.split("\n").filter((line) => line !== "").length === ANNOUNCED;
    });
    await untilSettled(plane);
  });
  afterAll(() => scope.close());

  it("sees no write but Lease renewals, and no list, while nothing happens", {
    timeout: (IDLE_SECONDS + 60) * 1_000,
  }, async () => {
    const since = Date.now();
    await new Promise((resolve) => void setTimeout(resolve, IDLE_SECONDS * 1_000));
    const requests = requestsOfHerald(plane, since);
    expect(writesOf(requests)).toEqual([]);
    const lists = requests.filter(isWholeList);
    expect(lists).toEqual([]);
    const renewals = requests.filter(isRenewal);
    expect(renewals.length).toBeGreaterThan(0);
    // Watches end after some minutes each; standing by takes a reading of the Lease every other second.
    const counts = Map.groupBy(requests, ({ verb, objectRef }) => `${verb} ${objectRef?.resource ?? ""}`);
    const figures = [...counts].map(([what, { length }]) => `${length} ${what}`).toSorted();
    process.stdout.write(`${SERVICES} Services idle for ${IDLE_SECONDS} s: ${figures.join(", ")}\n`);
  });
});
