import type { ApiError, Transport } from "@herald-lb/k8s-glue/client";
import { type KubernetesObject, objectPath, type Resource } from "@herald-lb/k8s-glue/objects";
import { ok, type Result } from "@herald-lb/sansio";
import { fingerprintsOf } from "./certificate-secret.ts";

const CONFIGURATIONS: Resource = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingWebhookConfiguration",
  plural: "validatingwebhookconfigurations",
  namespaced: false,
};
/** The object that tells API servers of the webhook; MetalLB's name. */
export const WEBHOOK_CONFIGURATION = "metallb-webhook-configuration";

interface WebhookConfiguration extends KubernetesObject {
  readonly webhooks?: readonly { readonly clientConfig?: { readonly caBundle?: string } }[];
}

/** The webhook configuration as it was read. */
export interface ReadBundle {
  readonly configuration: WebhookConfiguration;
  /** Authorities that every webhook in it names, by their fingerprints. */
  readonly trusted: ReadonlySet<string>;
}

/** What API servers are told of who vouches for the webhook: `caBundle` in its ValidatingWebhookConfiguration. */
export class TrustBundle {
  readonly #transport: Pick<Transport, "request">;

  constructor(transport: Pick<Transport, "request">) {
    this.#transport = transport;
  }

  /** Null where there is no such configuration, or nothing in it, so that nobody asks the webhook. */
  async read(): Promise<Result<ReadBundle | null, ApiError>> {
    const path = objectPath(CONFIGURATIONS, { name: WEBHOOK_CONFIGURATION });
    const found = await this.#transport.request<WebhookConfiguration>({ method: "GET", path });
    if (!found.ok) return found.error.code === "NotFound" ? ok(null) : found;
    const { webhooks = [] } = found.value;
    if (webhooks.length === 0) return ok(null);
    const each = webhooks.map(({ clientConfig }) => new Set(fingerprintsOf(clientConfig?.caBundle ?? "")));
    const [first = new Set<string>(), ...others] = each;
    return ok({
      configuration: found.value,
      trusted: new Set([...first].filter((fingerprint) => others.every((other) => other.has(fingerprint)))),
    });
  }

  /** Puts these certificates, PEM, into every webhook of the configuration; whether anything had to be written. */
  async write({ configuration }: ReadBundle, pem: string): Promise<Result<boolean, ApiError>> {
    const caBundle = Buffer.from(pem).toString("base64");
    const { webhooks = [] } = configuration;
    if (webhooks.every(({ clientConfig }) => clientConfig?.caBundle === caBundle)) return ok(false);
    const path = objectPath(CONFIGURATIONS, { name: WEBHOOK_CONFIGURATION });
    const body = {
      ...configuration,
      webhooks: webhooks.map((webhook) => ({ ...webhook, clientConfig: { ...webhook.clientConfig, caBundle } })),
    };
    const written = await this.#transport.request({ method: "PUT", path, body });
    return written.ok ? ok(true) : written;
  }
}
