import type { AttributeBase } from "./attribute-codec.ts";

/** ATOMIC_AGGREGATE, RFC 4271 §5.1.6: an aggregate left out some AS numbers. */
export interface AtomicAggregate extends AttributeBase {
  readonly type: "ATOMIC_AGGREGATE";
}
