import {
  CertificateFolder,
  type HealthCheck,
  type DaemonContext,
  type KeyPair,
  type RequestHandler,
  serveTls,
} from "@herald-lb/daemon";
import { instant } from "@herald-lb/sansio";
import { Counter, type Registry } from "prom-client";
import { CertificateRotator } from "./certificate-rotator.ts";
import { lifetimesOf } from "./certificate-plan.ts";
import { listLiveObjects } from "./live-objects.ts";
import { reviewServer } from "./server.ts";

/** How soon certificates are looked after again where there are none yet, or that failed, in milliseconds. */
const AGAIN = 5_000;
/** How long a replica that ends goes on answering, and then waits for reviews that have begun, in milliseconds. */
const FAREWELL = 1_000;
const LAST_REVIEWS = 500;

/** The validating webhook: every replica serves it, none leads. */
export class Webhook {
  readonly #context: DaemonContext;
  readonly #reviews: Counter<"kind" | "operation" | "verdict">;
  /** Null where somebody else keeps the certificates. */
  readonly #rotator: CertificateRotator | null;
  readonly #certificate: () => Promise<KeyPair | null>;
  readonly #interval: number;
  #trouble: string | null = "no certificate yet";
  #underWay = 0;
  #stopped = false;

  /** Counts reviews in `registry`. */
  constructor(context: DaemonContext, registry: Registry) {
    this.#context = context;
    this.#reviews = new Counter({
      name: "herald_admission_reviews_total",
      help: "Changes of configuration objects that the webhook was asked about, by its answer.",
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

  /** Ready once there is a certificate to serve with. */
  get healthCheck(): HealthCheck {
    return { name: "webhook", failure: () => this.#trouble };
  }

  /** Listens, and keeps certificates from then on. */
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
    await this.#lookAfter();
  }

  /** Serves on for a moment, as API servers hear later that this replica goes, and ends what is under way. */
  async stop(): Promise<void> {
    const { clock } = this.#context;
    this.#stopped = true;
    const end = clock.now() + FAREWELL;
    const until = (at: number): Promise<void> => new Promise((resolve) => clock.wakeAt(instant(at), resolve));
    await until(end);
    while (this.#underWay > 0 && clock.now() < end + LAST_REVIEWS) await until(clock.now() + 10);
  }

  #counted(handle: RequestHandler): RequestHandler {
    return (request, response) => {
      this.#underWay++;
      handle(request, {
        // A review that crosses with the end of its connection would be lost: each is the last on its own from now on.
        writeHead: (status, headers) =>
          response.writeHead(status, this.#stopped ? { ...headers, connection: "close" } : headers),
        end: (text) => {
          this.#underWay--;
          response.end(text);
        },
      });
    };
  }

  async #lookAfter(): Promise<void> {
    const { clock, log } = this.#context;
    const done = await this.#rotator?.pass();
    if (this.#stopped) return;
    if (done?.ok === false) {
      const { code, message } = done.error;
      log.warn({ code, error: message }, "webhook's certificates could not be looked after");
    }
    const served = (await this.#certificate()) !== null;
    this.#trouble = served ? null : done?.ok === false ? done.error.message : "no certificate yet";
    const pause = done?.ok === false || !served ? Math.min(AGAIN, this.#interval) : this.#interval;
    clock.wakeAt(instant(clock.now() + pause), () => {
      if (!this.#stopped) void this.#lookAfter();
    });
  }
}
