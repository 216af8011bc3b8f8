import { HERALD_NAMESPACE } from "@herald-lb/lab";
import { expect } from "vitest";
import type { ControlPlane } from "./control-plane.ts";

/** The name that API servers call the webhook by. */
export const NAME: string = `metallb-webhook-service.${HERALD_NAMESPACE}.svc`;
/** The configuration of the webhook, as kubectl names it. */
export const CONFIGURATION: readonly string[] = ["validatingwebhookconfiguration", "metallb-webhook-configuration"];
/** The Secret with the certificates, as kubectl names it. */
export const SECRET: readonly string[] = ["secret", "metallb-webhook-cert", "-n", HERALD_NAMESPACE];

/** The webhook as an API server knows it, and its certificates. */
export class Registration {
  readonly #plane: ControlPlane;

  constructor(plane: ControlPlane) {
    this.#plane = plane;
  }

  /** The text of a file of the Secret. */
  async fileOf(name: string): Promise<string> {
    const path = `jsonpath={.data.${name.replace(".", "\\.")}}`;
    return Buffer.from(await this.#plane.kubectl(["get", ...SECRET, "-o", path]), "base64").toString();
  }

  /** The certificates that the API server trusts, the same for every webhook; PEM. */
  async bundle(): Promise<string> {
    const path = "jsonpath={.webhooks[*].clientConfig.caBundle}";
    const bundles = new Set((await this.#plane.kubectl(["get", ...CONFIGURATION, "-o", path])).split(" "));
    expect(bundles.size).toBe(1);
    return Buffer.from([...bundles][0] ?? "", "base64").toString();
  }

  /** Sets failurePolicy of every webhook. */
  failWith(policy: "Fail" | "Ignore"): Promise<string> {
    return this.#replace("failurePolicy", policy);
  }

  /** Sets the certificates that the API server trusts, base64. */
  trust(caBundle: string): Promise<string> {
    return this.#replace("clientConfig/caBundle", caBundle);
  }

  #replace(field: string, value: string): Promise<string> {
    const patch = Array.from({ length: 6 }, (_, at) => ({ op: "replace", path: `/webhooks/${at}/${field}`, value }));
    return this.#plane.kubectl(["patch", ...CONFIGURATION, "--type=json", "-p", JSON.stringify(patch)]);
  }
}
