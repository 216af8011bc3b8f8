/** One requirement of a selector. */
export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

/** `metav1.LabelSelector`: all of it must match; an empty one matches everything. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

type Labels = Readonly<Record<string, string>>;

/** True if every label and every expression of the selector matches. `NotIn` matches where the key is absent, as in Kubernetes. */
export function selectorMatches(selector: LabelSelector, labels: Labels): boolean {
  const byLabel = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => valueOf(labels, key) === value);
  return byLabel && (selector.matchExpressions ?? []).every((requirement) => requirementHolds(requirement, labels));
}

/** True if any selector of a list matches. An empty list matches nothing; each field defines what its absence means. */
export function anySelectorMatches(selectors: readonly LabelSelector[], labels: Labels): boolean {
  return selectors.some((selector) => selectorMatches(selector, labels));
}

/** The error in a selector that its schema allows, with the field below the selector; null for a valid selector. */
export function selectorError(selector: LabelSelector): { readonly path: string; readonly message: string } | null {
  for (const [at, { operator, values = [], key }] of (selector.matchExpressions ?? []).entries()) {
    const path = `matchExpressions[${at}].values`;
    const wantsValues = operator === "In" || operator === "NotIn";
    if (wantsValues && values.length === 0)
      return { path, message: `operator ${operator} of key "${key}" without values` };
    if (!wantsValues && values.length > 0) return { path, message: `operator ${operator} of key "${key}" with values` };
  }
  return null;
}

/** The selector as text that is equal for equal selectors: the order of labels, expressions and values does not count. */
export function canonicalSelector(selector: LabelSelector): string {
  const labels = Object.entries(selector.matchLabels ?? {}).toSorted(byText);
  const expressions = (selector.matchExpressions ?? []).map(canonicalRequirement).toSorted();
  return JSON.stringify([labels, expressions]);
}

/** One requirement as text; the order of its values does not count. */
export function canonicalRequirement(requirement: LabelSelectorRequirement): string {
  return JSON.stringify([requirement.key, requirement.operator, (requirement.values ?? []).toSorted()]);
}

function byText(a: readonly [string, string], b: readonly [string, string]): number {
  return a[0] < b[0] ? -1 : 1;
}

function valueOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function requirementHolds({ key, operator, values = [] }: LabelSelectorRequirement, labels: Labels): boolean {
  const value = valueOf(labels, key);
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
  }
}
