import type { ConfigIssue } from "../config/issue.ts";
import type { WantedCondition } from "./transition.ts";

const maximumMessage = 32_768;

/**
 * The conditions of a configuration object. `Accepted` is False while a part of it has no effect, with the code of the first issue
 * as the reason and every wrong field in the message. `NotActedOn` exists, and is True, while the object sets fields that Herald
 * does not act on yet. `issues` are the object's own.
 */
export function acceptedConditions(issues: readonly ConfigIssue[], generation: number): readonly WantedCondition[] {
  const faults = issues.filter(({ effect }) => effect !== "Noted");
  const idle = issues.filter(({ effect, code }) => effect === "Noted" && code === "NotActedOn");
  const remarks = issues.filter(({ effect, code }) => effect === "Noted" && code !== "NotActedOn");
  const [first] = faults;
  const rejected = faults.some(({ effect }) => effect === "Rejected");
  const consequence = rejected ? "; the object has no effect" : "; the rest of the object has effect";
  const accepted: WantedCondition = {
    type: "Accepted",
    status: first === undefined ? "True" : "False",
    reason: (faults.find(({ effect }) => effect === "Rejected") ?? first)?.code ?? "Accepted",
    message: (faults.length > 0 ? linesOf(faults) + consequence : linesOf(remarks)).slice(0, maximumMessage),
    observedGeneration: generation,
  };
  if (idle.length === 0) return [accepted];
  return [
    accepted,
    {
      type: "NotActedOn",
      status: "True",
      reason: "NotActedOn",
      message: linesOf(idle).slice(0, maximumMessage),
      observedGeneration: generation,
    },
  ];
}

/** The issues as one text: each field with its message. */
export function linesOf(issues: readonly ConfigIssue[]): string {
  return issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
}

/** The issues of each object, by its `objectId`. */
export function issuesByObject(issues: readonly ConfigIssue[]): ReadonlyMap<string, readonly ConfigIssue[]> {
  return Map.groupBy(issues, ({ object }) => objectId(object));
}

/** The kind, namespace and name of an object as one text. */
export function objectId({ kind, namespace, name }: ConfigIssue["object"]): string {
  return `${kind}/${namespace}/${name}`;
}
