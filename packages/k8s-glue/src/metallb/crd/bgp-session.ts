import * as z from "zod";
import type { FieldsOf } from "./schema.ts";

const text = (description: string): z.ZodString => z.string().meta({ description });

/** Schema of one BGP session in the status of a speaker's ConfigurationState. */
export const bgpSession = z.object({
  peer: text("Name of the BGPPeer."),
  state: text(
    "Established while the session is; otherwise the state of RFC 4271 in which the last attempt failed: Idle (the session was lost, or none is opened), Connect, Active, or OpenSent (the OPEN messages did not lead to a session).",
  ),
  reason: text("One word for why the session is not established; absent while it is.").exactOptional(),
  message: text(
    "The last error, for people; absent while the session is established. Of a BGPPeer with peerPrefix, the addresses that have a session.",
  ).exactOptional(),
  prefixes: z.enum(["NearLimit", "OverLimit"]).exactOptional().meta({
    description:
      "NearLimit where the node announces three quarters or more of maxPrefixesSent of the BGPPeer, OverLimit where it announces more than that.",
  }),
  bfd: z.enum(["Up", "Down", "AdminDown"]).exactOptional().meta({
    description:
      "State of the BFD session beside it: Down also while it was never up, AdminDown where either side has taken it down on purpose; absent for a peer without BFD.",
  }),
});

/**
 * The session of one node with one BGPPeer, as the node's speaker reports it. `state` is not the momentary one but that of the last
 * failure: a peer that fails again in the same way changes nothing.
 */
export type BgpSession = FieldsOf<typeof bgpSession>;
