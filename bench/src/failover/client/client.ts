import { spawnSync } from "node:child_process";
import { startWorker, type WorkerHandle } from "@herald-lb/host";
import type { Scope } from "@herald-lb/lab";
import type { Claim } from "./claim.ts";
import type { ClientCommand, ClientPlace, ClientReport } from "./message.ts";

/** The requests for one address, with their answers. */
export type Asked = Omit<Extract<ClientReport, { type: "Ended" }>, "type">;

/** A client on the segment, in a thread of its own. */
export class Client {
  /** Every change of an address's claimant since the start, in order. */
  readonly claims: Claim[] = [];
  readonly #worker: WorkerHandle<ClientCommand>;
  #waiting: { readonly tell: (report: ClientReport) => void; readonly fail: (error: Error) => void } | null = null;
  #failure: Error | null = null;

  constructor(scope: Scope, place: ClientPlace) {
    this.#worker = startWorker<ClientCommand, ClientReport>({
      module: new URL("./worker.ts", import.meta.url),
      data: place,
      onMessage: (report) => {
        if (report.type === "Started") prefer(report.thread);
        else if (report.type === "Claimed") this.claims.push(report.claim);
        else this.#waiting?.tell(report);
      },
      onExit: (code, error) => {
        this.#failure = error ?? new Error(`the client ended: ${code}`);
        this.#waiting?.fail(this.#failure);
      },
    });
    scope.defer("the client", () => this.#worker.stop());
  }

  /** The one that answers for each of these addresses now; null for one that nobody answers for, or more than one. */
  async survey(addresses: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
    const { answers } = (await this.#ask({ type: "Survey", addresses })) as Extract<ClientReport, { type: "Surveyed" }>;
    const owners = new Map<string, string | null>(addresses.map((address) => [address, null]));
    const seen = new Set<string>();
    for (const { address, mac } of answers) {
      owners.set(address, seen.has(address) && owners.get(address) !== mac ? null : mac);
      seen.add(address);
    }
    return owners;
  }

  /** Begins to ask for an address. */
  begin(address: string): void {
    this.#worker.post({ type: "Begin", address });
  }

  /** Ends that. */
  async end(): Promise<Asked> {
    const { asked, sent, late } = (await this.#ask({ type: "End" })) as Extract<ClientReport, { type: "Ended" }>;
    return { asked, sent, late };
  }

  #ask(command: ClientCommand): Promise<ClientReport> {
    return new Promise((tell, fail) => {
      if (this.#failure !== null) return fail(this.#failure);
      this.#waiting = { tell, fail };
      this.#worker.post(command);
    });
  }
}

/** Runs a thread before all others: a client is another machine, which does not wait for the nodes' processors. */
function prefer(thread: number): void {
  const { status, stderr, error } = spawnSync("chrt", ["--rr", "--pid", "10", String(thread)], { encoding: "utf8" });
  if (status === 0) return;
  process.stderr.write(`the client waits for its turn as the speakers do: ${error?.message ?? stderr.trim()}\n`);
}
