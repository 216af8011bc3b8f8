import type { Transport } from "@herald-lb/k8s-glue/client";
import { type Clock, instant } from "@herald-lb/sansio";

/** The time after which a probe without an answer has failed, in milliseconds. */
const TIMEOUT = 500;
/** The pause between two probes, in milliseconds. */
const PAUSE = 1_000;

/** The dependencies of the probe. */
export interface ApiServerProbeOptions {
  readonly transport: Pick<Transport, "request">;
  readonly clock: Pick<Clock, "now" | "wakeAt">;
  readonly onProbed: (reached: boolean) => void;
}

/** Asks the API server for its version, once and again while that is wanted. Any answer, a refusal too, shows that it can be reached. */
export class ApiServerProbe {
  readonly #options: ApiServerProbeOptions;
  #wanted = false;
  #running = false;

  constructor(options: ApiServerProbeOptions) {
    this.#options = options;
  }

  /** Starts or ends the probes. */
  want(wanted: boolean): void {
    this.#wanted = wanted;
    if (wanted && !this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    const { transport, clock, onProbed } = this.#options;
    this.#running = true;
    const answer = await transport.request({ method: "GET", path: "/version", timeout: TIMEOUT, retries: 0 });
    this.#running = false;
    if (!this.#wanted) return;
    onProbed(answer.ok || answer.error.status > 0);
    clock.wakeAt(instant(clock.now() + PAUSE), () => this.want(this.#wanted));
  }
}
