import { type KeyPair, type Logger, makeCertificate } from "@herald-lb/daemon";
import type { ApiError, Transport } from "@herald-lb/k8s-glue/client";
import { collectionPath, type KubernetesObject, objectPath, SECRETS } from "@herald-lb/k8s-glue/objects";
import { ok, type Result } from "@herald-lb/sansio";
import { type CertificateLifetimes, type CertificateStep, planCertificates } from "./certificate-plan.ts";
import { type CertificateSecret, type CertificateSecretData, readCertificateSecret } from "./certificate-secret.ts";
import { TrustBundle } from "./trust-bundle.ts";

/** The parts that rotation works with. */
export interface CertificateRotatorOptions {
  readonly transport: Pick<Transport, "request">;
  readonly namespace: string;
  /** The Secret's name. */
  readonly secret: string;
  /** The name that API servers call the webhook by: `service.namespace.svc`. */
  readonly dnsName: string;
  readonly lifetimes: CertificateLifetimes;
  /** The wall clock, in milliseconds since 1970. */
  readonly wallClock: () => number;
  readonly log: Logger;
}

interface SecretObject extends KubernetesObject {
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The number of times that a pass is tried when another replica writes at the same time. */
const ATTEMPTS = 4;

/**
 * Rotates the webhook's certificates, which are in a Secret, and writes the authorities to trust into the webhook configuration. Every
 * replica does the same: the first to write wins, and the others read what it wrote. The Secret's version is all that coordinates them.
 */
export class CertificateRotator {
  readonly #options: CertificateRotatorOptions;
  readonly #trust: TrustBundle;
  #serving: KeyPair | null = null;

  constructor(options: CertificateRotatorOptions) {
    this.#options = options;
    this.#trust = new TrustBundle(options.transport);
  }

  /** The certificate to serve; the same object until it changes, null before the first pass that has found or made one. */
  get serving(): KeyPair | null {
    return this.#serving;
  }

  /** Reads the Secret, takes the one step that is due, and updates the webhook configuration. */
  async pass(): Promise<Result<void, ApiError>> {
    for (let attempt = 1; ; attempt++) {
      const done = await this.#attempt();
      const lost = !done.ok && (done.error.code === "Conflict" || done.error.code === "AlreadyExists");
      if (!lost || attempt >= ATTEMPTS) return done;
    }
  }

  async #attempt(): Promise<Result<void, ApiError>> {
    const { dnsName, lifetimes, wallClock, log } = this.#options;
    // In this order: the bundle that we write may be of an older Secret. If another replica has written one since, ours is a conflict.
    const bundle = await this.#trust.read();
    if (!bundle.ok) return bundle;
    const live = await this.#read();
    if (!live.ok) return live;
    let secret = readCertificateSecret(live.value?.data, dnsName);
    const step = planCertificates(secret.state, bundle.value?.trusted ?? null, wallClock(), lifetimes);
    if (step.type !== "Keep") {
      const data = encoded(await this.#carryOut(step, secret));
      const written = await this.#write(live.value, data);
      if (!written.ok) return written;
      log.info(
        { step: step.type, because: "because" in step ? step.because : undefined },
        "webhook certificates written",
      );
      secret = readCertificateSecret(data, dnsName);
    }
    if (bundle.value !== null) {
      const updated = await this.#trust.write(bundle.value, [...secret.authorities.values()].join(""));
      if (!updated.ok) return updated;
      if (updated.value)
        log.info({ authorities: secret.authorities.size }, "caBundle of the webhook configuration written");
    }
    if (secret.serving !== null && secret.serving.cert !== this.#serving?.cert) {
      this.#serving = secret.serving;
      log.info({ until: new Date(secret.state.serving?.notAfter ?? 0).toISOString() }, "webhook certificate read");
    }
    return ok(undefined);
  }

  async #carryOut(
    step: Exclude<CertificateStep, { type: "Keep" }>,
    secret: CertificateSecret,
  ): Promise<CertificateSecretData> {
    const { dnsName, lifetimes, wallClock } = this.#options;
    const now = wallClock();
    const span = (lifetime: number): { notBefore: Date; notAfter: Date } => ({
      notBefore: new Date(now - lifetimes.backdate),
      notAfter: new Date(now + lifetime),
    });
    const kept = [...secret.authorities].flatMap(([fingerprint, pem]) =>
      step.keep.includes(fingerprint) ? [pem] : [],
    );
    let { signer, serving } = secret;
    let bundle = kept;
    if (step.type === "MakeBoth" || step.type === "MakeAuthority") {
      signer = await makeCertificate({
        ...span(lifetimes.authority),
        subject: "CN=herald-webhook-ca,O=herald",
        dnsNames: [],
        authority: true,
      });
      bundle = [signer.cert, ...kept];
    }
    if (signer !== null && (step.type === "MakeBoth" || step.type === "MakeServing")) {
      const request = {
        ...span(lifetimes.serving),
        subject: "CN=herald-webhook",
        dnsNames: [dnsName],
        authority: false,
      };
      serving = await makeCertificate(request, signer);
    }
    return {
      "ca.crt": bundle.join(""),
      "ca.key": signer?.key ?? "",
      "tls.crt": serving?.cert ?? "",
      "tls.key": serving?.key ?? "",
    };
  }

  async #read(): Promise<Result<SecretObject | null, ApiError>> {
    const { transport, namespace, secret: name } = this.#options;
    const path = objectPath(SECRETS, { namespace, name });
    const found = await transport.request<SecretObject>({ method: "GET", path });
    return found.ok || found.error.code !== "NotFound" ? found : ok(null);
  }

  #write(live: SecretObject | null, data: Readonly<Record<string, string>>): Promise<Result<unknown, ApiError>> {
    const { transport, namespace, secret: name } = this.#options;
    if (live !== null) {
      const path = objectPath(SECRETS, { namespace, name });
      return transport.request({ method: "PUT", path, body: { ...live, data: { ...live.data, ...data } } });
    }
    const body = { apiVersion: "v1", kind: "Secret", metadata: { name, namespace }, type: "Opaque", data };
    return transport.request({ method: "POST", path: collectionPath(SECRETS, namespace), body });
  }
}

function encoded(files: CertificateSecretData): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([key, text]) => [key, Buffer.from(text).toString("base64")]));
}
