import type { MacAddress } from "@herald-lb/sansio";
import type { NodeReport } from "./node-report.ts";
import type { TakeoverState } from "./takeover-state.ts";
import { type TakeoverStep, unchanged } from "./takeover-step.ts";

/** Takes the hardware addresses of another node from its report. */
export function learnSpeaker(state: TakeoverState, node: string, { segment }: NodeReport): TakeoverStep {
  if (segment === undefined || String(state.speakers.get(node)) === String(segment.hardwareAddresses))
    return unchanged(state);
  return changed(state, new Map(state.speakers).set(node, segment.hardwareAddresses));
}

/**
 * Forgets the nodes that left in order. One that died, or was taken for dead, may still answer, and is no rival for that; it stays known until it is
 * back.
 */
export function forgetSpeakers(state: TakeoverState, live: ReadonlySet<string>): TakeoverStep {
  const kept = [...state.speakers].filter(([node]) => live.has(node) || state.dead.has(node));
  return kept.length === state.speakers.size ? unchanged(state) : changed(state, new Map(kept));
}

function changed(state: TakeoverState, speakers: ReadonlyMap<string, readonly MacAddress[]>): TakeoverStep {
  return { state: { ...state, speakers }, effects: [{ type: "SpeakersChanged", speakers }] };
}
