import type { Condition, KubernetesObject } from "@herald-lb/k8s-glue/objects";

/** A condition without its lastTransitionTime. */
export type WantedCondition = Omit<Condition, "lastTransitionTime">;

/**
 * Fills in lastTransitionTime: a condition whose status is unchanged keeps its own, so that an unchanged object is not written.
 * `now` is RFC 3339 text.
 */
export function datedConditions(
  wanted: readonly WantedCondition[],
  live: KubernetesObject | null,
  now: string,
): readonly Condition[] {
  const before = conditionsOf(live);
  return wanted.map((condition) => {
    const same = before.find(({ type, status }) => type === condition.type && status === condition.status);
    return { ...condition, lastTransitionTime: same?.lastTransitionTime ?? now };
  });
}

function conditionsOf(object: KubernetesObject | null): readonly Condition[] {
  const { status } = (object ?? {}) as { readonly status?: { readonly conditions?: readonly Condition[] } };
  return status?.conditions ?? [];
}
