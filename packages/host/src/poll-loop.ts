import { type Clock, type Instant, instant } from "@herald-lb/sansio";
import { monotonicNow } from "./clock.ts";
import { POLL } from "./linux-constants.ts";
import { PauseDetector } from "./pause-detector.ts";
import { createLoopClock, pollTimeout } from "./loop-clock.ts";
import { SuspensionDetector, type SystemClocks, systemClocks } from "./suspension-detector.ts";
import { sys } from "./sys.ts";

/** The longest the loop stays in `poll(2)`: `worker.terminate()` and `process.exit()` cannot interrupt a system call. */
const LONGEST_WAIT = 1000;

/** The number of frames or datagrams that a socket takes per wake-up, so that a flood on one cannot starve the others. */
export const DRAIN_LIMIT = 64;

/** Octets of a `struct pollfd`. */
const POLLFD = 8;

/** The error number of `EINTR`. */
const EINTR = 4;

/**
 * A loop that blocks in `poll(2)`, for a worker thread. While `run` is on the stack Node's own loop stands still: no timer, promise
 * or `on("message")` of that thread comes to pass. Use `clock`, `watch` and `openWorkerMailbox` instead.
 */
export interface PollLoop {
  /** Time and wake-ups for `createDriver`; comparable with `monotonicNow` of any thread. */
  readonly clock: Clock;
  /** The buffer every socket of the loop receives into: what a handler gets is a view of it, valid during the call. */
  readonly receiveBuffer: Uint8Array<ArrayBuffer>;
  /**
   * Calls `onReady` with the `POLL` bits while `fd` has something to read or an error to tell. The descriptor must not block; the
   * returned function ends the watch, and must be called before the descriptor is closed.
   */
  readonly watch: (fd: number, onReady: (events: number) => void) => () => void;
  /**
   * Calls `onPause` with the duration in milliseconds when the loop stood still for longer than `limit` beside its sleep: its process was
   * stopped, its thread had no processor, or the machine was suspended. The call comes before any handler gets what arrived meanwhile. The last call of this counts.
   */
  readonly watchPauses: (limit: number, onPause: (duration: number) => void) => void;
  /** True when a pause was noticed at this moment: what a handler has just read may be old. For handlers that read many in one call. */
  readonly checkPause: () => boolean;
  /** Blocks until `stop`. What a handler throws ends the loop and comes out here. */
  readonly run: () => void;
  /** Makes `run` return after the present round; before `run` it makes `run` return at once. */
  readonly stop: () => void;
}

/** Creates a loop without descriptors. `clocks` is for tests. */
export function createPollLoop(clocks: SystemClocks = systemClocks): PollLoop {
  const clock = createLoopClock(monotonicNow);
  const watched = new Map<number, (events: number) => void>();
  let pollfds = Buffer.alloc(0);
  let changed = true;
  let stopped = false;
  let detector: PauseDetector | null = null;
  let suspensions: SuspensionDetector | null = null;
  let reportPause = (_duration: number): void => {};

  const checkPause = (now = clock.now()): boolean => {
    const duration = detector?.check(now) ?? 0;
    if (duration > 0) reportPause(duration);
    return duration > 0;
  };

  /** Once a round: a machine that was suspended wakes up in the middle of `poll`. */
  const checkSuspension = (now: Instant): void => {
    const duration = suspensions?.check(now) ?? 0;
    if (duration > 0) reportPause(duration);
  };

  // A handler may stop the loop in the middle of a round.
  const running = (): boolean => !stopped;
  const rebuild = (): void => {
    pollfds = Buffer.alloc(Math.max(1, watched.size) * POLLFD);
    let offset = 0;
    for (const fd of watched.keys()) {
      pollfds.writeInt32LE(fd, offset);
      pollfds.writeInt16LE(POLL.IN, offset + 4);
      offset += POLLFD;
    }
    changed = false;
  };

  const round = (): void => {
    // Before the timers: they may belong to a right that has expired.
    checkPause();
    clock.fireDue();
    if (stopped) return;
    if (changed) rebuild();
    const count = watched.size;
    const asleep = clock.now();
    checkPause(asleep);
    const timeout = pollTimeout(clock.nextWake(), asleep, LONGEST_WAIT);
    detector?.sleepUntil(instant(asleep + timeout));
    const ready = sys.poll(pollfds, count, timeout);
    const errno = ready < 0 ? sys.errno() : 0;
    const awake = clock.now();
    checkPause(awake);
    checkSuspension(awake);
    if (ready < 0) {
      if (errno !== EINTR) throw new Error(`poll failed with error number ${errno}`);
      return;
    }
    if (ready === 0) return;
    const answered = pollfds;
    for (let offset = 0; offset < count * POLLFD && running(); offset += POLLFD) {
      const events = answered.readInt16LE(offset + 6);
      if (events === 0) continue;
      const fd = answered.readInt32LE(offset);
      if ((events & POLL.NVAL) !== 0 && watched.has(fd)) throw new Error(`descriptor ${fd} was closed while watched`);
      watched.get(fd)?.(events);
    }
  };

  return {
    clock,
    watchPauses: (limit, onPause) => {
      detector = new PauseDetector(limit, clock.now());
      suspensions = new SuspensionDetector(limit, clocks);
      reportPause = onPause;
    },
    checkPause: () => checkPause(),
    // No Buffer: its `slice` would hand out a view where Uint8Array's copies, and frames would change under their holder.
    receiveBuffer: new Uint8Array(65_536),
    watch: (fd, onReady) => {
      if (watched.has(fd)) throw new Error(`descriptor ${fd} is already watched`);
      watched.set(fd, onReady);
      changed = true;
      return () => {
        if (watched.get(fd) !== onReady) return;
        watched.delete(fd);
        changed = true;
      };
    },
    run: () => {
      while (running()) round();
    },
    stop: () => {
      stopped = true;
    },
  };
}
