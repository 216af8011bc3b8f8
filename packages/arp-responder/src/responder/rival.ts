import { type Instant, instant, type MacAddress } from "@herald-lb/sansio";
import { DEFEND_DELAY, RIVAL_REPLACED } from "../constants.ts";
import { noteContested } from "./contested.ts";
import type { ResponderEffect } from "./responder-effect.ts";
import type { ResponderState, Tentative } from "./responder-state.ts";
import { announceTentative, nextRound, probeAgain } from "./tentative.ts";

/**
 * Handles a frame in which the station `by` claims a tentative address, or probes it. Another speaker that claims it shows that the ring holds it; another
 * speaker that probes it is no obstacle, since one of the two will know of the other. Any other station is a rival (RFC 5227 §2.1.1, RFC 4862 §5.4.3, RFC 4862 §5.4.4),
 * once it has not turned out to be a speaker for DEFEND_DELAY. What a storm of frames costs here is a change of a field.
 */
export function meetStation(
  state: ResponderState,
  tentative: Tentative,
  by: MacAddress,
  means: "Claim" | "Probe",
  now: Instant,
  effects: ResponderEffect[],
): void {
  if (state.speakers.has(by)) {
    if (means === "Claim") announceTentative(state, tentative, now, effects);
    return;
  }
  const { phase, rival } = tentative;
  // The deadline stays where it is in the heap: it comes before these, and finds the later one.
  if (rival === null) {
    if (phase.name === "Probing") tentative.phase = { name: "Doubting", by, at: instant(now + DEFEND_DELAY) };
    return;
  }
  if (by === rival) tentative.rivalHeardAt = now;
  else if (now - tentative.rivalHeardAt >= RIVAL_REPLACED) {
    tentative.rival = by;
    tentative.rivalHeardAt = now;
    effects.push({ type: "RivalFound", on: tentative.on, address: tentative.address, by });
  }
  const at = nextRound(state, now);
  if (phase.name === "Contested") phase.at = at;
  else tentative.phase = { name: "Contested", at };
}

/** Takes the hardware addresses of the other speakers, by node. A station that was taken for a rival may be one of them: its answer to a probe now shows that the ring holds the address. */
export function changeSpeakers(
  state: ResponderState,
  speakers: ReadonlyMap<string, readonly MacAddress[]>,
  now: Instant,
  effects: ResponderEffect[],
): void {
  state.speakers = new Set([...speakers.values()].flat());
  for (const tentative of state.probing.due.keys()) {
    const { phase, rival } = tentative;
    const suspect = phase.name === "Doubting" ? phase.by : rival;
    if (suspect === null || !state.speakers.has(suspect)) continue;
    if (rival !== null) effects.push({ type: "RivalGone", on: tentative.on, address: tentative.address });
    tentative.rival = null;
    const announcement = state.announcements.get(tentative.address);
    if (announcement !== undefined) noteContested(state, announcement, effects);
    probeAgain(state, tentative, now, effects);
  }
}
