import type { ObjectRef } from "@herald-lb/k8s-glue/objects";

/** The code of an issue of a configuration object. */
export type IssueCode =
  /** The object does not match the schema of its kind. */
  | "SchemaViolation"
  | "NoAddresses"
  | "BadAddress"
  | "ReversedRange"
  | "MixedFamilies"
  /** An older entry has some of these addresses. */
  | "Overlap"
  /** The pool contains an address of a Node or a gateway. */
  | "HostAddress"
  /** An address to exclude from, or reserve in, a pool that cannot assign it anyway. */
  | "OutsidePool"
  | "BadDuration"
  | "BadPattern"
  /** The same value twice: the second has no effect. */
  | "Duplicate"
  /** An advertisement that repeats another. */
  | "Redundant"
  /** A peer with the address of another, on nodes that both may select. */
  | "SameRouter"
  | "BadSelector"
  /** Text that cannot be the name of a network device. */
  | "BadInterface"
  | "BadTimer"
  | "BadAsn"
  | "BadCommunity"
  | "UnknownCommunity"
  | "BadAggregationLength"
  | "BadSecret"
  /** Two fields of which only one may be set, or one of which must be. */
  | "FieldConflict"
  | "UnknownReference"
  | "ConflictingAdvertisements"
  /** Valid, but Herald does not act on this field yet. */
  | "NotActedOn";

/**
 * The effect of an issue. `Rejected`: the object has no effect. `Partial`: the field or entry has none, the rest of the object
 * does. `Noted`: the whole object has effect.
 */
export type IssueEffect = "Rejected" | "Partial" | "Noted";

/** One problem with one object, with the facts that its message is made of. */
export interface ConfigIssue {
  readonly object: ObjectRef;
  /** The field: `spec.addresses[2]`. */
  readonly path: string;
  readonly code: IssueCode;
  readonly effect: IssueEffect;
  /** Text for users; begins with a noun, without a period at the end. */
  readonly message: string;
  readonly facts: Readonly<Record<string, string | number | readonly string[]>>;
}
