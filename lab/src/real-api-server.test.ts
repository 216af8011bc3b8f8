import { access, mkdtemp } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { kubectlPath } from "./kubectl.ts";
import { startRealApiServer } from "./real-api-server.ts";

const run = promisify(execFile);
const assets =
  process.env["KUBE_ASSETS"] ??
  join(process.env["HERALD_CACHE"] ?? join(homedir(), ".cache", "herald"), "kube-v1.37.1");
const present = await access(join(assets, "kube-apiserver")).then(
  () => true,
  () => false,
);

describe.skipIf(!present)("the real API server (skipped where its binaries are not in the cache)", () => {
  it("answers kubectl, tells the audit log who wrote, and leaves nothing behind", async () => {
    const dir = await mkdtemp(join(tmpdir(), "herald-real-"));
    const server = await startRealApiServer({ assets, bind: "127.0.0.1", port: 27443, dir });
    const kubectl = async (...args: readonly string[]): Promise<string> =>
      (await run(await kubectlPath(), ["--kubeconfig", server.kubeconfig, `--cache-dir=${dir}/cache`, ...args])).stdout;
    expect(await kubectl("get", "namespace", "default", "-o", "name")).toBe("namespace/default\n");
    await kubectl("create", "configmap", "seen");
    const writes = (await server.auditLog()).filter(
      (event) => event.verb === "create" && event.objectRef?.name === "seen",
    );
    expect(writes.map((event) => event.user.username)).toEqual(["admin"]);
    await expect(kubectl("--context", "speaker", "create", "configmap", "refused")).rejects.toThrow(/forbidden/);
    await server.stop();
    await expect(access(dir)).rejects.toThrow("ENOENT");
  });
});
