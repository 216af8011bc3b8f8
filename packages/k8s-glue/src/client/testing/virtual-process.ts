import { type Clock, err, type Instant, instant, ok, type Result } from "@herald-lb/sansio";
import type { VirtualClock } from "@herald-lb/sansio/testing";
import type { ApiError, ApiErrorCode } from "../api-error.ts";
import type { ApiRequest, WatchRequest } from "../api-request.ts";
import type { Transport } from "../transport.ts";
import type { MemoryApiServer, StoredObject } from "./memory-api-server.ts";

/** The time between two tasks that waited for a stopped process, once it runs again, in milliseconds. */
const TASK_GAP = 0.001;

/** A request that passed its guard and has not reached the server. */
export interface RequestInFlight {
  readonly request: ApiRequest;
  /** Reaches the server now. */
  readonly land: () => void;
}

/**
 * A process with its clock and its connections to a `MemoryApiServer`, in virtual time. `stop` freezes both, as SIGSTOP does: requests on
 * the wire still arrive at the server, and answers wait in the socket. Requests take a random time on the wire.
 */
export class VirtualProcess {
  readonly clock: Clock;
  readonly transport: Transport;
  /** Every request that passed its guard. */
  readonly sent: ApiRequest[] = [];
  /** The requests that the server accepted, each with its time. */
  readonly accepted: { readonly request: ApiRequest; readonly at: Instant }[] = [];
  /** Is called right after the guard of a request let it pass: a test may stop the process just there. */
  onPassed: (request: ApiRequest) => void = () => {};
  /** Returns true to keep a request on the wire until the test calls `land`. */
  keeps: (departure: RequestInFlight) => boolean = () => false;
  readonly #world: VirtualClock;
  readonly #server: MemoryApiServer;
  readonly #random: () => number;
  readonly #backlog: (() => void)[] = [];
  #running = true;

  constructor(world: VirtualClock, server: MemoryApiServer, random: () => number) {
    this.#world = world;
    this.#server = server;
    this.#random = random;
    this.clock = { now: () => world.now(), wakeAt: (at, wake) => this.#wakeAt(at, wake) };
    this.transport = {
      request: <T>(wanted: ApiRequest): Promise<Result<T, ApiError>> =>
        this.#request(wanted) as Promise<Result<T, ApiError>>,
      watch: (wanted) => this.#watch(wanted),
      close: () => Promise.resolve(),
    };
  }

  /** SIGSTOP. */
  stop(): void {
    this.#running = false;
  }

  /** Runs again, as after SIGCONT: handles overdue timers and the answers in the sockets in the order in which they came due. */
  resume(): void {
    this.#running = true;
    this.#drain();
  }

  #wakeAt(at: Instant, wake: () => void): () => void {
    let cancelled = false;
    const cancel = this.#world.wakeAt(at, () => this.#run(() => cancelled || wake()));
    return () => {
      cancelled = true;
      cancel();
    };
  }

  /** Runs now, or when the process runs again and everything before is done. */
  #run(task: () => void): void {
    if (this.#running && this.#backlog.length === 0) task();
    else this.#backlog.push(task);
  }

  #drain(): void {
    if (!this.#running) return;
    this.#backlog.shift()?.();
    if (this.#backlog.length > 0) this.#world.wakeAt(this.#after(TASK_GAP), () => this.#drain());
  }

  async #request(wanted: ApiRequest): Promise<Result<StoredObject, ApiError>> {
    // The real one reads its credentials first.
    await Promise.resolve();
    if (wanted.guard?.() === false) return failed("Fenced");
    this.sent.push(wanted);
    this.onPassed(wanted);
    const { promise, resolve } = Promise.withResolvers<Result<StoredObject, ApiError>>();
    const land = (): void => {
      const answer = this.#server.handle(wanted);
      if (answer.ok) this.accepted.push({ request: wanted, at: this.#world.now() });
      this.#world.wakeAt(this.#wire(), () => this.#run(() => resolve(answer)));
    };
    // From the guard to the socket: a process that is stopped in between sends when it runs again.
    this.#world.wakeAt(this.#after(this.#random()), () =>
      this.#run(() => {
        if (!this.keeps({ request: wanted, land })) this.#world.wakeAt(this.#wire(), land);
      }),
    );
    const cancel = this.#wakeAt(this.#after(wanted.timeout ?? 30_000), () => resolve(failed("Timeout")));
    wanted.signal?.addEventListener("abort", () => resolve(failed("Aborted")), { once: true });
    const answer = await promise;
    cancel();
    return answer;
  }

  async #watch({ path, query, signal }: WatchRequest): Promise<Result<AsyncIterable<Uint8Array>, ApiError>> {
    await Promise.resolve();
    const arrived: Uint8Array[] = [];
    let wanting: (() => void) | null = null;
    let last = this.#world.now();
    const close = this.#server.watch(path, query, (line) => {
      // A connection keeps its order.
      last = instant(Math.max(last, this.#wire()));
      this.#world.wakeAt(last, () =>
        this.#run(() => {
          arrived.push(line);
          wanting?.();
        }),
      );
    });
    signal.addEventListener("abort", () => {
      close();
      wanting?.();
    });
    async function* lines(): AsyncGenerator<Uint8Array> {
      while (!signal.aborted) {
        const line = arrived.shift();
        if (line !== undefined) yield line;
        else
          await new Promise<void>((resolve) => {
            wanting = resolve;
          });
      }
    }
    return ok(lines());
  }

  /** The time at which a message that is sent now arrives. */
  #wire(): Instant {
    return this.#after(0.2 + 4 * this.#random() ** 3);
  }

  #after(milliseconds: number): Instant {
    return instant(this.#world.now() + milliseconds);
  }
}

function failed(code: ApiErrorCode): Result<never, ApiError> {
  return err({ code, status: 0, reason: "", message: code, retryAfter: null });
}
