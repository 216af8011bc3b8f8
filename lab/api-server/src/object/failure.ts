import type { Json, JsonObject } from "./json.ts";

/** One field that was refused, as `details.causes` of a Status tells it. */
export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** A refused request: what the client gets as a `v1.Status`. Returned, never thrown. */
export class Failure {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details: JsonObject | undefined;

  constructor(code: number, reason: string, message: string, details?: JsonObject) {
    this.code = code;
    this.reason = reason;
    this.message = message;
    this.details = details;
  }

  /** The `v1.Status` object. */
  toStatus(): JsonObject {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: this.message,
      reason: this.reason,
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }
}

/** `group` and `plural` of what a failure is about; the plural alone for the core group. */
export interface Subject {
  readonly group: string;
  readonly plural: string;
}

const qualified = (subject: Subject): string =>
  subject.group === "" ? subject.plural : `${subject.plural}.${subject.group}`;
const detailsOf = (subject: Subject, name: string): JsonObject => ({
  name,
  ...(subject.group === "" ? {} : { group: subject.group }),
  kind: subject.plural,
});

/** 404 for an object. */
export function notFound(subject: Subject, name: string): Failure {
  return new Failure(404, "NotFound", `${qualified(subject)} "${name}" not found`, detailsOf(subject, name));
}

/** 409 for a create over something that exists. */
export function alreadyExists(subject: Subject, name: string): Failure {
  return new Failure(409, "AlreadyExists", `${qualified(subject)} "${name}" already exists`, detailsOf(subject, name));
}

/** 409 for a stale resourceVersion or another uid. */
export function conflict(subject: Subject, name: string, why: string): Failure {
  return new Failure(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${why}`,
    detailsOf(subject, name),
  );
}

/** 409 for server-side apply, one cause a field. */
export function applyConflict(causes: readonly Cause[]): Failure {
  const plural = causes.length === 1 ? "conflict" : "conflicts";
  const lines = causes.map((cause) => `${cause.message}: ${cause.field}`);
  const text = causes.length === 1 ? lines[0] : `conflicts:\n${lines.map((line) => `- ${line}`).join("\n")}`;
  return new Failure(409, "Conflict", `Apply failed with ${String(causes.length)} ${plural}: ${text ?? ""}`, {
    causes: causes.map((cause): Json => ({ ...cause })),
  });
}

/** 422 with its causes; `kind` is the Kind, as the real server has it here. */
export function invalid(group: string, kind: string, name: string, causes: readonly Cause[]): Failure {
  const lines = causes.map((cause) => (cause.field === "" ? cause.message : `${cause.field}: ${cause.message}`));
  const text = lines.length === 1 ? lines[0] : `[${lines.join(", ")}]`;
  return new Failure(
    422,
    "Invalid",
    `${group === "" ? kind : `${kind}.${group}`} "${name}" is invalid: ${text ?? ""}`,
    {
      name,
      ...(group === "" ? {} : { group }),
      kind,
      causes: causes.map((cause): Json => ({ ...cause })),
    },
  );
}

/** 400. */
export function badRequest(message: string): Failure {
  return new Failure(400, "BadRequest", message);
}

/** 410 for a resourceVersion or continue token whose history is gone. */
export function expired(message: string): Failure {
  return new Failure(410, "Expired", message);
}
