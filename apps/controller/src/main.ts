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
import { monotonicClock } from "@herald-lb/host/clock";
import { FLAGS } from "./args.ts";
import { Controller } from "./controller.ts";

/** How long an orderly end may take before the process exits all the same, in milliseconds. */
const STOP_GRACE = 2_000;

const flags = readFlags(FLAGS, process.argv.slice(2), process.env);
if (!flags.ok) {
  for (const error of flags.error) process.stderr.write(`herald-controller: ${describeFlagError(error)}\n`);
  process.exit(2);
}
const { value } = flags;
const log = createLog("controller", value.text("log-level"));
for (const { flag, note } of value.notes) log.info({ flag }, `flag without effect: ${note}`);

const clock = monotonicClock();
const namespace = namespaceOf(value.text("namespace"));
let controller: Controller | null = null;
runUntilSignal(log, STOP_GRACE, async () => {
  await controller?.stop();
});
const connection = await connect("herald-controller", value, clock);
controller = new Controller({ flags: value, namespace, transport: connection.transport, clock, log });
connection.countIn(controller.metrics);
const running = controller;
await serveHealth({
  host: value.text("health-probe-host"),
  port: value.number("health-probe-port"),
  live: [],
  ready: () => running.conditions,
});
if (value.number("port") !== 0)
  await serveMetrics(value.text("metrics-host"), value.number("port"), () => running.exposition());
log.info({ namespace }, "started");
await controller.start();
