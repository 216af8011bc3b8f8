import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

const cache: string = join(process.env["HERALD_CACHE"] ?? join(homedir(), ".cache/herald"), "bench");
const peers: string = resolve(import.meta.dirname, "../peers");

/** Compiles the client; null, with the reason written, where there is no C compiler. */
export function buildClient(): string | null {
  const binary = join(cache, "arp-client");
  return build("the client", binary, "gcc", ["-O2", "-o", binary, "main.c"], join(peers, "arp-client"));
}

/** Builds the responder on MetalLB's library; null, with the reason written, where there is no Go, or no module proxy to build with. */
export function buildMdlayher(): string | null {
  const binary = join(cache, "mdlayher-arp");
  return build("mdlayher/arp", binary, "go", ["build", "-o", binary, "."], join(peers, "mdlayher-arp"));
}

function build(what: string, binary: string, compiler: string, args: readonly string[], cwd: string): string | null {
  mkdirSync(cache, { recursive: true });
  const { status, error, stderr } = spawnSync(compiler, args, { cwd, encoding: "utf8" });
  if (status === 0) return binary;
  process.stdout.write(`not built: ${what}: ${error?.message ?? stderr.trim()}\n`);
  return null;
}
