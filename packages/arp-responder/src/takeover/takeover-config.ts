/** The waiting times of a takeover, in milliseconds. */
export interface TakeoverTimes {
  /** A speaker that reaches no other member takes itself for the only one after this time. */
  readonly aloneTimeout: number;
  /** A speaker that reached some of the expected members waits this long for the others. */
  readonly remainingTimeout: number;
  /** A speaker that leaves stops after this time, even where `LeaveCompleted` does not come. */
  readonly leaveTimeout: number;
  /** A speaker that stood still waits this long for the members to say whether they took it for dead. */
  readonly confirmationTimeout: number;
  /** A speaker that has left goes on answering for this time, so that its successors announce first. */
  readonly handoverTime: number;
  /** A speaker that lost its watchers waits this long for the API server before it takes itself for cut off. */
  readonly isolationTimeout: number;
  /** A speaker that begins to decide waits this long for the reports of the others, for the sticky services alone. */
  readonly reportTimeout: number;
  /** Changes of this node's report within this time go out as one. */
  readonly reportDelay: number;
  /** Services are spread anew when their requests have not changed for this time, so that many changes are one. */
  readonly spreadDelay: number;
  /** Services are spread anew this long after the first change, though more changes come. */
  readonly spreadLimit: number;
}

/** The times of the speaker. */
export const defaultTakeoverTimes: TakeoverTimes = {
  aloneTimeout: 2_500,
  remainingTimeout: 500,
  leaveTimeout: 1_300,
  confirmationTimeout: 500,
  handoverTime: 250,
  isolationTimeout: 20,
  reportTimeout: 500,
  reportDelay: 10,
  spreadDelay: 50,
  spreadLimit: 500,
};

/** A node and its way to know the live nodes. */
export interface TakeoverConfig {
  /** This node's name, as candidates have it. */
  readonly node: string;
  /** True where a membership tells the live nodes; false where every Node of the cluster counts as live. */
  readonly hasMembership: boolean;
  /** The conduct of a node that hears neither another speaker nor the API server: `yield` stops answering, `serve` goes on. */
  readonly isolated: "yield" | "serve";
  readonly times: TakeoverTimes;
}
