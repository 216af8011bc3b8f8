import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { NONBLOCK_CLOEXEC } from "./linux-constants.ts";
import { sys } from "./sys.ts";
import type { Envelope, WorkerStart } from "./worker-mailbox.ts";

/** The time that `stop` gives the loop to end, before it terminates the thread, in milliseconds. */
const STOP_TIMEOUT = 2000;

/** Options of a worker thread that runs a `PollLoop`. */
export interface WorkerThreadOptions<Outgoing> {
  /** The module the thread runs; it calls `openWorkerMailbox`, then `loop.run()`. */
  readonly module: URL;
  /** The mailbox's `data` in the thread: structured-clonable. */
  readonly data: unknown;
  /** Takes what the worker posts. */
  readonly onMessage: (message: Outgoing) => void;
  /** The thread ended: with 0 after `stop`, else with the error that ended it. */
  readonly onExit: (code: number, error: Error | null) => void;
  /** Arguments for Node in the thread; those of this process when left out. */
  readonly execArgv?: readonly string[];
}

/** The main thread's side of a worker that blocks in `poll(2)`. */
export interface WorkerHandle<Incoming> {
  /** Sends a message and wakes the worker. After its end, does nothing. */
  readonly post: (message: Incoming) => void;
  /** Lets the worker handle what was posted, ends its loop, and resolves when the thread is gone. */
  readonly stop: () => Promise<void>;
}

/** Starts a worker thread whose loop wakes on an eventfd. */
export function startWorker<Incoming, Outgoing>(options: WorkerThreadOptions<Outgoing>): WorkerHandle<Incoming> {
  const wakeFd = sys.eventfd(0, NONBLOCK_CLOEXEC);
  if (wakeFd < 0) throw new Error(`eventfd failed with error number ${sys.errno()}`);
  const start: WorkerStart = { wakeFd, data: options.data };
  const worker = new Worker(options.module, {
    workerData: start,
    ...(options.execArgv === undefined ? {} : { execArgv: [...options.execArgv] }),
  });
  const one = Buffer.alloc(8);
  one.writeUInt8(1);
  let gone = false;
  let error: Error | null = null;

  const send = (envelope: Envelope): void => {
    if (gone) return;
    worker.postMessage(envelope, []);
    writeSync(wakeFd, one);
  };
  // Without this, process.exit() waits for the thread until its poll times out.
  const onProcessExit = (): void => send({ type: "Stop" });
  process.once("exit", onProcessExit);

  const ended = new Promise<void>((resolve) => {
    worker.once("exit", (code) => {
      gone = true;
      process.removeListener("exit", onProcessExit);
      sys.close(wakeFd);
      options.onExit(code, error);
      resolve();
    });
  });
  worker.on("error", (thrown) => {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  });
  worker.on("message", (message: Outgoing) => options.onMessage(message));

  return {
    post: (message) => send({ type: "Message", message }),
    stop: async () => {
      send({ type: "Stop" });
      const timer = setTimeout(() => void worker.terminate(), STOP_TIMEOUT);
      await ended;
      clearTimeout(timer);
    },
  };
}
