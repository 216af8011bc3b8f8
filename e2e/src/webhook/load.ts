import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Manifest, run } from "@herald-lb/lab";
import type { ControlPlane } from "./control-plane.ts";

/** The requests, and the replicas that answer them. */
export interface LoadOptions {
  readonly plane: ControlPlane;
  /** The name that API servers call the webhook by. */
  readonly name: string;
  /** A pool that is sound; it is not kept. */
  readonly manifest: Manifest;
  /** The ports of the replicas on this machine that the load goes to. */
  readonly ports: readonly number[];
  /** The certificates that API servers trust, PEM. */
  readonly bundle: () => Promise<string>;
  readonly folder: string;
}

/** Asks for reviews one after the other, and looks at what replicas serve, until told to stop; keeps what was not in order. */
export class Load {
  readonly failures: string[] = [];
  /** Every certificate seen. */
  readonly certificates: Set<string> = new Set();
  reviews: number = 0;
  readonly #options: LoadOptions;
  readonly #done: Promise<unknown>;
  #stopping = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#done = Promise.all([this.#review(), ...options.ports.map((port) => this.#shake(port))]);
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#done;
  }

  async #review(): Promise<void> {
    const { plane, manifest } = this.#options;
    const { namespace } = manifest["metadata"] as { readonly namespace: string };
    const url = `${plane.api.url}/apis/metallb.io/v1beta1/namespaces/${namespace}/ipaddresspools?dryRun=All`;
    const headers = [`Authorization: Bearer ${plane.api.tokens.admin}`, "Content-Type: application/json"];
    const args = [...headers.flatMap((header) => ["-H", header]), "--data-binary", "@-", url];
    while (!this.#stopping) {
      const { status, body } = await plane.curl(args, JSON.stringify(manifest));
      this.reviews++;
      if (status !== 201) this.failures.push(`review: ${status} ${body}`);
    }
  }

  /** A handshake as an API server makes it: with the bundle of the moment, by the Service's name. */
  async #shake(port: number): Promise<void> {
    const { plane, name, bundle, folder } = this.#options;
    const file = join(folder, `bundle-${port}`);
    const address = ["--resolve", `${name}:${port}:127.0.0.1`, "-o", "/dev/null", `https://${name}:${port}/`];
    while (!this.#stopping) {
      writeFileSync(file, await bundle());
      const command = ["netns", "exec", plane.network, "curl", "-s", "-m", "5", "--cacert", file, ...address];
      await run("ip", command).catch((error: unknown) => {
        this.failures.push(`handshake with ${port}: ${String(error)}`);
      });
      const certificate = await plane.certificateOf(port).catch(() => "");
      if (certificate !== "") this.certificates.add(certificate);
    }
  }
}
