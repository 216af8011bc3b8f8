import type { ApiError } from "./api-error.ts";

/** The refusal of a request by the API server. */
export function refusal(status: number, code: ApiError["code"], retryAfter: number | null = null): ApiError {
  return { code, status, reason: "", message: "", retryAfter };
}
