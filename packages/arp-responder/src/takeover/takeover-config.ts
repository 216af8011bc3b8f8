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
}

/** The times of the speaker. */
export const defaultTakeoverTimes: TakeoverTimes = {
  aloneTimeout: 2_500,
  remainingTimeout: 500,
  leaveTimeout: 1_300,
  confirmationTimeout: 500,
  handoverTime: 250,
};

/** A node and its way to know the live nodes. */
export interface TakeoverConfig {
  /** This node's name, as candidates have it. */
  readonly node: string;
  /** True where a membership tells the live nodes; false where every Node of the cluster counts as live. */
  readonly hasMembership: boolean;
  readonly times: TakeoverTimes;
}
