import {
  CertificateFolder,
  type HealthCheck,
  type DaemonContext,
  type KeyPair,
  pause,
  type RequestHandler,
  serveTls,
} from "@herald-lb/daemon";
import { instant } from "@herald-lb/sansio";
import { Counter, type Registry } from "prom-client";
import { CertificateRotator } from "./certificate-rotator.ts";
import { lifetimesOf } from "./certificate-plan.ts";
import { listLiveObjects } from "./live-objects.ts";
import { reviewServer } from "./server.ts";

/** The pause before rotation is tried again after a failure, or without a certificate, in milliseconds. */
const RETRY_PAUSE = 5_000;
/** The time for which a replica that stops goes on answering, in milliseconds: API servers learn of it later. */
const STOP_DELAY = 1_000;
/** The longest wait for reviews that have begun, after that, in milliseconds. */
const LAST_REVIEWS = 500;

/** The validating webhook. Every replica serves it, with or without the Lease. */
export class Webhook {
  readonly #context: DaemonContext;
  readonly #reviews: Counter<"kind" | "operation" | "verdict">;
  /** Null with `--disable-cert-rotation`. */
  readonly #rotator: CertificateRotator | null;
  readonly #certificate: () => Promise<KeyPair | null>;
  readonly #interval: number;
  #failure: string | null = "no certificate yet";
  #underWay = 0;
  #stopped = false;

  /** Counts reviews in `registry`. */
  constructor(context: DaemonContext, registry: Registry) {
    this.#context = context;
    this.#reviews = new Counter({
      name: "herald_admission_reviews_total",
      help: "Changes of configuration objects that the webhook reviewed, by kind, operation and verdict.",
      labelNames: ["kind", "operation", "verdict"],
      registers: [registry],
    });
    const { flags, transport, namespace, clock, log } = context;
    const lifetimes = lifetimesOf(flags.number("webhook-cert-lifetime") * 1000);
    this.#interval = lifetimes.interval;
    if (flags.isSet("disable-cert-rotation")) {
      const files = new CertificateFolder(flags.text("cert-dir"), clock, log);
      this.#rotator = null;
      this.#certificate = () => files.current();
      return;
    }
    const rotator = new CertificateRotator({
      transport,
      namespace,
      secret: flags.text("webhook-secret"),
      dnsName: `${flags.text("cert-service-name")}.${namespace}.svc`,
      lifetimes,
      wallClock: () => Date.now(),
      log,
    });
    this.#rotator = rotator;
    this.#certificate = () => Promise.resolve(rotator.serving);
  }

  /** The check of readiness: it passes once there is a certificate to serve with. */
  get healthCheck(): HealthCheck {
    return { name: "webhook", failure: () => this.#failure };
  }

  /** Listens, and rotates certificates from then on. */
  async start(): Promise<void> {
    const { flags, transport, namespace, tls, log } = this.#context;
    await serveTls({
      host: flags.text("webhook-host"),
      port: flags.number("webhook-port"),
      tls,
      certificate: this.#certificate,
      http2: flags.isSet("webhook-http2"),
      log,
      handle: this.#counted(
        reviewServer({
          namespace,
          list: (kinds) => listLiveObjects(transport, namespace, kinds),
          onReview: ({ kind, operation, name }, { allowed, status }) => {
            this.#reviews.inc({ kind, operation, verdict: allowed ? "Allowed" : "Denied" });
            if (!allowed) log.info({ kind, operation, name, because: status?.message }, "change denied");
          },
          log,
        }),
      ),
    });
    log.info({ port: flags.number("webhook-port") }, "webhook listens");
    await this.#rotate();
  }

  /** Goes on serving for `STOP_DELAY`, then waits for the reviews that are under way. */
  async stop(): Promise<void> {
    const { clock } = this.#context;
    this.#stopped = true;
    await pause(clock, STOP_DELAY);
    const end = clock.now() + LAST_REVIEWS;
    while (this.#underWay > 0 && clock.now() < end) await pause(clock, 10);
  }

  #counted(handle: RequestHandler): RequestHandler {
    return (request, response) => {
      this.#underWay++;
      handle(request, {
        // A review that is sent while we close its connection would be lost: from now on each answer closes its connection.
        writeHead: (status, headers) =>
          response.writeHead(status, this.#stopped ? { ...headers, connection: "close" } : headers),
        end: (text) => {
          this.#underWay--;
          response.end(text);
        },
      });
    };
  }

  async #rotate(): Promise<void> {
    const { clock, log } = this.#context;
    const done = await this.#rotator?.pass();
    if (this.#stopped) return;
    if (done?.ok === false) {
      const { code, message } = done.error;
      log.warn(
        { code, error: message },
        "webhook certificates not rotated, trying again: the webhook goes on with the ones it has",
      );
    }
    const served = (await this.#certificate()) !== null;
    this.#failure = served ? null : done?.ok === false ? done.error.message : "no certificate yet";
    const pause = done?.ok === false || !served ? Math.min(RETRY_PAUSE, this.#interval) : this.#interval;
    clock.wakeAt(instant(clock.now() + pause), () => {
      if (!this.#stopped) void this.#rotate();
    });
  }
}
