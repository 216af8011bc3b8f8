import type { ObjectRef } from "@herald-lb/k8s-glue/objects";

/** What is wrong with a field of a configuration object. */
export type IssueCode =
  /** The object is not of its kind's schema. */
  | "SchemaViolation"
  | "NoAddresses"
  | "BadAddress"
  | "ReversedRange"
  | "MixedFamilies"
  /** Another, older entry holds some of these addresses already. */
  | "Overlap"
  /** The pool spans an address of a Node or gateway. */
  | "HostAddress"
  /** An address that is excluded from, or reserved in, a pool that cannot give it anyway. */
  | "OutsidePool"
  | "BadDuration"
  /** The same value twice; the second has no effect. */
  | "Duplicate"
  /** An advertisement that says what another says already. */
  | "Redundant"
  /** A peer at the same address as another, on nodes that both may select. */
  | "SameRouter"
  | "BadSelector"
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
 * What an issue does to its object: `Rejected`, the object has no effect; `Partial`, the field or entry has none, the rest of the object
 * serves; `Noted`, the object serves, and something about it is worth saying.
 */
export type IssueEffect = "Rejected" | "Partial" | "Noted";

/** One thing wrong with one object, with the facts from which every message is made. */
export interface ConfigIssue {
  readonly object: ObjectRef;
  /** The field: `spec.addresses[2]`. */
  readonly path: string;
  readonly code: IssueCode;
  readonly effect: IssueEffect;
  /** For people; starts with a noun, no period at the end. */
  readonly message: string;
  readonly facts: Readonly<Record<string, string | number | readonly string[]>>;
}
