import type { Daemon } from "@herald-lb/lab";

/** A line of a speaker's log about a session. */
export interface SessionLine {
  /** Milliseconds of the wall clock. */
  readonly at: number;
  readonly msg: string;
  /** The name of the BGPPeer; of a line about BFD the names. */
  readonly peer?: string;
  readonly peers?: readonly string[];
  readonly to?: string;
  readonly code?: number;
  readonly subcode?: number;
  readonly diagnostic?: string;
}

/** The lines of a speaker's log that concern a peer, from the `since`-th on. */
export function linesAbout(speaker: Daemon, peer: string, since = 0): readonly SessionLine[] {
  return speaker
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line) as SessionLine & { readonly time: string })
    .map((line) => ({ ...line, at: Date.parse(line.time) }))
    .filter((line) => line.peer === peer || line.peers?.includes(peer) === true)
    .slice(since);
}
