import { err, ok, type Result } from "@herald-lb/sansio";
import type { Dispatcher } from "undici";
import { type ApiError, localError, readApiError } from "./api-error.ts";
import type { ApiRequest, Query } from "./api-request.ts";
import type { Session } from "./session.ts";

type Sent = Omit<ApiRequest, "signal"> & { readonly signal: AbortSignal };

/** Sends one request once and reads the whole answer. Never rejects. */
export async function exchange<T>(
  session: Session,
  request: Sent,
  userAgent: string,
  timedOut: () => boolean,
): Promise<Result<T, ApiError>> {
  try {
    const response = await send(session.connections.unary, session, request, userAgent);
    const ignored = request.answer === "Ignored" && response.statusCode < 300;
    const text = ignored ? await unread(response) : await response.body.text();
    if (response.statusCode >= 300)
      return err(readApiError(response.statusCode, text, header(response, "retry-after")));
    try {
      const value: T = JSON.parse(text);
      return ok(value);
    } catch {
      return err({
        ...localError("BadResponse", "", `${request.method} ${request.path}: the answer is no JSON`),
        status: response.statusCode,
      });
    }
  } catch (error) {
    return err(failureOf(error, request, timedOut()));
  }
}

/** Opens a stream and hands on its octets once the status is good. Never rejects; the stream itself throws when it breaks. */
export async function openStream(
  session: Session,
  request: Sent,
  userAgent: string,
): Promise<Result<AsyncIterable<Uint8Array>, ApiError>> {
  try {
    const response = await send(session.connections.streams, session, request, userAgent);
    if (response.statusCode < 300) return ok(response.body);
    return err(readApiError(response.statusCode, await response.body.text(), header(response, "retry-after")));
  } catch (error) {
    return err(failureOf(error, request, false));
  }
}

/** Takes the answer off the connection, which serves again then, and stands for it with JSON's null. */
async function unread({ body }: Dispatcher.ResponseData): Promise<string> {
  for await (const _ of body);
  return "null";
}

function send(
  dispatcher: Dispatcher,
  { material }: Session,
  request: Sent,
  userAgent: string,
): Promise<Dispatcher.ResponseData> {
  const { method, path, query, body, signal } = request;
  const type = request.contentType ?? "application/json";
  return dispatcher.request({
    origin: new URL(material.server).origin,
    path: `${basePath(material.server)}${path}${queryText(query)}`,
    method,
    headers: {
      ...material.headers,
      accept: "application/json",
      "user-agent": userAgent,
      ...(body === undefined ? {} : { "content-type": type }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal,
  });
}

/** A server behind a proxy may have a path of its own, `https://192.0.2.1/k8s/clusters/c-1`. */
function basePath(server: string): string {
  return new URL(server).pathname.replace(/\/+$/, "");
}

function queryText(query: Query | undefined): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

function header(response: Dispatcher.ResponseData, name: string): string | null {
  const value = response.headers[name];
  return typeof value === "string" ? value : null;
}

function failureOf(error: unknown, request: Sent, timedOut: boolean): ApiError {
  const what = `${request.method} ${request.path}`;
  const code = systemCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (timedOut) return localError("Timeout", code, `${what}: no answer in time`);
  if (request.signal.aborted) return localError("Aborted", code, `${what}: aborted`);
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT")
    return localError("Timeout", code, `${what}: ${message}`);
  return localError("Unreachable", code, `${what}: ${message === "" ? code : message}`);
}

function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
