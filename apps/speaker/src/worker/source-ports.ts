import type { SystemError } from "@herald-lb/host";
import type { Result } from "@herald-lb/sansio";

/** The source ports of BFD, RFC 5881 §4: 49152 to 65535. */
const FIRST = 49_152;
const COUNT = 16_384;
/** The ports that are tried in a row, should others have them. */
const ATTEMPTS = 16;

/** The source ports of BFD sessions: another one for each session, RFC 5881 §4. */
export class SourcePorts {
  #next: number;

  /** Begins at a place that `seed`, two octets or more of randomness, decides. */
  constructor(seed: Uint8Array) {
    this.#next = new DataView(seed.buffer, seed.byteOffset).getUint16(0) % COUNT;
  }

  /** Opens a socket on a port that nobody has. */
  bind<Socket>(open: (port: number) => Result<Socket, SystemError>): Result<Socket, SystemError> {
    for (let attempt = 1; ; attempt++) {
      const opened = open(FIRST + this.#next);
      this.#next = (this.#next + 1) % COUNT;
      if (opened.ok || opened.error.code !== "EADDRINUSE" || attempt === ATTEMPTS) return opened;
    }
  }
}
