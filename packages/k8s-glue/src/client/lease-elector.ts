import { type Clock, createDriver, type Driver, type Instant } from "@herald-lb/sansio";
import type { ApiError } from "./api-error.ts";
import { createJitter } from "./jitter.ts";
import { createLeaseRequests } from "./lease-requests.ts";
import {
  defaultLeaseTimes,
  type LeaseConfig,
  type LeaseEffect,
  type LeaseEvent,
  type LeaseState,
} from "./lease-state.ts";
import { createLeaseMachine, stoppedElector } from "./lease.ts";
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
  const times = timesOf(options);
  let term = 0;
  let finished: (() => void) | null = null;

  const deadline = (): Instant | null => (driver.state.name === "Leader" ? driver.state.renewDeadlineTimer : null);
  const fence = (): boolean => {
    const until = deadline();
    return until !== null && clock.now() < until;
  };
  const requests = createLeaseRequests({
    transport,
    namespace,
    name,
    // Half the deadline, as client-go: one attempt that hangs leaves time for another.
    timeout: times.renewDeadline / 2,
    wallClock: options.wallClock ?? Date.now,
    onError: options.onError,
    dispatch: (event) => driver.dispatch(event),
  });

  const perform = (effect: LeaseEffect): void => {
    switch (effect.type) {
      case "ReadLease":
        return requests.read(effect.request);
      case "WriteLease":
        return requests.write(effect);
      case "CancelRequest":
        return requests.cancel(effect.request);
      case "LeadershipAcquired": {
        const mine = ++term;
        options.onAcquired(() => mine === term && fence());
        return;
      }
      case "LeadershipLost":
        term++;
        return options.onLost(effect.because);
      case "LeaderObserved":
        return options.onLeader?.(effect.identity);
      case "Finished":
        return finished?.();
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

/** The times that were asked for, client-go's where none was. Throws unless each is shorter than the one before. */
function timesOf(options: LeaseElectorOptions): Pick<LeaseConfig, "leaseDuration" | "renewDeadline" | "retryPeriod"> {
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
  return times;
}
