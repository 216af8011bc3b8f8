import type { Logger } from "@herald-lb/daemon";
import type { TransportAddress } from "@herald-lb/membership";
import { type Clock, instant } from "@herald-lb/sansio";
import type { MembershipStreams } from "./membership-streams.ts";
import type { SpeakerHost } from "./speaker-host.ts";
import type { StreamEffect, ToWorker } from "./worker/protocol.ts";

/** The pause before a port that could not be opened is tried again, in milliseconds. */
const OPEN_PAUSE = 1_000;

/** The dependencies of the port. */
export interface MembershipPortOptions {
  readonly bind: TransportAddress;
  readonly clock: Pick<Clock, "now" | "wakeAt">;
  readonly openStreams: SpeakerHost["openMembershipStreams"];
  readonly tell: (message: ToWorker) => void;
  readonly log: Pick<Logger, "error">;
}

/** The port of the memberlist cluster for TCP, which is tried again until it opens. */
export class MembershipPort {
  readonly #options: MembershipPortOptions;
  #streams: MembershipStreams | null = null;
  #problem: string | null = null;
  #ended = false;

  constructor(options: MembershipPortOptions) {
    this.#options = options;
  }

  /** The reason why the port is not open, for people; null when it is, or has not been tried. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Opens the port; tries again while it cannot be opened. */
  async open(): Promise<void> {
    if (this.#ended) return;
    const { bind, clock, openStreams, tell, log } = this.#options;
    const opened = await openStreams(bind, tell);
    if (opened.ok) {
      this.#streams = opened.value;
      this.#problem = null;
      return;
    }
    this.#problem = `${bind.address} port ${bind.port}: ${opened.error}`;
    log.error(
      { ...bind, code: opened.error },
      "the port of the memberlist cluster cannot be opened for TCP; the speaker tries again and joins by UDP alone meanwhile",
    );
    clock.wakeAt(instant(clock.now() + OPEN_PAUSE), () => void this.open());
  }

  /** Carries out an effect of the membership on its streams; does nothing while the port is not open. */
  perform(effect: StreamEffect): void {
    this.#streams?.perform(effect);
  }

  /** Gives up a port that is not open yet. One that is open stays open, for the last streams. */
  end(): void {
    this.#ended = true;
  }

  /** Closes the port and its streams. */
  close(): void {
    this.#streams?.close();
  }
}
