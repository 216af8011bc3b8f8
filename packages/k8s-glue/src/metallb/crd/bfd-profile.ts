import * as z from "zod";
import { integer, statusWithConditions } from "./schema.ts";

const interval = (description: string): z.ZodType<number> => integer(10, 60_000, description);

/** Schema of `spec`. */
export const bfdProfileSpec = z
  .object({
    receiveInterval: interval(
      "Shortest interval in milliseconds at which packets are taken, RFC 5880. 300 when absent.",
    ).exactOptional(),
    transmitInterval: interval(
      "Shortest interval in milliseconds at which packets are sent, RFC 5880. 300 when absent.",
    ).exactOptional(),
    detectMultiplier: integer(
      2,
      255,
      "Packets that may be missed before the session is down, RFC 5880. 3 when absent.",
    ).exactOptional(),
    echoInterval: interval(
      "Shortest interval in milliseconds at which Echo packets are taken. Herald takes none.",
    ).exactOptional(),
    echoMode: z.boolean().exactOptional().meta({ description: "Whether Echo packets are sent. Herald sends none." }),
    passiveMode: z.boolean().exactOptional().meta({ description: "Whether to wait for the peer to begin." }),
    minimumTtl: integer(
      1,
      254,
      "Over several hops, the lowest TTL of packets that are taken. 254 when absent.",
    ).exactOptional(),
  })
  .meta({ description: "Settings of BFD sessions." });

/** Schema of `status`. */
export const bfdProfileStatus: ReturnType<typeof statusWithConditions> = statusWithConditions(
  "Whether the profile is accepted.",
);
