import type { ConfigIssue } from "../config/issue.ts";

/** An Event about a configuration object. */
export interface IssueEvent {
  readonly object: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  };
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/**
 * The Event for an issue: a Warning where a part of the object has no effect. The reason is the issue's code, the message names the
 * field.
 */
export function issueEvent({ object, path, code, effect, message }: ConfigIssue): IssueEvent {
  const { apiVersion, kind, namespace, name, uid } = object;
  return {
    object: { apiVersion, kind, namespace, name, uid },
    type: effect === "Noted" ? "Normal" : "Warning",
    reason: code,
    message: `${path}: ${message}`,
  };
}
