import type { Transport } from "@herald-lb/k8s-glue/client";
import type { Clock } from "@herald-lb/sansio";
import { CertificateFolder } from "./certificate-folder.ts";
import type { KeyPair } from "./certificate-request.ts";
import { connectToApiServer } from "./api-connection.ts";
import { describeFlagError, type Flag, type FlagValues, readFlags, usage } from "./flags.ts";
import { type HealthCheck, serveHealth } from "./http.ts";
import { collectWhenIdle, thisProcess } from "./idle-collection.ts";
import { runUntilSignal } from "./lifecycle.ts";
import { createLog, type Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { type Exposition, type Pages, serveMetrics } from "./metrics-server.ts";
import { namespaceOf } from "./namespace.ts";
import { ReviewedAccess } from "./reviewed-access.ts";
import { selfSigned } from "./self-signed.ts";
import { readTlsSettings, type TlsSettings } from "./tls-settings.ts";

/** The longest that an orderly end may take before the process exits, in milliseconds, unless the daemon needs longer. */
const STOP_GRACE = 2_000;

/** The parts that a daemon is made with. */
export interface DaemonContext {
  readonly flags: FlagValues;
  /** The namespace of the daemon and of its configuration. */
  readonly namespace: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Logger;
  /** The TLS settings of its servers. */
  readonly tls: TlsSettings;
}

/** A daemon, which begins its work with `start`. */
export interface RunningDaemon {
  readonly metrics: Metrics;
  /** The checks of readiness at this moment. */
  readonly healthChecks: readonly HealthCheck[];
  /** Produces the text of `/metrics`. */
  readonly exposition: Exposition;
  /** Pages beside `/metrics`. */
  readonly pages?: Pages;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** The daemon to run. */
export interface DaemonDescription {
  readonly component: "controller" | "speaker";
  readonly flags: readonly Flag[];
  /** Flags that must be set, on the command line or in the environment. */
  readonly required: readonly string[];
  readonly clock: Clock;
  /** The milliseconds that an orderly end may take beyond the usual two seconds; none where absent. */
  readonly extraStopTime?: (flags: FlagValues) => number;
  readonly make: (context: DaemonContext) => RunningDaemon;
}

/** Runs a daemon from its command line to its end: flags, log, API server, health, metrics, signals. Exits with 2 on bad flags. */
export async function runDaemon({
  component,
  flags,
  required,
  clock,
  extraStopTime,
  make,
}: DaemonDescription): Promise<void> {
  const args = process.argv.slice(2);
  if (args.some((arg) => /^--?h(?:elp)?$/.test(arg))) {
    process.stdout.write(usage(`herald-${component}`, flags));
    return;
  }
  const read = readFlags(flags, args, process.env);
  if (!read.ok) fail(component, read.error.map(describeFlagError));
  const { value } = read;
  const tls = readTlsSettings(value);
  if (!tls.ok) fail(component, tls.error.map(describeFlagError));
  const missing = required.filter((name) => value.text(name) === "");
  if (missing.length > 0)
    fail(
      component,
      missing.map((name) => `flag --${name}: required`),
    );

  const log = createLog(component, value.text("log-level"));
  for (const { flag, note } of value.notes) log.info({ flag }, `flag has no effect: ${note}`);
  let daemon: RunningDaemon | null = null;
  runUntilSignal(log, STOP_GRACE + (extraStopTime?.(value) ?? 0), async () => {
    await daemon?.stop();
  });
  const connection = await connectToApiServer(`herald-${component}`, value, clock).catch((error: unknown) => {
    log.fatal(
      { error: error instanceof Error ? error.message : String(error) },
      "no credentials for the API server: set --kubeconfig, or run in a Pod with a service account",
    );
    process.exit(1);
  });
  const namespace = namespaceOf(value.text("namespace"));
  const made = make({ flags: value, namespace, transport: connection.transport, clock, log, tls: tls.value });
  daemon = made;
  connection.countIn(made.metrics);
  await serveHealth({
    host: value.text("health-probe-host"),
    port: value.number("health-probe-port"),
    live: [],
    ready: () => made.healthChecks,
  });
  if (value.number("port") !== 0) {
    await serveMetrics({
      host: value.text("metrics-host"),
      port: value.number("port"),
      exposition: () => made.exposition(),
      pages: made.pages,
      log,
      secured: value.isSet("metrics-plain")
        ? null
        : {
            tls: tls.value,
            certificate: certificateFor(value.text("metrics-cert-dir"), tls.value, clock, log),
            access: new ReviewedAccess(connection.transport, clock),
          },
    });
  }
  const collected = thisProcess();
  if (collected !== null) collectWhenIdle(clock, collected);
  log.info({ namespace }, "started");
  await made.start();
}

function certificateFor(folder: string, tls: TlsSettings, clock: Clock, log: Logger): () => Promise<KeyPair | null> {
  if (folder === "") return selfSigned(tls, () => Date.now());
  const files = new CertificateFolder(folder, clock, log);
  return () => files.current();
}

function fail(component: string, lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`herald-${component}: ${line}\n`);
  process.exit(2);
}
