import type { AttributeBase } from "./attribute-codec.ts";

/** LOCAL_PREF, RFC 4271 §5.1.5: the higher is preferred, among internal peers; an unsigned integer of 32 bits. */
export interface LocalPref extends AttributeBase {
  readonly type: "LOCAL_PREF";
  readonly value: number;
}
