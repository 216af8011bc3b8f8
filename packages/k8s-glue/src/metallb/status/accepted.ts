import type { ConfigIssue } from "../config/issue.ts";
import type { WantedCondition } from "./transition.ts";

const maximumMessage = 32_768;

/**
 * The conditions of a configuration object. `Accepted` is False while any of it has no effect, with the first fault's code as the
 * reason and every faulty field in the message; `NotActedOn` is there, True, while it sets fields that Herald does not act on yet.
 * `issues` are the object's own.
 */
export function acceptedConditions(issues: readonly ConfigIssue[], generation: number): readonly WantedCondition[] {
  const faults = issues.filter(({ effect }) => effect !== "Noted");
  const idle = issues.filter(({ effect, code }) => effect === "Noted" && code === "NotActedOn");
  const remarks = issues.filter(({ effect, code }) => effect === "Noted" && code !== "NotActedOn");
  const [first] = faults;
  const rejected = faults.some(({ effect }) => effect === "Rejected");
  const rest = faults.length > 0 && !rejected ? "; the rest of the object serves" : "";
  const accepted: WantedCondition = {
    type: "Accepted",
    status: first === undefined ? "True" : "False",
    reason: (faults.find(({ effect }) => effect === "Rejected") ?? first)?.code ?? "Accepted",
    message: (linesOf(faults.length > 0 ? faults : remarks) + rest).slice(0, maximumMessage),
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

/** Issues as one text: field, then what is wrong with it. */
export function linesOf(issues: readonly ConfigIssue[]): string {
  return issues.map(({ path, message }) => `${path}: ${message}`).join("; ");
}

/** Issues of each object, by its kind, namespace and name. */
export function issuesByObject(issues: readonly ConfigIssue[]): ReadonlyMap<string, readonly ConfigIssue[]> {
  return Map.groupBy(issues, ({ object }) => objectId(object));
}

/** What `issuesByObject` files an object under. */
export function objectId({ kind, namespace, name }: ConfigIssue["object"]): string {
  return `${kind}/${namespace}/${name}`;
}
