import { type AttributeBase, type AttributeCodec, Category } from "./attribute-codec.ts";

/** ATOMIC_AGGREGATE, RFC 4271 §5.1.6: an aggregate left out some AS numbers. */
export interface AtomicAggregate extends AttributeBase {
  readonly type: "ATOMIC_AGGREGATE";
}

/** RFC 4271 §4.3 f). */
export const atomicAggregate: AttributeCodec<AtomicAggregate> = {
  code: 6,
  category: Category.WellKnown,
  onMalformed: "attribute-discard", // RFC 7606 §7.6
  malformed: "AttributeLengthError",
  decode: (_octets, start, end) => (start === end ? { type: "ATOMIC_AGGREGATE" } : null),
  encode: (_attribute, _out, at) => at,
};
