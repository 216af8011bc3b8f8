// The arithmetic of memberlist, in milliseconds where it is time.

/** The number of times that one change is gossiped in a cluster of `nodes`. */
export function retransmitLimit(retransmitMult: number, nodes: number): number {
  return retransmitMult * Math.ceil(Math.log10(nodes + 1));
}

/** The least duration of a suspicion in a cluster of `nodes`. */
export function suspicionTimeout(suspicionMult: number, nodes: number, probeInterval: number): number {
  const scale = Math.floor(Math.max(1, Math.log10(Math.max(1, nodes))) * 1000);
  return Math.floor((suspicionMult * scale * probeInterval) / 1000);
}

/** The duration of a suspicion, of which `confirmations` of the `expected` have come (Lifeguard's LHA-Suspicion). */
export function confirmedTimeout(confirmations: number, expected: number, min: number, max: number): number {
  if (expected < 1) return min;
  const share = Math.log(confirmations + 1) / Math.log(expected + 1);
  return Math.max(min, Math.floor(max - share * (max - min)));
}

/** The interval between exchanges of the whole view: a large cluster makes fewer. */
export function pushPullScale(interval: number, nodes: number): number {
  if (nodes <= 32) return interval;
  return (Math.ceil(Math.log2(nodes) - 5) + 1) * interval;
}
