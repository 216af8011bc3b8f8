/**
 * The kind of a refused or failed request. The codes up to `"InternalError"` are the server's answer; `"Unreachable"` means no
 * answer, `"BadResponse"` an unreadable one, `"Aborted"` the caller's signal, `"Fenced"` a write that was not sent because its
 * guard was closed.
 */
export type ApiErrorCode =
  | "BadRequest"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "MethodNotAllowed"
  | "Conflict"
  | "AlreadyExists"
  | "Gone"
  | "UnsupportedMediaType"
  | "Invalid"
  | "TooManyRequests"
  | "Timeout"
  | "Unavailable"
  | "InternalError"
  | "Unreachable"
  | "BadResponse"
  | "Aborted"
  | "Fenced"
  | "Other";

/** One refused or failed request. */
export interface ApiError {
  readonly code: ApiErrorCode;
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** `Status.reason` of the answer, or the system's error code (`"ECONNREFUSED"`); empty where there is none. */
  readonly reason: string;
  readonly message: string;
  /** The delay of Retry-After in milliseconds; null without it. */
  readonly retryAfter: number | null;
}

/** `metav1.Status`, the body of a refusal and the object of a watch's ERROR event. */
export interface Status {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly retryAfterSeconds?: number };
}

const codeOfStatus: Readonly<Record<number, ApiErrorCode>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  408: "Timeout",
  409: "Conflict",
  410: "Gone",
  415: "UnsupportedMediaType",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  502: "Unavailable",
  503: "Unavailable",
  504: "Timeout",
};

/** The code of an HTTP status together with `Status.reason`, which tells two meanings of 409 apart. */
export function apiErrorCode(status: number, reason: string): ApiErrorCode {
  if (reason === "AlreadyExists") return "AlreadyExists";
  if (reason === "Expired" || reason === "Gone") return "Gone";
  return codeOfStatus[status] ?? (status >= 500 ? "InternalError" : "Other");
}

/** Reads the refusal out of an answer's status, its body (JSON of a Status, or any text) and its Retry-After header in seconds. */
export function readApiError(status: number, body: string, retryAfterHeader: string | null): ApiError {
  const parsed = readStatus(body);
  const seconds = retryAfterHeader === null ? parsed?.details?.retryAfterSeconds : Number(retryAfterHeader);
  const reason = typeof parsed?.reason === "string" ? parsed.reason : "";
  return {
    code: apiErrorCode(status, reason),
    status,
    reason,
    message: typeof parsed?.message === "string" ? parsed.message : body.slice(0, 500),
    retryAfter: typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null,
  };
}

/** The refusal that a watch's ERROR event carries. */
export function apiErrorOfStatus(status: Status): ApiError {
  const code = typeof status.code === "number" ? status.code : 0;
  const reason = typeof status.reason === "string" ? status.reason : "";
  const seconds = status.details?.retryAfterSeconds;
  return {
    code: apiErrorCode(code, reason),
    status: code,
    reason,
    message: typeof status.message === "string" ? status.message : "",
    retryAfter: typeof seconds === "number" && seconds >= 0 ? seconds * 1000 : null,
  };
}

/** A failure on this side of the wire. */
export function localError(
  code: "Unreachable" | "BadResponse" | "Aborted" | "Fenced" | "Timeout",
  reason: string,
  message: string,
): ApiError {
  return { code, status: 0, reason, message, retryAfter: null };
}

/** True for the refusal of an apply whose fields the CRD of the cluster does not have, as with the CRDs of MetalLB. */
export function isUndeclaredField({ message }: Pick<ApiError, "message">): boolean {
  return message.includes("field not declared in schema");
}

function readStatus(body: string): Status | null {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}
