import type { Logger } from "@herald-lb/daemon";
import type { ApiError, ApiRequest, Transport } from "@herald-lb/k8s-glue/client";
import { err, ok } from "@herald-lb/sansio";

/** A log that drops every line. */
export const silent: Logger = { info() {}, warn() {}, debug() {}, error() {} } as unknown as Logger;

/** A log that keeps its lines as `level message`. */
export function recordingLog(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const line =
    (level: string) =>
    (_facts: object, message: string): void =>
      void lines.push(`${level} ${message}`);
  const log = { info: line("info"), warn: line("warn"), debug: line("debug"), error: line("error") };
  return { log: log as unknown as Logger, lines };
}

/** A transport that hands every request to `answer`: an error code refuses it, anything else is the value. A closed guard refuses first. */
export function fakeTransport(answer: (request: ApiRequest) => ApiError["code"] | object): Transport {
  const failure = (code: ApiError["code"]): unknown =>
    err({ code, status: 0, reason: "", message: code, retryAfter: null });
  const request = async (wanted: ApiRequest): Promise<unknown> => {
    if (wanted.guard?.() === false) return failure("Fenced");
    const answered = answer(wanted);
    return typeof answered === "string" ? failure(answered) : ok(answered);
  };
  return { request } as unknown as Transport;
}
