/** One request of the client and what came of it. Instants are milliseconds of the monotonic clock. */
export interface Request {
  readonly sent: number;
  /** Null where no answer came. */
  readonly answered: number | null;
  /** The hardware address, or the name of the node, that answered. */
  readonly by: string | null;
  /** Another node answered as well. */
  readonly twice: boolean;
}

/** The answers that a client lacked in a row of requests. */
export interface Silence {
  /** The longest time without an answer: from the sending of the first request in a row that failed to that of the next answered one. */
  readonly gap: number;
  readonly lost: number;
}

/** An answer that takes longer came too late, in milliseconds. */
const TIMEOUT = 200;

/** The longest silence of requests in the order of their sending. One that nothing ends lasts to the last request. */
export function silenceIn(requests: readonly Request[]): Silence {
  let gap = 0;
  let lost = 0;
  let since: number | null = null;
  for (const request of requests) {
    const answered = isAnswered(request);
    if (!answered) {
      lost++;
      since ??= request.sent;
    }
    if (since !== null) gap = Math.max(gap, request.sent - since);
    if (answered) since = null;
  }
  return { gap, lost };
}

/** True where the answer came in time. */
export function isAnswered({ sent, answered }: Request): boolean {
  return answered !== null && answered - sent <= TIMEOUT;
}
