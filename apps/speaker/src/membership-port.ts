import type { Logger } from "@herald-lb/daemon";
import { type Clock, instant } from "@herald-lb/sansio";
import type { MembershipStreams } from "./membership-streams.ts";
import type { SpeakerHost } from "./speaker-host.ts";
import type { membershipBind } from "./worker-settings.ts";
import type { StreamEffect, ToWorker } from "./worker/protocol.ts";

/** The pause before a port that could not be opened is tried again, in milliseconds. */
const LISTEN_PAUSE = 1_000;

/** The dependencies of the port. */
export interface MembershipPortOptions {
  /** Null for a speaker without a memberlist cluster, which opens nothing. */
  readonly bind: ReturnType<typeof membershipBind>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly open: SpeakerHost["openMembershipStreams"];
  readonly tell: (message: ToWorker) => void;
}

/** The TCP port of the memberlist cluster, which is tried again until it is open. */
export class MembershipPort {
  readonly #options: MembershipPortOptions;
  #streams: MembershipStreams | null = null;
  #problem: string | null = null;
  #closed = false;

  constructor(options: MembershipPortOptions) {
    this.#options = options;
  }

  /** The reason why the port is not open, for people; null when it is. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Opens the port. */
  async start(): Promise<void> {
    const { bind, clock, log, open, tell } = this.#options;
    if (bind === null || this.#closed) return;
    const opened = await open(bind, tell);
    if (opened.ok) {
      if (this.#closed) return opened.value.close();
      this.#streams = opened.value;
      this.#problem = null;
      return;
    }
    this.#problem = `${bind.address} port ${bind.port}: ${opened.error}`;
    log.error(
      { ...bind, code: opened.error },
      "the port of the memberlist cluster cannot be opened for TCP; the speaker tries again and joins by UDP alone meanwhile",
    );
    clock.wakeAt(instant(clock.now() + LISTEN_PAUSE), () => void this.start());
  }

  /** Opens, answers or closes a stream; without the port nothing happens, and the worker's own deadline ends the stream. */
  perform(effect: StreamEffect): void {
    this.#streams?.perform(effect);
  }

  /** Closes the port and its streams, and tries no longer. */
  close(): void {
    this.#closed = true;
    this.#streams?.close();
  }
}
