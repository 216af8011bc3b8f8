import { collectionPath, type Lease, LEASES, objectPath } from "@herald-lb/k8s-glue/objects";
import { type Clock, createDriver, type Driver, type Instant } from "@herald-lb/sansio";
import { type ApiError, localError } from "./api-error.ts";
import { createJitter } from "./jitter.ts";
import {
  defaultLeaseTimes,
  type LeaseConfig,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseState,
} from "./lease-state.ts";
import { createLeaseMachine, stoppedElector } from "./lease.ts";
import { microTime } from "./micro-time.ts";
import type { Transport } from "./transport.ts";

/** The Lease to contend for, and the callbacks. */
export interface LeaseElectorOptions
  extends Partial<Pick<LeaseConfig, "leaseDuration" | "renewDeadline" | "retryPeriod">> {
  readonly transport: Transport;
  readonly clock: Clock;
  /** In [0, 1); for jitter. */
  readonly random: () => number;
  /** Milliseconds since 1970, for the times in the Lease, which are for people to read; `Date.now` by default. */
  readonly wallClock?: () => number;
  readonly namespace: string;
  readonly name: string;
  /** Unique to the process: the pod's name and something random. */
  readonly identity: string;
  /**
   * `fence` belongs to this term: once it answers false it does so for ever, also when a later term was won meanwhile. Ask it
   * before every write (`ApiRequest.guard`). A new term begins with listing and adopting what is recorded.
   */
  readonly onAcquired: (fence: () => boolean) => void;
  readonly onLost: (because: "Stopped" | "RenewDeadline" | "HeldByAnother") => void;
  /** Called with the identity of the present holder, for the log. */
  readonly onLeader?: (identity: string) => void;
  readonly onError?: (error: ApiError) => void;
}

/** One contender for a Lease. */
export interface LeaseElector {
  readonly start: () => void;
  /** Gives the lease back if held; resolves when that was answered, or after `retryPeriod` at most. */
  readonly stop: () => Promise<void>;
  /** True while a write may be sent. Compares with the clock at every call: after a pause it is closed before any timer fires. */
  readonly fence: () => boolean;
  /** Until when the fence is open; null for a contender that does not lead. */
  readonly deadline: () => Instant | null;
}

/** Makes a contender; it asks for nothing before `start`. */
export function createLeaseElector(options: LeaseElectorOptions): LeaseElector {
  const { transport, clock, namespace, name } = options;
  const times = {
    leaseDuration: options.leaseDuration ?? defaultLeaseTimes.leaseDuration,
    renewDeadline: options.renewDeadline ?? defaultLeaseTimes.renewDeadline,
    retryPeriod: options.retryPeriod ?? defaultLeaseTimes.retryPeriod,
  };
  if (times.leaseDuration <= times.renewDeadline || times.renewDeadline <= times.retryPeriod) {
    throw new Error(
      `lease times must fall: leaseDuration ${times.leaseDuration}, renewDeadline ${times.renewDeadline}, retryPeriod ${times.retryPeriod}`,
    );
  }
  const wallClock = options.wallClock ?? Date.now;
  const requests = new Map<number, AbortController>();
  const path = objectPath(LEASES, { namespace, name });
  let term = 0;
  let finished: (() => void) | null = null;

  const deadline = (): Instant | null => (driver.state.name === "Leader" ? driver.state.renewDeadlineTimer : null);
  const fence = (): boolean => {
    const until = deadline();
    return until !== null && clock.now() < until;
  };
  const fail = (request: number, error: ApiError): void => {
    if (error.code !== "Aborted") options.onError?.(error);
    driver.dispatch({ type: "RequestFailed", request, error });
  };
  const send = async (
    request: number,
    run: (common: { readonly signal: AbortSignal; readonly timeout: number; readonly retries: 0 }) => Promise<void>,
  ): Promise<void> => {
    const controller = new AbortController();
    requests.set(request, controller);
    // Half the deadline, as client-go: one attempt that hangs leaves time for another.
    await run({ signal: controller.signal, timeout: times.renewDeadline / 2, retries: 0 });
    requests.delete(request);
  };

  const read = (request: number): Promise<void> =>
    send(request, async (common) => {
      const answer = await transport.request<Lease>({ method: "GET", path, ...common });
      if (answer.ok) driver.dispatch({ type: "LeaseRead", request, lease: answer.value });
      else if (answer.error.code === "NotFound") driver.dispatch({ type: "LeaseRead", request, lease: null });
      else fail(request, answer.error);
    });

  const write = (effect: Extract<LeaseEffect, { type: "WriteLease" }>): Promise<void> =>
    send(effect.request, async (common) => {
      const { request, base, holderIdentity, leaseDurationSeconds, leaseTransitions, acquired } = effect;
      const present = microTime(wallClock());
      const body: Lease = {
        ...base,
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { ...base?.metadata, namespace, name },
        spec: {
          ...base?.spec,
          holderIdentity,
          leaseDurationSeconds,
          leaseTransitions,
          renewTime: present,
          ...(acquired ? { acquireTime: present } : {}),
        },
      };
      const target =
        base === null
          ? { method: "POST" as const, path: collectionPath(LEASES, namespace) }
          : { method: "PUT" as const, path };
      const answer = await transport.request<Lease>({ ...target, body, ...common });
      if (!answer.ok) fail(request, answer.error);
      else if (answer.value.spec?.holderIdentity !== undefined || holderIdentity === "")
        driver.dispatch({ type: "LeaseWritten", request, lease: answer.value });
      else fail(request, localError("BadResponse", "", `${target.method} ${path}: the answer is no Lease`));
    });

  const perform = (effect: LeaseEffect): void => {
    switch (effect.type) {
      case "ReadLease":
        void read(effect.request);
        return;
      case "WriteLease":
        void write(effect);
        return;
      case "CancelRequest":
        requests.get(effect.request)?.abort();
        return;
      case "LeadershipAcquired": {
        const mine = ++term;
        options.onAcquired(() => mine === term && fence());
        return;
      }
      case "LeadershipLost":
        term++;
        options.onLost(effect.because);
        return;
      case "LeaderObserved":
        options.onLeader?.(effect.identity);
        return;
      case "Finished":
        finished?.();
        return;
    }
  };

  const driver: Driver<LeaseState, LeaseEvent> = createDriver<LeaseState, LeaseEvent, LeaseEffect>({
    machine: createLeaseMachine({
      ...times,
      identity: options.identity,
      jitter: createJitter(Math.floor(options.random() * 2 ** 32)),
    }),
    initial: stoppedElector,
    perform,
    clock,
  });

  return {
    start: () => driver.dispatch({ type: "Started" }),
    stop: () =>
      new Promise((resolve) => {
        if (driver.state.name === "Stopped") return resolve();
        finished = resolve;
        driver.dispatch({ type: "Stopped" });
      }),
    fence,
    deadline,
  };
}
