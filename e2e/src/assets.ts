import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "@herald-lb/lab";

/** The folder with kube-apiserver and etcd: `KUBE_ASSETS`, else the cache; null where they, or the rights of root, are missing, with the reason printed. With `CI=true` a lack throws. */
export function labAssets(): string | null {
  const folder = process.env["KUBE_ASSETS"] ?? join(cacheFolder(), "kube-v1.37.1");
  const lacks = ["kube-apiserver", "etcd"].map((name) => join(folder, name)).filter((path) => !existsSync(path));
  if (process.getuid?.() !== 0) lacks.push("the rights of root");
  if (lacks.length === 0) return folder;
  const reason = `the lab on a real API server lacks ${lacks.join(", ")}`;
  if (process.env["CI"] === "true") throw new Error(reason);
  process.stderr.write(`skipped: ${reason}\n`);
  return null;
}
