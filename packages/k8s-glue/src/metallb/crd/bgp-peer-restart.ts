import * as z from "zod";
import type { FieldMeta } from "./schema.ts";

const seconds = (field: string, maximum: number, description: string): z.ZodString =>
  z
    .string()
    .max(64)
    .meta({
      description,
      "x-kubernetes-validations": [
        {
          rule: `duration(self).getSeconds() >= 1 && duration(self).getSeconds() <= ${maximum} && duration(self).getMilliseconds() % 1000 == 0`,
          message: `${field} must be whole seconds from 1s to ${maximum}s`,
        },
      ],
    } satisfies FieldMeta);

/** The longest Restart Time, RFC 4724 §3, in seconds. */
export const MAX_RESTART_TIME = 4_095;
/** The longest stale time, RFC 9494 §3.1, in seconds. */
export const MAX_STALE_TIME = 16_777_215;

/** Schema of a field that MetalLB does not have: the Restart Time of RFC 4724. */
export const gracefulRestartTime: z.ZodString = seconds(
  "gracefulRestartTime",
  MAX_RESTART_TIME,
  "With enableGracefulRestart: how long the peer keeps the routes of a speaker that restarts, in whole seconds up to 4095s; 120s when absent.",
);

/** Schema of a field that MetalLB does not have: the stale time of RFC 9494. */
export const longLivedStaleTime: z.ZodString = seconds(
  "longLivedStaleTime",
  MAX_STALE_TIME,
  "With enableGracefulRestart: how long the peer keeps the routes after that, as the least preferred ones, in whole seconds (Long-Lived Graceful Restart, RFC 9494); not at all when absent.",
);
