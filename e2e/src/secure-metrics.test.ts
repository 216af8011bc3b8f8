/** Metrics by HTTPS on a real kube-apiserver: who may read them, how TLS is spoken, and certificates that change. */
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Daemon, run, Scope, until } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { type Answer, ControlPlane } from "./webhook/control-plane.ts";

const assets = labAssets();
/** The ports on which the daemons serve metrics and health. */
const PORTS = {
  controller: { metrics: 9120, health: 17472 },
  speaker: { metrics: 9121, health: 17473 },
} as const;

describe.skipIf(assets === null)("metrics on a real kube-apiserver", () => {
  let scope: Scope;
  let plane: ControlPlane;
  let folder: string;
  const daemons: Partial<Record<keyof typeof PORTS, Daemon>> = {};
  /** A service account that may get /metrics, and one that may not. */
  let reader: string;
  let unauthorized: string;

  beforeAll(async () => {
    scope = new Scope();
    plane = await ControlPlane.start(scope, "metrics", assets ?? "");
    folder = join(scope.folder, "certificate");
    await layCertificate("1");
    daemons.controller = start("controller", [`--metrics-cert-dir=${join(folder, "..data")}`]);
    daemons.speaker = start("speaker", []);
    await Promise.all((["controller", "speaker"] as const).map((name) => ready(name)));
    [reader, unauthorized] = await Promise.all([account("reader"), account("unauthorized")]);
    await plane.create({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "metrics-reader" },
      rules: [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }],
    });
    await plane.kubectl([
      "create",
      "clusterrolebinding",
      "metrics-reader",
      "--clusterrole=metrics-reader",
      "--serviceaccount=default:reader",
    ]);
  });
  afterAll(() => scope.close());

  function start(name: keyof typeof PORTS, args: readonly string[]): Daemon {
    const { metrics, health } = PORTS[name];
    return plane.daemon(name, [`--port=${metrics}`, `--health-probe-port=${health}`, ...args]);
  }

  async function ready(name: keyof typeof PORTS): Promise<void> {
    const daemon = daemons[name];
    if (daemon !== undefined) await plane.untilReady(daemon, PORTS[name].health);
  }

  /** Lays a pair as the kubelet lays a Secret: a folder of its own, then a link that changes at once. */
  async function layCertificate(version: string): Promise<string> {
    const files = { cert: join(folder, version, "tls.crt"), key: join(folder, version, "tls.key") };
    mkdirSync(join(folder, version), { recursive: true });
    const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
    const out = ["-keyout", files.key, "-out", files.cert, "-subj", `/CN=version ${version}`];
    await run("openssl", ["req", "-x509", ...ec, ...out]);
    symlinkSync(version, join(folder, "fresh"));
    renameSync(join(folder, "fresh"), join(folder, "..data"));
    return readFileSync(files.cert, "utf8").trim();
  }

  async function account(name: string): Promise<string> {
    await plane.kubectl(["create", "serviceaccount", name]);
    return (await plane.kubectl(["create", "token", name])).trim();
  }

  function scrape(port: number, token: string | null, ...args: readonly string[]): Promise<Answer> {
    const header = token === null ? [] : ["-H", `Authorization: Bearer ${token}`];
    return plane.curl([...header, ...args, `https://127.0.0.1:${port}/metrics`]);
  }

  function reviews(): number {
    return plane.api.audit().filter(({ objectRef }) => objectRef?.resource?.endsWith("reviews") ?? false).length;
  }

  describe.each([
    {
      name: "controller",
      metric: /^metallb_k8s_client_config_loaded_bool 1$/m,
      absent: /^metallb_bgp_/m,
    },
    { name: "speaker", metric: /^metallb_k8s_client_updates_total \d+$/m, absent: /^metallb_allocator_/m },
  ] as const)("the $name", ({ name, metric, absent }) => {
    const port = PORTS[name].metrics;

    it("answers 401 without a token, and to one that nobody knows", async () => {
      expect(await scrape(port, null)).toEqual({ status: 401, body: "Unauthorized\n" });
      expect((await scrape(port, "nobody")).status).toBe(401);
    });

    it("answers 403 to one without the right", async () => {
      expect(await scrape(port, unauthorized)).toEqual({ status: 403, body: "Authorization denied\n" });
    });

    it("answers one with the right, under MetalLB's names", async () => {
      const { status, body } = await scrape(port, reader);
      expect(status).toBe(200);
      expect(body).toMatch(metric);
      expect(body).not.toMatch(absent);
    });

    it("speaks TLS 1.3 and no older, and nothing in the clear", async () => {
      expect((await scrape(port, reader, "--tlsv1.3")).status).toBe(200);
      expect((await scrape(port, reader, "--tls-max", "1.2")).status).toBe(0);
      expect((await plane.curl([`http://127.0.0.1:${port}/metrics`])).status).toBe(0);
    });

    it("never prints a token", () => {
      const said = daemons[name]?.output() ?? "";
      expect(said).not.toBe("");
      for (const token of [reader, unauthorized]) expect(said).not.toContain(token);
    });
  });

  it("ask the API server twice a reader and minute, however often they are scraped", async () => {
    const token = await account("often");
    const before = reviews();
    for (let times = 0; times < 10; times++) await scrape(PORTS.controller.metrics, token);
    expect(reviews() - before).toBe(2);
  });

  it("are served with the certificate that is there now, through a change and a slip", async () => {
    const { metrics } = PORTS.controller;
    const second = await layCertificate("2");
    await until("the second certificate", async () => (await plane.certificateOf(metrics)) === second);
    writeFileSync(join(folder, "2", "tls.key"), "no key");
    await until("the slip to be told", async () => {
      expect((await scrape(metrics, reader)).status).toBe(200);
      return daemons.controller?.output().includes("certificate cannot be used") ?? false;
    });
    const third = await layCertificate("3");
    await until("the third certificate", async () => (await plane.certificateOf(metrics)) === third);
    expect((await scrape(metrics, reader)).status).toBe(200);
  });

  it("are plain where that is told, and nobody is reviewed", async () => {
    const plain = plane.daemon("controller", ["--port=9130", "--health-probe-port=17480", "--metrics-plain"]);
    await plane.untilReady(plain, 17480);
    const before = reviews();
    const { status, body } = await plane.curl(["http://127.0.0.1:9130/metrics"]);
    expect(status).toBe(200);
    expect(body).toContain("metallb_k8s_client_updates_total");
    expect(reviews()).toBe(before);
    await plain.stop();
  });

  it("refuse bad flags by name, and end with 2", async () => {
    const bad = plane.daemon("controller", [
      "--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "--tls-curve-preferences=23,23",
    ]);
    expect(await bad.exited).toBe(2);
    expect(bad.output()).toContain("flag --tls-cipher-suites:");
    expect(bad.output()).toContain("curve 23 appears twice");
  });
});
