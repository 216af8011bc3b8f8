import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { DRAIN_LIMIT, type PollLoop } from "./poll-loop.ts";
import { sys } from "./sys.ts";

/** The start data of a thread of `startWorker`. */
export interface WorkerStart {
  /** The eventfd that wakes the worker's loop. */
  readonly wakeFd: number;
  /** The caller's own data. */
  readonly data: unknown;
}

/** A message from the main thread to the worker: the caller's, or the request to end the loop. */
export type Envelope = { readonly type: "Message"; readonly message: unknown } | { readonly type: "Stop" };

/** The worker's side of `startWorker`. */
export interface WorkerMailbox<Data, Outgoing> {
  /** The `data` that `startWorker` got. */
  readonly data: Data;
  /** Sends to the main thread; it arrives though this thread never leaves its loop. */
  readonly post: (message: Outgoing) => void;
}

/**
 * Joins a loop to the main thread: messages posted there reach `onMessage` here, in order, and a request to stop ends the loop after
 * the messages before it. Both sides trust each other about the shapes. Throws where the thread was not started by `startWorker`.
 */
export function openWorkerMailbox<Data, Incoming, Outgoing>(
  loop: PollLoop,
  onMessage: (message: Incoming) => void,
): WorkerMailbox<Data, Outgoing> {
  const port = parentPort;
  if (port === null) throw new Error("a worker mailbox exists in a worker thread only");
  const { wakeFd, data } = workerData as WorkerStart;
  const counter = Buffer.alloc(8);
  /** Handles messages until there are no more, or the limit is reached: thousands at once would keep the loop from its sockets. */
  const drain = (limit: number): "Empty" | "Stopped" | "LimitReached" => {
    for (let taken = 0; taken < limit; taken++) {
      const next = receiveMessageOnPort(port);
      if (next === undefined) return "Empty";
      const envelope = next.message as Envelope;
      if (envelope.type === "Stop") {
        loop.stop();
        return "Stopped";
      }
      onMessage(envelope.message as Incoming);
    }
    return "LimitReached";
  };
  loop.watch(wakeFd, () => {
    // The counter is left as it is while messages wait, so that the loop comes back for them.
    if (drain(DRAIN_LIMIT) !== "Empty") return;
    sys.read(wakeFd, counter, counter.length);
    // What was posted before the read has no other wake-up.
    drain(Infinity);
  });
  return { data: data as Data, post: (message) => port.postMessage(message) };
}
