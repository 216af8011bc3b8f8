import type { SpeakerEffect } from "@herald-lb/bgp-speaker";
import type { Logger } from "@herald-lb/daemon";

type SessionEffect = Extract<
  SpeakerEffect,
  { type: "PeerStateChanged" | "NotificationSent" | "NotificationReceived" | "RouteNotAnnounced" }
>;

/** Logs what became of a BGP session, or of a route on it. */
export function logSession(log: Pick<Logger, "debug" | "info" | "warn">, effect: SessionEffect): void {
  switch (effect.type) {
    case "PeerStateChanged":
      log[effect.to === "Established" || effect.from === "Established" ? "info" : "debug"](
        { peer: effect.peer, from: effect.from, to: effect.to, on: effect.on },
        "BGP session",
      );
      return;
    case "NotificationSent":
    case "NotificationReceived":
      log.warn({ peer: effect.peer, ...effect.notification }, effect.type);
      return;
    case "RouteNotAnnounced":
      // A session of one family beside Services of both is an ordinary set-up, and nothing is wrong with it.
      log[effect.reason === "FamilyNotNegotiated" ? "info" : "warn"](
        { peer: effect.peer, prefix: effect.prefix, reason: effect.reason },
        "route not announced",
      );
  }
}
