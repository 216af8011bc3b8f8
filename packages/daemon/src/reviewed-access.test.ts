import type { ApiRequest, Transport } from "@herald-lb/k8s-glue/client";
import { err, ok } from "@herald-lb/sansio";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { ReviewedAccess } from "./reviewed-access.ts";

const UNREACHABLE = { code: "Unreachable", status: 0, reason: "", message: "away", retryAfter: null } as const;

/** An API server that knows `reader` and `outsider`, and lets the first get /metrics. */
class Reviews {
  readonly asked: ApiRequest[] = [];
  reachable = true;
  revoked = false;
  /** Answers wait for this. */
  gate: Promise<void> = Promise.resolve();

  readonly request: Transport["request"] = async <T>(request: ApiRequest) => {
    this.asked.push(request);
    await this.gate;
    if (!this.reachable) return err(UNREACHABLE);
    return ok({
      status: this.#statusOf(request.body as { kind: string; spec: Readonly<Record<string, unknown>> }),
    } as T);
  };

  #statusOf({ kind, spec }: { kind: string; spec: Readonly<Record<string, unknown>> }): object {
    if (kind === "TokenReview") {
      const known = ["reader", "outsider"].includes(String(spec["token"])) && !this.revoked;
      return known
        ? { authenticated: true, user: { username: spec["token"], uid: "1", groups: ["g"], extra: { scope: ["s"] } } }
        : { authenticated: false, error: "unknown token" };
    }
    return { allowed: spec["user"] === "reader" };
  }
}

function make(): { reviews: Reviews; clock: ReturnType<typeof createVirtualClock>; access: ReviewedAccess } {
  const reviews = new Reviews();
  const clock = createVirtualClock();
  return { reviews, clock, access: new ReviewedAccess(reviews, clock) };
}

describe("ReviewedAccess", () => {
  it.each([
    { token: "reader", access: "Allowed", reviews: 2 },
    { token: "outsider", access: "Denied", reviews: 2 },
    { token: "nobody", access: "Unauthenticated", reviews: 1 },
  ])("$token is $access", async ({ token, access: expected, reviews: count }) => {
    const { access, reviews } = make();
    expect(await access.of(token, "get", "/metrics")).toEqual(ok(expected));
    expect(reviews.asked).toHaveLength(count);
  });

  it("asks as the API server wants to be asked", async () => {
    const { access, reviews } = make();
    await access.of("reader", "get", "/metrics");
    expect(reviews.asked.map(({ method, path, body }) => ({ method, path, body }))).toEqual([
      {
        method: "POST",
        path: "/apis/authentication.k8s.io/v1/tokenreviews",
        body: {
          apiVersion: "authentication.k8s.io/v1",
          kind: "TokenReview",
          metadata: {},
          spec: { token: "reader" },
        },
      },
      {
        method: "POST",
        path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
        body: {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SubjectAccessReview",
          metadata: {},
          spec: {
            user: "reader",
            uid: "1",
            groups: ["g"],
            extra: { scope: ["s"] },
            nonResourceAttributes: { path: "/metrics", verb: "get" },
          },
        },
      },
    ]);
  });

  it("believes a yes for a minute and a no for ten seconds", async () => {
    const { access, reviews, clock } = make();
    await access.of("reader", "get", "/metrics");
    await access.of("nobody", "get", "/metrics");
    reviews.asked.length = 0;
    clock.advanceBy(9_999);
    await access.of("nobody", "get", "/metrics");
    expect(reviews.asked).toHaveLength(0);
    clock.advanceBy(1);
    await access.of("nobody", "get", "/metrics");
    expect(reviews.asked).toHaveLength(1);
    clock.advanceBy(49_999);
    reviews.revoked = true;
    expect(await access.of("reader", "get", "/metrics")).toEqual(ok("Allowed"));
    clock.advanceBy(1);
    expect(await access.of("reader", "get", "/metrics")).toEqual(ok("Unauthenticated"));
  });

  it("asks anew for another path or verb", async () => {
    const { access, reviews } = make();
    await access.of("reader", "get", "/metrics");
    await access.of("reader", "head", "/metrics");
    await access.of("reader", "get", "/debug");
    expect(reviews.asked).toHaveLength(6);
  });

  it("asks once for many who come together", async () => {
    const { access, reviews } = make();
    let open = (): void => {};
    reviews.gate = new Promise((resolve) => {
      open = resolve;
    });
    const answers = Promise.all(Array.from({ length: 20 }, () => access.of("reader", "get", "/metrics")));
    open();
    expect(await answers).toEqual(Array(20).fill(ok("Allowed")));
    expect(reviews.asked).toHaveLength(2);
  });

  it("has no more than a few reviews under way, and asks again once they are done", async () => {
    const { access, reviews } = make();
    let open = (): void => {};
    reviews.gate = new Promise((resolve) => {
      open = resolve;
    });
    const answers = Promise.all(Array.from({ length: 20 }, (_, at) => access.of(`guess ${at}`, "get", "/metrics")));
    open();
    const results = await answers;
    expect(results.filter(({ ok: answered }) => answered)).toHaveLength(8);
    expect(reviews.asked).toHaveLength(8);
    expect(await access.of("reader", "get", "/metrics")).toEqual(ok("Allowed"));
  });

  it("believes no failure", async () => {
    const { access, reviews } = make();
    reviews.reachable = false;
    expect(await access.of("reader", "get", "/metrics")).toEqual(err(UNREACHABLE));
    reviews.reachable = true;
    expect(await access.of("reader", "get", "/metrics")).toEqual(ok("Allowed"));
  });

  it("forgets the oldest of too many", async () => {
    const { access, reviews } = make();
    await access.of("reader", "get", "/metrics");
    for (let at = 0; at < 255; at++) await access.of(`guess ${at}`, "get", "/metrics");
    reviews.asked.length = 0;
    await access.of("reader", "get", "/metrics");
    expect(reviews.asked).toHaveLength(0);
    await access.of("one more", "get", "/metrics");
    await access.of("reader", "get", "/metrics");
    expect(reviews.asked).toHaveLength(3);
  });
});
