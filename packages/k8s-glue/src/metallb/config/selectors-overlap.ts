import type { LabelSelector, LabelSelectorRequirement } from "@herald-lb/k8s-glue/objects";
import type { Selectors } from "./configuration.ts";

/**
 * True if an object could have labels that match both lists of selectors. Looks at the selectors alone, not at existing objects:
 * selectors that are not contradictory may match one object tomorrow.
 */
export function selectorsOverlap(a: Selectors, b: Selectors): boolean {
  const either = a ?? [{}];
  const other = b ?? [{}];
  return either.some((one) => other.some((two) => canHold([...requirementsOf(one), ...requirementsOf(two)])));
}

function requirementsOf({
  matchLabels = {},
  matchExpressions = [],
}: LabelSelector): readonly LabelSelectorRequirement[] {
  const labels = Object.entries(matchLabels).map(([key, value]) => ({ key, operator: "In" as const, values: [value] }));
  return [...labels, ...matchExpressions];
}

/** True if an object can meet all requirements at once; keys are independent of each other. */
function canHold(requirements: readonly LabelSelectorRequirement[]): boolean {
  return [...Map.groupBy(requirements, ({ key }) => key).values()].every(
    (ofKey) => isAbsentIn(ofKey) || hasValueFor(ofKey),
  );
}

function isAbsentIn(requirements: readonly LabelSelectorRequirement[]): boolean {
  return requirements.every(({ operator }) => operator === "DoesNotExist" || operator === "NotIn");
}

function hasValueFor(requirements: readonly LabelSelectorRequirement[]): boolean {
  if (requirements.some(({ operator }) => operator === "DoesNotExist")) return false;
  const valuesOf = (wanted: "In" | "NotIn"): readonly (readonly string[])[] =>
    requirements.filter(({ operator }) => operator === wanted).map(({ values = [] }) => values);
  const [first, ...rest] = valuesOf("In");
  // NotIn alone leaves other values.
  if (first === undefined) return true;
  return first.some(
    (value) => rest.every((list) => list.includes(value)) && !valuesOf("NotIn").some((list) => list.includes(value)),
  );
}
