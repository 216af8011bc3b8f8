import type { LabHost } from "@herald-lb/lab";

/** The time limit of a request, in seconds: one lost ARP request, which the kernel repeats after a second, is too long. */
const TIMEOUT = "0.9";

/** A client that asks without end, and forgets before each request which hardware address the Service's address has. */
export class ClientLoop {
  /** The number of requests made. */
  asked = 0;
  /** The outcome of each request without an answer. */
  readonly failures: string[] = [];
  readonly #ended: Promise<void>;
  #stopping = false;

  constructor(client: LabHost, addresses: readonly string[]) {
    this.#ended = this.#run(client, addresses);
  }

  /** Ends with the request that is under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#ended;
  }

  async #run({ namespace }: LabHost, addresses: readonly string[]): Promise<void> {
    while (!this.#stopping) {
      for (const address of addresses) {
        const url = `http://${address.includes(":") ? `[${address}]` : address}/`;
        await namespace.ip("neigh", "flush", "to", address);
        this.asked++;
        await namespace
          .run("curl", ["--silent", "--show-error", "--fail", "--output", "/dev/null", "--max-time", TIMEOUT, url])
          .catch((error: unknown) => this.failures.push(`${new Date().toISOString()} ${String(error)}`));
      }
    }
  }
}
