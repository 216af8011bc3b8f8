import type { Instant, Machine, Step } from "@herald-lb/sansio";
import type { MembershipConfig } from "./config.ts";
import type { MembershipEffect } from "./effect.ts";
import type { MembershipEvent } from "./event.ts";
import { instant } from "@herald-lb/sansio";
import { defaultVersions } from "./versions.ts";
import type { MembershipState } from "./state.ts";

/** One node's membership: memberlist's SWIM with Lifeguard. Start it from `initialMembership` of the same configuration. */
export function createMembership(
  config: MembershipConfig,
): Machine<MembershipState, MembershipEvent, MembershipEffect> {
  void config;
  const stay = (state: MembershipState): Step<MembershipState, MembershipEffect> => ({ state, effects: [] });
  return {
    step: (state: MembershipState, _event: MembershipEvent, _now: Instant) => stay(state),
    advance: (state: MembershipState, _now: Instant) => stay(state),
    nextDeadline: () => null,
  };
}

/** A node that knows only itself and whose sockets are not open yet. */
export function initialMembership(config: MembershipConfig): MembershipState {
  const { name, advertise } = config;
  return {
    name: "Stopped",
    self: name,
    keyring: config.keyring,
    random: { seed: config.seed, counter: 0 },
    members: new Map([
      [
        name,
        {
          name,
          ...advertise,
          state: "alive" as const,
          meta: config.meta ?? new Uint8Array(),
          versions: config.versions ?? defaultVersions,
          incarnation: 1,
          stateChangedAt: instant(0),
          suspicion: null,
        },
      ],
    ]),
    awareness: 0,
    sequence: 0,
    probeOrder: [name],
    probeIndex: 0,
    probe: null,
    nextProbe: null,
    relays: new Map(),
    broadcasts: [],
    broadcastCount: 0,
    nextGossip: null,
    lastGossip: null,
    nextPushPull: null,
    streams: new Map(),
    streamCount: 0,
    peers: [],
    joinQueue: [],
    nextJoin: null,
    leaveDeadline: null,
  };
}
