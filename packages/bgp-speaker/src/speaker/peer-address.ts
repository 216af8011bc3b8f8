import type { IpAddress } from "@herald-lb/sansio";
import type { PeerConfig } from "../peer-config.ts";
import type { SpeakerState } from "./state.ts";

/** The address of a peer; null for an unnumbered one whose router is not heard. */
export function peerAddress({ routers }: Pick<SpeakerState, "routers">, config: PeerConfig): IpAddress | null {
  return config.address ?? routers.get(config.interface ?? "")?.address ?? null;
}
