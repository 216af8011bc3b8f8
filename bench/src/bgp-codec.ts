import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { decodeMessage, encodeMessage, type UpdateMessage } from "@herald-lb/bgp-speaker";
import { hexOf } from "@herald-lb/sansio/testing";
import { context, readUpdates } from "./bgp-updates.ts";

/** Messages a second, each the best of `ROUNDS`. */
interface Rates {
  readonly decode: number;
  readonly encode: number;
}

const ROUNDS = 7;
const ROUND_MILLISECONDS = 700;

/** Runs `pass`, which handles `count` messages, for a round after a warm-up, `ROUNDS` times; messages a second of the best. */
function rate(count: number, pass: () => void): number {
  for (const warm = performance.now(); performance.now() - warm < ROUND_MILLISECONDS; ) pass();
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    let passes = 0;
    do {
      pass();
      passes++;
    } while (performance.now() - start < ROUND_MILLISECONDS);
    best = Math.max(best, (count * passes * 1000) / (performance.now() - start));
  }
  return best;
}

function measureHerald(frames: readonly Uint8Array[]): Rates {
  const updates: UpdateMessage[] = [];
  for (const frame of frames) {
    const result = decodeMessage(frame, context);
    const message = result.ok ? result.value : (result.error.received ?? null);
    if (message?.type === "UPDATE") updates.push(message);
  }
  // V8 puts off joining the parts of a text: used as a key, every prefix and next hop is a text in full.
  const keys = new Set<string>();
  let seen = 0;
  const use = (text: string): void => {
    if (!keys.has(text)) seen++;
  };
  const decode = rate(frames.length, () => {
    for (const frame of frames) {
      const result = decodeMessage(frame, context);
      if (!result.ok || result.value.type !== "UPDATE") continue;
      for (const { prefix } of result.value.withdrawnRoutes) use(prefix);
      for (const { prefix } of result.value.nlri) use(prefix);
      for (const attribute of result.value.pathAttributes) {
        if (attribute.type === "NEXT_HOP") use(attribute.address);
        else if (attribute.type === "MP_REACH_NLRI" && !("opaque" in attribute)) {
          use(attribute.nextHop);
          for (const { prefix } of attribute.nlri) use(prefix);
        } else if (attribute.type === "MP_UNREACH_NLRI" && !("opaque" in attribute)) {
          for (const { prefix } of attribute.withdrawnRoutes) use(prefix);
        } else seen++;
      }
    }
  });
  const encode = rate(updates.length, () => {
    for (const update of updates) seen += encodeMessage(update, context).length;
  });
  if (seen === 0) throw new Error("nothing decoded");
  return { decode, encode };
}

/** Builds and runs the Go module beside this file; null where there is no Go, or no module proxy to build with. */
function measureGobgp(frames: readonly Uint8Array[]): Rates | null {
  const cache = join(process.env["HERALD_CACHE"] ?? join(homedir(), ".cache/herald"), "bench");
  mkdirSync(cache, { recursive: true });
  const source = resolve(import.meta.dirname, "../peers/gobgp");
  const binary = join(cache, "gobgp-codec");
  const build = spawnSync("go", ["build", "-o", binary, "."], { cwd: source, encoding: "utf8" });
  if (build.status !== 0) {
    process.stdout.write(`GoBGP not measured: ${build.error?.message ?? build.stderr.trim()}\n`);
    return null;
  }
  const input = join(cache, "updates.hex");
  writeFileSync(input, frames.map((frame) => `${hexOf(frame)}\n`).join(""));
  const arguments_ = [input, String(ROUNDS), String(ROUND_MILLISECONDS)];
  const run = spawnSync(binary, arguments_, { encoding: "utf8", env: { ...process.env, GOMAXPROCS: "1" } });
  if (run.status !== 0) throw new Error(`GoBGP peer failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as Rates;
}

const row = (name: string, { decode, encode }: Rates, digits = 0): string =>
  `${name.padEnd(22)}${decode.toFixed(digits).padStart(12)}${encode.toFixed(digits).padStart(12)}\n`;

const frames = readUpdates();
if (frames === null) process.exit(0);
const octets = frames.reduce((sum, frame) => sum + frame.length, 0);
process.stdout.write(
  `${frames.length} UPDATEs of ${(octets / frames.length).toFixed(0)} octets in the mean, messages a second\n`,
);
process.stdout.write(`${"".padEnd(22)}${"decode".padStart(12)}${"encode".padStart(12)}\n`);
const herald = measureHerald(frames);
process.stdout.write(row("Herald", herald));
const gobgp = measureGobgp(frames);
if (gobgp !== null) {
  process.stdout.write(row("GoBGP 4.8", gobgp));
  process.stdout.write(row("ratio", { decode: herald.decode / gobgp.decode, encode: herald.encode / gobgp.encode }, 2));
}
