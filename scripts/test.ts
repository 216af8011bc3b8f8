/**
 * `npm test`: installs what is missing, checks the whole tree, runs every test, and ends with one line that counts. A check
 * (types, lint, format, imports, dead code, packages) counts as one test.
 */
import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { installDebianPackages, TEST_NEEDS } from "./debian-packages.ts";
import { failedTests, type TestReport } from "./failed-tests.ts";
import { kubeAssets, removeStale } from "@herald-lb/lab";

const root = resolve(import.meta.dirname, "..");
const strict = process.env["CI"] === "true";
const totals = { passed: 0, failed: 0, skipped: 0 };
/** Failed tests and checks, for the end of the output. */
const failures: string[] = [];

interface Check {
  readonly name: string;
  readonly command: string;
}

const CHECKS: readonly Check[] = [
  { name: "build", command: "turbo run build --output-logs=errors-only && node scripts/bundle.ts" },
  { name: "types", command: "turbo run typecheck --output-logs=errors-only && tsc -p scripts/tsconfig.json" },
  { name: "lint", command: "oxlint --type-aware --deny-warnings" },
  { name: "format", command: "biome format ." },
  { name: "imports", command: "node scripts/check-imports.ts" },
  { name: "dead code", command: "knip --no-progress" },
  { name: "names", command: "node scripts/check-names.ts --quiet" },
  { name: "comments", command: "node scripts/check-comments.ts" },
  { name: "lengths", command: "node scripts/check-lengths.ts" },
  { name: "crds", command: "node --conditions=@herald-lb/source scripts/generate-crds.ts --check" },
];

/** After the end-to-end tests, all of which it needs. */
const INTEROP: Check = {
  name: "matrix of BGP implementations",
  command: "node scripts/generate-interop-matrix.ts --check reports/e2e.json reports/e2e-timed.json",
};

/** Both keep one core busy for a minute. */
const FUZZ: readonly Check[] = [
  {
    name: "five million mutated BGP messages",
    command:
      "HERALD_FUZZ=5000000 vitest run --project unit packages/bgp-speaker/src/message/fuzz --silent --reporter=dot",
  },
  {
    name: "three million events at a BGP speaker",
    command:
      "HERALD_FUZZ=3000000 vitest run --project unit packages/bgp-speaker/src/speaker/session-fuzz --silent --reporter=dot",
  },
];

let interrupted: NodeJS.Signals | null = null;
const running = new Set<ChildProcess>();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    interrupted = signal;
    for (const child of running) child.kill("SIGTERM");
  });

rmSync(resolve(root, "reports"), { recursive: true, force: true });
mkdirSync(resolve(root, "reports"), { recursive: true });

const missing = installDebianPackages(TEST_NEEDS);
for (const need of missing)
  skip(
    `${need.program} (Debian package ${need.debian})`,
    "not installed, and this is not root or apt did not bring it",
  );
const assets = await kubeAssets();
if (typeof assets !== "string") skip("the real kube-apiserver", assets.missing);

await runChecks(CHECKS);
await runProject("unit");
// The end-to-end tests wait for timers and for other programs most of the time.
await Promise.all([runProject("e2e"), runChecks(FUZZ)]);
await runProject("e2e-timed");
if (totals.skipped === 0) await runChecks([INTEROP]);
// Tests that were interrupted could not remove their namespaces; their processes end a moment after vitest.
if (interrupted !== null) await pause(2_000);
if (process.getuid?.() === 0) await removeStale();
if (interrupted !== null) {
  fail(`interrupted by ${interrupted}`);
}

if (failures.length > 0) process.stdout.write(`\nFailed:\n${failures.join("\n")}\n`);
process.stdout.write(
  `\n${totals.passed} passed, ${totals.failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ""}\n`,
);
process.exitCode = totals.failed === 0 ? 0 : 1;

/** Runs checks one after the other. The output of each comes in one piece, since tests may run beside them. */
async function runChecks(checks: readonly Check[]): Promise<void> {
  for (const { name, command } of checks) {
    const started = performance.now();
    const chunks: Buffer[] = [];
    const status = await runToEnd(
      "sh",
      ["-c", command],
      ["ignore", "pipe", "pipe"],
      (chunk) => void chunks.push(chunk),
    );
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(Buffer.concat(chunks));
    if (status !== 0) fail(`${name} (${seconds} s)`);
    else {
      process.stdout.write(`ok: ${name} (${seconds} s)\n`);
      totals.passed++;
    }
  }
}

/** Runs a program to its end and returns its exit code: null for one that a signal ended, or that an interrupted run did not start. */
async function runToEnd(
  command: string,
  args: readonly string[],
  stdio: StdioOptions,
  onOutput: (chunk: Buffer) => void = () => {},
): Promise<number | null> {
  if (interrupted !== null) return null;
  const child = spawn(command, args, { cwd: root, stdio });
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", onOutput);
  const status = await new Promise<number | null>((done) => void child.once("close", done));
  running.delete(child);
  return status;
}

async function runProject(project: string): Promise<void> {
  const report = resolve(root, "reports", `${project}.json`);
  const args = ["run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const status = await runToEnd("vitest", args, "inherit");
  const counts = readReport(report);
  totals.passed += counts.numPassedTests;
  totals.failed += counts.numFailedTests;
  totals.skipped += counts.numPendingTests + counts.numTodoTests;
  failures.push(...failedTests(counts, root));
  // A file that does not even load fails the run without a failed test in it.
  if (status !== 0 && counts.numFailedTests === 0) fail(`vitest of the project ${project} ended with ${status}`);
}

function readReport(path: string): TestReport {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  }
}

function fail(what: string): void {
  process.stdout.write(`FAILED: ${what}\n`);
  failures.push(what);
  totals.failed++;
}

function skip(what: string, why: string): void {
  if (strict) return fail(`${what}: ${why}`);
  process.stdout.write(`skipped: ${what}: ${why}\n`);
  totals.skipped++;
}
