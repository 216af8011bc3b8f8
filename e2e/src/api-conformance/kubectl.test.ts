import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiServer, createApiServer } from "@herald-lb/api-server";
import { kubectlPath } from "@herald-lb/lab";
import { installStep } from "./custom-resource.ts";

const run = promisify(execFile);

describe("kubectl against the embedded API server", () => {
  const dir = mkdtempSync(join(tmpdir(), "herald-kubectl-"));
  let server: ApiServer;
  beforeAll(async () => {
    server = await createApiServer();
    writeFileSync(join(dir, "kubeconfig"), server.kubeconfig("admin"));
  });
  afterAll(async () => {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const withConfig = (args: readonly string[]): readonly string[] => [
    "--kubeconfig",
    join(dir, "kubeconfig"),
    `--cache-dir=${join(dir, "cache")}`,
    ...args,
  ];
  const kubectl = async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await run(kubectlPath(), withConfig(args));
    return `${stdout}${stderr}`.trim();
  };
  /** Runs kubectl until its output matches, then ends it; rejects where it ends by itself before. */
  const watchUntil = (wanted: RegExp, ...args: readonly string[]): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = spawn(kubectlPath(), withConfig(args), { stdio: ["ignore", "pipe", "inherit"] });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        if (!wanted.test(output)) return;
        resolve();
        child.kill();
      });
      child.once("close", () => reject(new Error(`the watch ended without ${String(wanted)}: ${output}`)));
    });
  const file = (name: string, object: unknown): string => {
    writeFileSync(join(dir, name), JSON.stringify(object));
    return join(dir, name);
  };
  const web = (port: number): string =>
    file("web.json", {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { type: "LoadBalancer", selector: { app: "web" }, ports: [{ port }] },
    });
  const pool = (spec: object): string =>
    file("pool.json", { apiVersion: "lab.example.com/v1", kind: "Pool", metadata: { name: "p" }, spec });

  it("applies, both ways, and says unchanged", async () => {
    expect(await kubectl("apply", "-f", web(80))).toBe("service/web created");
    expect(await kubectl("apply", "-f", web(80))).toBe("service/web unchanged");
    expect(await kubectl("apply", "-f", web(81))).toBe("service/web configured");
    expect(await kubectl("get", "svc", "web", "-o", "jsonpath={.spec.ports[*].port}")).toBe("81");
    // kubectl moves what it owns to server-side apply with the first such apply; only then can the next one take a port away.
    for (const port of [81, 82]) {
      expect(await kubectl("apply", "--server-side", "--force-conflicts", "-f", web(port))).toBe(
        "service/web serverside-applied",
      );
    }
    expect(await kubectl("get", "svc", "web", "-o", "jsonpath={.spec.ports[*].port}")).toBe("82");
    expect(await kubectl("diff", "-f", web(82)).catch((error: unknown) => error)).toBe("");
  });
  it("shows the address once it is there, also to a watch", async () => {
    expect(await kubectl("get", "svc", "web")).toMatch(/EXTERNAL-IP.*\n.*<pending>/);
    // A list: of one object by its name kubectl drops the first event of the watch, which may be the change already.
    const selector = "--field-selector=metadata.name=web";
    const watching = watchUntil(/192\.0\.2\.9/, "get", "svc", selector, "-w", "--request-timeout=60s");
    const waiting = kubectl(
      "wait",
      "--for=jsonpath={.status.loadBalancer.ingress[0].ip}=192.0.2.9",
      "svc/web",
      "--timeout=20s",
    );
    expect(
      await kubectl(
        "patch",
        "svc",
        "web",
        "--subresource=status",
        "--type=merge",
        "-p",
        '{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.9"}]}}}',
      ),
    ).toBe("service/web patched");
    expect(await waiting).toBe("service/web condition met");
    await watching;
    expect(await kubectl("describe", "svc", "web")).toMatch(/LoadBalancer Ingress:\s+192\.0\.2\.9 \(VIP\)/);
  });
  it("installs a CRD, waits for it, applies and refuses its objects", async () => {
    await kubectl("apply", "-f", file("crd.json", installStep.body));
    expect(await kubectl("wait", "--for=condition=Established", "crd/pools.lab.example.com", "--timeout=10s")).toMatch(
      /condition met/,
    );
    expect(await kubectl("apply", "-f", pool({ addresses: ["192.0.2.0/24"] }))).toBe("pool.lab.example.com/p created");
    expect(await kubectl("get", "pl")).toMatch(/NAME\s+AUTO\np\s+true/);
    await expect(kubectl("apply", "-f", pool({ addresses: ["192.0.2.0/24"], typo: 1 }))).rejects.toThrow(
      /unknown field "spec.typo"/,
    );
    await expect(kubectl("apply", "-f", pool({ addresses: [] }))).rejects.toThrow(/should have at least 1 items/);
  });
  it("creates, labels, annotates, edits and deletes", async () => {
    expect(await kubectl("create", "namespace", "made")).toBe("namespace/made created");
    expect(await kubectl("create", "configmap", "c", "-n", "made", "--from-literal=a=b")).toBe("configmap/c created");
    expect(await kubectl("get", "cm", "c", "-n", "made", "-o", "jsonpath={.data.a}")).toBe("b");
    expect(await kubectl("create", "secret", "generic", "s", "--from-literal=k=v")).toBe("secret/s created");
    expect(await kubectl("get", "secret", "s", "-o", "jsonpath={.data.k}")).toBe("dg==");
    expect(await kubectl("create", "service", "loadbalancer", "made", "--tcp=80:8080")).toBe("service/made created");
    expect(await kubectl("get", "svc", "made", "-o", "jsonpath={.spec.type} {.spec.ports[0].targetPort}")).toBe(
      "LoadBalancer 8080",
    );
    expect(await kubectl("label", "svc", "web", "a=b")).toBe("service/web labeled");
    expect(await kubectl("annotate", "svc", "web", "c=d")).toBe("service/web annotated");
    expect(await kubectl("get", "svc", "-l", "a=b", "-o", "name")).toBe("service/web");
    expect(await kubectl("delete", "svc", "web")).toMatch(/"web" deleted/);
    expect(await kubectl("delete", "namespace", "made")).toMatch(/"made" deleted/);
    await expect(kubectl("get", "cm", "c", "-n", "made")).rejects.toThrow(/not found/);
  });
  it("applies a kustomization", async () => {
    file("kustomization.yaml", { resources: ["web.json", "pool.json"] });
    web(80);
    pool({ addresses: ["192.0.2.0/25"] });
    expect(await kubectl("apply", "-k", dir)).toMatch(/service\/web created\npool\.lab\.example\.com\/p configured/);
  });
});
