import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import type { Clock } from "@herald-lb/sansio";
import type { KeyPair } from "./certificate-request.ts";
import type { Logger } from "./log.ts";

/** The shortest time between two readings of the files, in milliseconds. */
const INTERVAL = 1_000;

/**
 * Reads the pair `tls.crt` and `tls.key` of a folder. It is read on each connection, at most once a second: a Secret's volume changes by a
 * symbolic link, which notifications of files miss. While the files cannot be used, the last usable pair is served.
 */
export class CertificateFolder {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  #pair: KeyPair | null = null;
  #problem: string | null = null;
  #readAt: number | null = null;
  #reading: Promise<void> | null = null;

  constructor(folder: string, clock: Clock, log: Logger) {
    this.#folder = folder;
    this.#clock = clock;
    this.#log = log;
  }

  /** Returns the present pair, the same object as long as the files are the same; null when no usable pair was ever there. */
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
      this.#problem = null;
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (problem !== this.#problem)
        this.#log.error(
          { folder: this.#folder, error: problem },
          "certificate cannot be used: tls.crt and tls.key must be a PEM certificate and its key; the last usable pair is served meanwhile",
        );
      this.#problem = problem;
    }
  }
}

/** Throws when no server can use the pair, for example because only one of the files has been replaced yet. */
function requireUsable({ cert, key }: KeyPair): void {
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    throw new Error("tls.key is not the key of tls.crt");
  createSecureContext({ cert, key });
}
