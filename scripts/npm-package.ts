import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder } from "@herald-lb/lab";
import { parse } from "yaml";

/** The lockfile's rows this reads: integrity by `name@version`. */
interface Lockfile {
  readonly packages: Readonly<Record<string, { readonly resolution: { readonly integrity: string } }>>;
}

const root = resolve(import.meta.dirname, "..");

/**
 * The folder of a package as the registry has it, in the version of the lockfile: also of one that pnpm left out because it is for
 * another processor. Fetched once into the cache and checked against the lockfile; throws where it differs or is not locked.
 */
export function npmPackage(name: string): string {
  const prefix = `${name}@`;
  const { packages } = parse(readFileSync(join(root, "pnpm-lock.yaml"), "utf8")) as Lockfile;
  const [spec, locked] = Object.entries(packages).findLast(([key]) => key.startsWith(prefix)) ?? [];
  if (spec === undefined || locked === undefined) throw new Error(`pnpm-lock.yaml has no ${name}`);
  const folder = join(cacheFolder(), "npm", spec.replace("/", "+"));
  if (existsSync(folder)) return join(folder, "package");
  mkdirSync(join(cacheFolder(), "npm"), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    const packed = execFileSync("npm", ["pack", "--json", "--silent", "--pack-destination", work, spec], { cwd: work });
    const [answer] = JSON.parse(packed.toString("utf8")) as readonly { readonly filename: string }[];
    const tarball = join(work, (answer?.filename ?? "").replace("@", "").replace("/", "-"));
    const integrity = `sha512-${createHash("sha512").update(readFileSync(tarball)).digest("base64")}`;
    if (integrity !== locked.resolution.integrity)
      throw new Error(`${spec} is not what pnpm-lock.yaml has: ${integrity}`);
    execFileSync("tar", ["-xzf", tarball, "-C", work]);
    rmSync(tarball);
    renameSync(work, folder);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    throw error;
  }
  return join(folder, "package");
}
