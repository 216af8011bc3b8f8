/**
 * A watcher's view of a node, from the BFD session between them. `Lost`: the session was up, and the detection time passed without
 * a packet. `Down`: there is no session, for any other reason or for none that is known.
 */
export type WatcherView = "Up" | "Lost" | "Down";
