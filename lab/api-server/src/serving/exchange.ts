import type { IncomingMessage, ServerResponse } from "node:http";
import type { Failure } from "../object/failure.ts";
import type { JsonObject } from "../object/json.ts";

/** Reads the whole body of a request. */
export async function octetsOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Sends the whole response: an object as JSON, a string as plain text. */
export function send(
  response: ServerResponse,
  code: number,
  body: JsonObject | string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(code, {
    "content-type": typeof body === "string" ? "text/plain; charset=utf-8" : "application/json",
    "content-length": String(Buffer.byteLength(text)),
    ...headers,
  });
  response.end(text);
}

/** Sends a failure as the `v1.Status` that it stands for. */
export function sendFailure(
  response: ServerResponse,
  failure: Failure,
  headers: Readonly<Record<string, string>> = {},
): void {
  send(response, failure.code, failure.toStatus(), headers);
}
