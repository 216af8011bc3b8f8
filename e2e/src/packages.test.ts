/** The libraries as a user gets them: packed, checked, installed outside the workspace, their README examples run. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const LIBRARIES = ["sansio", "allocator", "arp-responder", "bgp-speaker", "bfd", "membership", "k8s-glue"];
/** Those whose README shows a program to run. */
const WITH_EXAMPLE = ["sansio", "allocator", "arp-responder", "bgp-speaker"];
const NODES = [
  { version: "22", binary: resolve(root, "e2e/node_modules/node22/bin/node") },
  { version: "24", binary: resolve(root, "node_modules/.bin/node") },
];

const outside = mkdtempSync(join(tmpdir(), "herald-outside-"));
const tarballs = new Map<string, string>();

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** A file for the example that prints one: the records that BIRD wrote. */
function mrtFile(): string {
  const records = readFileSync(resolve(root, "packages/bgp-speaker/vectors/bird-mrt.jsonl"), "utf8").trim().split("\n");
  const file = join(outside, "bird.mrt");
  writeFileSync(
    file,
    Buffer.concat(records.map((line) => Buffer.from((JSON.parse(line) as { hex: string }).hex, "hex"))),
  );
  return file;
}

beforeAll(() => {
  for (const library of LIBRARIES) {
    run("pnpm", ["pack", "--pack-destination", outside], resolve(root, "packages", library));
    const file = readdirSync(outside).find((name) => name.startsWith(`herald-lb-${library}-`));
    if (file === undefined) throw new Error(`no tarball of ${library}`);
    tarballs.set(library, join(outside, file));
  }
  writeFileSync(join(outside, "package.json"), JSON.stringify({ name: "outside", private: true, type: "module" }));
  run(
    "npm",
    ["install", "--prefer-offline", "--no-audit", "--no-fund", "--silent", "fast-check@4", ...tarballs.values()],
    outside,
  );
}, 300_000);

afterAll(() => rmSync(outside, { recursive: true, force: true }));

describe("the published packages", () => {
  it.each(LIBRARIES)("%s: publint and attw find nothing", (library) => {
    const tarball = tarballs.get(library) ?? "";
    run("publint", ["run", tarball, "--strict"], root);
    run("attw", [tarball, "--profile", "esm-only"], root);
  });

  it.each(LIBRARIES)("%s: holds no tests and no sources of tests", (library) => {
    const files = run("tar", ["-tzf", tarballs.get(library) ?? ""], outside).split("\n");
    expect(files.filter((file) => /\.test\.|tsbuildinfo/.test(file))).toEqual([]);
    expect(files).toContain("package/README.md");
  });

  for (const { version, binary } of NODES) {
    it.runIf(existsSync(binary) || process.env["CI"] === "true").each(WITH_EXAMPLE)(
      `%s: the README's examples run on Node ${version}`,
      (library) => {
        const readme = readFileSync(resolve(root, "packages", library, "README.md"), "utf8");
        const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code ?? "");
        expect(examples).not.toEqual([]);
        expect(run(binary, ["--version"], outside)).toMatch(new RegExp(`^v${version}\\.`));
        for (const [index, example] of examples.entries()) {
          const file = join(outside, `${library}-${index}.ts`);
          writeFileSync(file, example);
          expect(run(binary, ["--disable-warning=ExperimentalWarning", file, mrtFile()], outside)).not.toBe("");
        }
      },
    );
  }
});
