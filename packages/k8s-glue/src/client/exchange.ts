import { err, ok, type Result } from "@herald-lb/sansio";
import { type ApiError, localError, readApiError } from "./api-error.ts";
import type { ApiRequest, Query } from "./api-request.ts";
import { type ConnectionPool, type PoolResponse, SILENT_SERVER } from "./connection-pool.ts";
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
    const status = response.statusCode ?? 0;
    const text = request.answer === "Ignored" && status < 300 ? await unread(response) : await textOf(response);
    if (status >= 300) return err(readApiError(status, text, response.headers["retry-after"] ?? null));
    try {
      const value: T = JSON.parse(text);
      return ok(value);
    } catch {
      return err({
        ...localError("BadResponse", "", `${request.method} ${request.path}: the answer is no JSON`),
        status,
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
    const status = response.statusCode ?? 0;
    if (status < 300) return ok(response);
    return err(readApiError(status, await textOf(response), response.headers["retry-after"] ?? null));
  } catch (error) {
    return err(failureOf(error, request, false));
  }
}

/** Discards the answer, so that its connection can be used again, and returns JSON's null in its place. */
async function unread(response: PoolResponse): Promise<string> {
  for await (const _ of response);
  return "null";
}

async function textOf(response: PoolResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function send(pool: ConnectionPool, { material }: Session, request: Sent, userAgent: string): Promise<PoolResponse> {
  const { method, path, query, body, signal } = request;
  const text = body === undefined ? null : JSON.stringify(body);
  const type = request.contentType ?? "application/json";
  return pool.request({
    path: `${basePath(material.server)}${path}${queryText(query)}`,
    method,
    headers: {
      ...material.headers,
      accept: "application/json",
      "user-agent": userAgent,
      ...(text === null ? {} : { "content-type": type, "content-length": Buffer.byteLength(text) }),
    },
    body: text,
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

function failureOf(error: unknown, request: Sent, timedOut: boolean): ApiError {
  const what = `${request.method} ${request.path}`;
  const code = systemCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (timedOut) return localError("Timeout", code, `${what}: no answer in time`);
  if (request.signal.aborted) return localError("Aborted", code, `${what}: aborted`);
  if (code === SILENT_SERVER) return localError("Timeout", code, `${what}: ${message}`);
  return localError("Unreachable", code, `${what}: ${message === "" ? code : message}`);
}

function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
