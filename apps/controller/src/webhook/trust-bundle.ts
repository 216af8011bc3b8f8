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
/** The name of the ValidatingWebhookConfiguration; MetalLB's. */
export const WEBHOOK_CONFIGURATION = "metallb-webhook-configuration";

interface WebhookConfiguration extends KubernetesObject {
  readonly webhooks?: readonly { readonly clientConfig?: { readonly caBundle?: string } }[];
}

/** The webhook configuration as it was read. */
export interface ReadBundle {
  readonly configuration: WebhookConfiguration;
  /** The fingerprints of the authorities in the `caBundle` of every webhook. */
  readonly trusted: ReadonlySet<string>;
}

/** Reads and writes `caBundle` in the ValidatingWebhookConfiguration: the authorities by which API servers trust the webhook. */
export class TrustBundle {
  readonly #transport: Pick<Transport, "request">;

  constructor(transport: Pick<Transport, "request">) {
    this.#transport = transport;
  }

  /** Reads the configuration; null where there is none, or it has no webhook, so that no API server calls us. */
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

  /** Writes these certificates, PEM, into every webhook of the configuration; false when they were there already. */
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
