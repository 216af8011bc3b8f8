import type { Condition, LabelSelector } from "@herald-lb/k8s-glue/objects";
import * as z from "zod";
import type { ValidationRule } from "./validation-rule.ts";

/** The part of a field's schema that zod does not have: Kubernetes' extensions, and checks that only the API server makes. */
export interface FieldMeta {
  readonly description?: string;
  readonly pattern?: string;
  readonly format?: string;
  readonly "x-kubernetes-validations"?: readonly ValidationRule[];
  readonly "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-map-type"?: "atomic" | "granular";
  readonly "x-kubernetes-preserve-unknown-fields"?: true;
}

type Immutable<Value> = Value extends readonly (infer Element)[]
  ? readonly Immutable<Element>[]
  : Value extends object
    ? { readonly [Field in keyof Value]: Immutable<Value[Field]> }
    : Value;

/** The fields that a schema reads, each declared by the schema alone. */
export type FieldsOf<Schema extends z.ZodType> = Immutable<z.infer<Schema>>;

/** An integer within `minimum` and `maximum`. */
export function integer(minimum: number, maximum: number, description: string): z.ZodType<number> {
  return z.int().min(minimum).max(maximum).meta({ description });
}

/** A list of strings. Both limits are wide and only keep rules over the list cheap. */
export function names(description: string): z.ZodType<readonly string[]> {
  return z.array(z.string().max(253)).max(10_000).meta({ description });
}

/** A list of strings without duplicates, as MetalLB's parser requires. */
export function uniqueNames(description: string): z.ZodType<readonly string[]> {
  return names(description).meta({ description, "x-kubernetes-list-type": "set" } satisfies FieldMeta);
}

const valuesOfOperator: readonly ValidationRule[] = [
  {
    rule: "!(self.operator in ['In', 'NotIn']) || (has(self.values) && size(self.values) > 0)",
    message: "In and NotIn need values",
  },
  {
    rule: "self.operator in ['In', 'NotIn'] || !has(self.values) || size(self.values) == 0",
    message: "Exists and DoesNotExist take no values",
  },
];

const requirement = z
  .object({
    key: z.string().meta({ description: "Label key that the requirement is about." }),
    operator: z
      .enum(["In", "NotIn", "Exists", "DoesNotExist"])
      .meta({ description: "Relation of the key to the values: In, NotIn, Exists or DoesNotExist." }),
    values: z
      .array(z.string())
      .exactOptional()
      .meta({
        description: "Values for In and NotIn; absent for Exists and DoesNotExist.",
        "x-kubernetes-list-type": "atomic",
      } satisfies FieldMeta),
  })
  .meta({ "x-kubernetes-validations": valuesOfOperator } satisfies FieldMeta);

/** `metav1.LabelSelector`. */
export const labelSelector: z.ZodType<LabelSelector> = z
  .object({
    matchLabels: z
      .record(z.string(), z.string())
      .exactOptional()
      .meta({ description: "Labels that must all be there with these values." }),
    matchExpressions: z
      .array(requirement)
      .max(100)
      .exactOptional()
      .meta({
        description: "Requirements that must all hold.",
        "x-kubernetes-list-type": "atomic",
      } satisfies FieldMeta),
  })
  .meta({
    description: "Selects by labels. All of it must hold; an empty selector selects everything.",
    "x-kubernetes-map-type": "atomic",
  } satisfies FieldMeta);

/** A list of selectors of which any may match. */
export function selectors(description: string): z.ZodType<readonly LabelSelector[]> {
  return z.array(labelSelector).max(1000).meta({ description });
}

const condition: z.ZodType<Condition> = z.object({
  type: z.string().max(316).meta({ description: "What the condition is about." }),
  status: z.enum(["True", "False", "Unknown"]).meta({ description: "True, False or Unknown." }),
  reason: z.string().max(1024).meta({ description: "One word for why." }),
  message: z.string().max(32_768).meta({ description: "Why, for people." }),
  lastTransitionTime: z
    .string()
    .meta({ description: "When the status last changed.", format: "date-time" } satisfies FieldMeta),
  observedGeneration: z.int().min(0).optional().meta({ description: "The metadata.generation that was judged." }),
});

/** The list of conditions of a status. */
export const conditions: z.ZodType<readonly Condition[]> = z.array(condition).meta({
  description:
    "What Herald makes of the object: Accepted, or which field is at fault; Programmed, or why it has no effect now; of a BGPPeer also Established, or which nodes have no session and why, and WithinMaxPrefixes, or which nodes announce too much.",
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["type"],
} satisfies FieldMeta);

/** The status of a kind that has only conditions; fields of other writers are preserved. */
export function statusWithConditions(description: string): z.ZodType<{ readonly conditions?: readonly Condition[] }> {
  return z
    .object({ conditions: conditions.exactOptional() })
    .meta({ description, "x-kubernetes-preserve-unknown-fields": true } satisfies FieldMeta);
}
