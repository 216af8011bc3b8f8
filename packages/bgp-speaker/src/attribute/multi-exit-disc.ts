import type { AttributeBase } from "./attribute-codec.ts";

/** MULTI_EXIT_DISC, RFC 4271 §5.1.4: the lower is preferred; an unsigned integer of 32 bits. */
export interface MultiExitDisc extends AttributeBase {
  readonly type: "MULTI_EXIT_DISC";
  readonly value: number;
}
