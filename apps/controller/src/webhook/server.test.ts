import { createLog, type RequestHandler } from "@herald-lb/daemon";
import { err, ok } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import type { AdmissionResponse } from "./admission-review.ts";
import { type ReviewServerOptions, reviewServer } from "./server.ts";

const NAMESPACE = "metallb-system";
const PATH = "/validate-metallb-io-v1beta1-ipaddresspool";

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Sends a body in two chunks and waits for the answer. */
function send(handle: RequestHandler, method: string, url: string, body: string): Promise<Answer> {
  const octets = Buffer.from(body);
  return new Promise((resolve) => {
    let [status, type] = [0, ""];
    const request = {
      method,
      url,
      headers: {},
      async *[Symbol.asyncIterator]() {
        yield octets.subarray(0, 10);
        yield octets.subarray(10);
      },
    };
    handle(request, {
      writeHead(code, headers) {
        [status, type] = [code, headers["content-type"] ?? ""];
      },
      end: (text) => resolve({ status, type, text }),
    });
  });
}

function server(options: Partial<ReviewServerOptions> = {}): RequestHandler {
  return reviewServer({
    namespace: NAMESPACE,
    list: async () => ok([]),
    onReview: () => {},
    log: createLog("test", "none"),
    ...options,
  });
}

function review(addresses: readonly string[], kind = "IPAddressPool"): string {
  const object = {
    apiVersion: "metallb.io/v1beta1",
    kind,
    metadata: { name: "é", namespace: NAMESPACE },
    spec: { addresses },
  };
  const request = { uid: "u", operation: "CREATE", kind: { kind }, namespace: NAMESPACE, name: "é", object };
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
}

function responseOf({ text }: Answer): AdmissionResponse {
  const { apiVersion, kind, response } = JSON.parse(text) as {
    readonly apiVersion: string;
    readonly kind: string;
    readonly response: AdmissionResponse;
  };
  expect([apiVersion, kind]).toEqual(["admission.k8s.io/v1", "AdmissionReview"]);
  return response;
}

describe("reviewServer", () => {
  it("allows and denies, with the uid of the request, and tells who counts", async () => {
    const seen: boolean[] = [];
    const handle = server({ onReview: (_request, { allowed }) => void seen.push(allowed) });
    const sound = await send(handle, "POST", `${PATH}?timeout=10s`, review(["192.0.2.0/24"]));
    expect(sound).toMatchObject({ status: 200, type: "application/json" });
    expect(responseOf(sound)).toEqual({ uid: "u", allowed: true });
    const bad = responseOf(await send(handle, "POST", PATH, review(["x"])));
    expect(bad).toMatchObject({ uid: "u", allowed: false, status: { code: 403 } });
    expect(seen).toEqual([true, false]);
  });

  it("lists what the review needs and no more", async () => {
    const asked: string[] = [];
    const handle = server({
      list: async (kinds) => {
        asked.push(...kinds);
        return ok([]);
      },
    });
    await send(handle, "POST", "/validate-metallb-io-v1beta1-community", review([], "Community"));
    expect(asked).toEqual(["Community"]);
  });

  it.each([
    { name: "another path", method: "POST", path: "/validate", body: "", status: 404 },
    { name: "a path called as an inherited field", method: "POST", path: "/constructor", body: "", status: 404 },
    { name: "another method", method: "GET", path: PATH, body: "", status: 405 },
    { name: "no review", method: "POST", path: PATH, body: "hello", status: 400 },
    { name: "the path of another kind", method: "POST", path: PATH, body: review([], "Community"), status: 400 },
    { name: "more than any object", method: "POST", path: PATH, body: " ".repeat((8 << 20) + 1), status: 413 },
  ])("$name: $status", async ({ method, path, body, status }) => {
    expect((await send(server(), method, path, body)).status).toBe(status);
  });

  it("leaves it to failurePolicy where it cannot know, or fails", async () => {
    const away = { code: "Unreachable", status: 0, reason: "", message: "away", retryAfter: null } as const;
    const blind = server({ list: async () => err(away) });
    expect(await send(blind, "POST", PATH, review([]))).toMatchObject({ status: 500, text: "away\n" });
    const broken = server({ list: () => Promise.reject(new Error("bug")) });
    expect((await send(broken, "POST", PATH, review([]))).status).toBe(500);
  });
});
