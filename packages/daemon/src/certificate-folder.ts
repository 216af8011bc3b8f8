import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import type { Clock } from "@herald-lb/sansio";
import type { KeyPair } from "./certificate-request.ts";
import type { Logger } from "./log.ts";

/** How often the files are looked at, at most, in milliseconds. */
const INTERVAL = 1_000;

/**
 * The pair `tls.crt` and `tls.key` of a folder. Asked for on each connection, and read then unless that was just done: a Secret's volume
 * changes by a symbolic link, which notifications of files miss. While what is there cannot be used, the last that could is.
 */
export class CertificateFolder {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  #pair: KeyPair | null = null;
  #trouble: string | null = null;
  #readAt: number | null = null;
  #reading: Promise<void> | null = null;

  constructor(folder: string, clock: Clock, log: Logger) {
    this.#folder = folder;
    this.#clock = clock;
    this.#log = log;
  }

  /** The pair of the moment, the same object as long as the files say the same; null when there never was one. */
  async current(): Promise<KeyPair | null> {
    const now = this.#clock.now();
    if (this.#readAt === null || now - this.#readAt >= INTERVAL) {
      this.#readAt = now;
      this.#reading = this.#read();
    }
    await this.#reading;
    return this.#pair;
  }

  async #read(): Promise<void> {
    try {
      const [cert, key] = await Promise.all(
        ["tls.crt", "tls.key"].map((name) => readFile(join(this.#folder, name), "utf8")),
      );
      const pair = { cert: cert ?? "", key: key ?? "" };
      if (pair.cert !== this.#pair?.cert || pair.key !== this.#pair.key) {
        requireUsable(pair);
        this.#log.info({ folder: this.#folder }, "certificate read");
        this.#pair = pair;
      }
      this.#trouble = null;
    } catch (error) {
      const trouble = error instanceof Error ? error.message : String(error);
      if (trouble !== this.#trouble)
        this.#log.error({ folder: this.#folder, error: trouble }, "certificate cannot be used");
      this.#trouble = trouble;
    }
  }
}

/** Throws for what no server can be run with, as when one file is of before a change and the other of after. */
function requireUsable({ cert, key }: KeyPair): void {
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new Error("the key is not that of the certificate");
  createSecureContext({ cert, key });
}
