import { existsSync } from "node:fs";
import { hostname } from "node:os";
import {
  connect,
  createLog,
  describeFlagError,
  namespaceOf,
  readFlags,
  runUntilSignal,
  serveHealth,
  serveMetrics,
} from "@herald-lb/daemon";
import { monotonicClock } from "@herald-lb/host";
import { FLAGS } from "./args.ts";
import { Speaker } from "./speaker.ts";

/** How long handing over may take before the process exits all the same, in milliseconds. */
const STOP_GRACE = 2_000;

const flags = readFlags(FLAGS, process.argv.slice(2), process.env);
if (!flags.ok) {
  for (const error of flags.error) process.stderr.write(`herald-speaker: ${describeFlagError(error)}\n`);
  process.exit(2);
}
const { value } = flags;
const node = value.text("node-name");
if (node === "") {
  process.stderr.write("herald-speaker: flag --node-name: required, or METALLB_NODE_NAME in the environment\n");
  process.exit(2);
}
const log = createLog("speaker", value.text("log-level")).child({ node });
for (const { flag, note } of value.notes) log.info({ flag }, `flag without effect: ${note}`);

/** The bundle's worker lies beside it; run from the sources it is a folder down. */
const bundled = new URL("./worker.js", import.meta.url);
const worker = existsSync(bundled) ? bundled : new URL("./worker/main.ts", import.meta.url);
const clock = monotonicClock();
const namespace = namespaceOf(value.text("namespace"));
let speaker: Speaker | null = null;
runUntilSignal(log, STOP_GRACE, async () => {
  await speaker?.stop();
});
const connection = await connect("herald-speaker", value, clock);
speaker = new Speaker({ flags: value, namespace, node, transport: connection.transport, clock, log, worker });
connection.countIn(speaker.metrics);
const running = speaker;
await serveHealth({
  host: value.text("health-probe-host"),
  port: value.number("health-probe-port"),
  live: [],
  ready: () => running.conditions,
});
if (value.number("port") !== 0)
  await serveMetrics(value.text("metrics-host"), value.number("port"), speaker.metrics.exposition);
log.info({ namespace, host: hostname() }, "started");
await speaker.start();
