/** memberlist's timers, in milliseconds, and its multipliers. */
export interface Profile {
  /** The time limit of a stream, from its opening to its end. */
  readonly tcpTimeout: number;
  /** The number of nodes that are asked to probe one that did not answer. */
  readonly indirectChecks: number;
  /** A change is gossiped this many times for each power of ten of the cluster's size. */
  readonly retransmitMult: number;
  /** A suspicion lasts at least this many probe intervals. */
  readonly suspicionMult: number;
  /** A suspicion that nobody confirms lasts this many times as long. */
  readonly suspicionMaxTimeoutMult: number;
  /** The interval between push/pulls of the full state with another node. */
  readonly pushPullInterval: number;
  /** The interval between probes, each of one node. */
  readonly probeInterval: number;
  /** The time after which a direct probe without an answer becomes an indirect one; under `probeInterval`. */
  readonly probeTimeout: number;
  /** The highest health score plus one: the factor by which a node in bad health stretches its probes at most. */
  readonly awarenessMaxMultiplier: number;
  /** The number of nodes that each round of gossip goes to. */
  readonly gossipNodes: number;
  /** The least time between rounds of gossip. */
  readonly gossipInterval: number;
  /** The time for which a dead node still gets gossip, so that it can refute. */
  readonly gossipToTheDeadTime: number;
  /** The interval between attempts to join peers that are not alive. */
  readonly rejoinInterval: number;
  /** The time that a leave may take to spread. */
  readonly leaveTimeout: number;
}

/** memberlist's DefaultLANConfig, with MetalLB's rejoining and leaving. */
export const lan: Profile = {
  tcpTimeout: 10_000,
  indirectChecks: 3,
  retransmitMult: 4,
  suspicionMult: 4,
  suspicionMaxTimeoutMult: 6,
  pushPullInterval: 30_000,
  probeInterval: 1000,
  probeTimeout: 500,
  awarenessMaxMultiplier: 8,
  gossipNodes: 3,
  gossipInterval: 200,
  gossipToTheDeadTime: 30_000,
  rejoinInterval: 60_000,
  leaveTimeout: 1000,
};

/** memberlist's DefaultWANConfig, with MetalLB's rejoining and leaving. */
export const wan: Profile = {
  ...lan,
  tcpTimeout: 30_000,
  suspicionMult: 6,
  pushPullInterval: 60_000,
  probeInterval: 5000,
  probeTimeout: 3000,
  gossipNodes: 4,
  gossipInterval: 500,
  gossipToTheDeadTime: 60_000,
};

/** memberlist's DefaultLocalConfig, with MetalLB's rejoining and leaving. */
export const local: Profile = {
  ...lan,
  tcpTimeout: 1000,
  indirectChecks: 1,
  retransmitMult: 2,
  suspicionMult: 3,
  pushPullInterval: 15_000,
  probeTimeout: 200,
  gossipInterval: 100,
  gossipToTheDeadTime: 15_000,
};

/** Finds a dead node of a small cluster in one to two seconds; works with nodes of any profile. */
export const fast: Profile = {
  ...lan,
  tcpTimeout: 2000,
  probeInterval: 200,
  probeTimeout: 100,
  pushPullInterval: 15_000,
  gossipInterval: 50,
  rejoinInterval: 2000,
  leaveTimeout: 500,
};
