import type { ApiError, ApiRequest } from "@herald-lb/k8s-glue/client";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { fakeTransport, recordingLog } from "./fake-api.test.fixture.ts";
import { ensureMemberlistSecret } from "./memberlist-secret.ts";

type Answers = Readonly<Record<string, readonly (ApiError["code"] | object)[]>>;

/** Runs to the end, or for a minute; `answers` are the replies to each method and kind of path, in order, the last for ever. */
async function ensured(answers: Answers, deployment = "controller"): Promise<{ sent: ApiRequest[]; lines: string[] }> {
  const { log, lines } = recordingLog();
  const clock = createVirtualClock();
  const sent: ApiRequest[] = [];
  const left = new Map(Object.entries(answers).map(([key, replies]) => [key, [...replies]]));
  const transport = fakeTransport((request) => {
    sent.push(request);
    const replies =
      left.get(`${request.method} ${request.path.includes("deployments") ? "deployment" : "secret"}`) ?? [];
    return (replies.length > 1 ? replies.shift() : replies[0]) ?? "NotFound";
  });
  const names = { namespace: "lb", secret: "memberlist", deployment };
  void ensureMemberlistSecret(transport, clock, names, log, () => clock.now() < 60_000);
  for (let second = 0; second <= 61; second++) {
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    clock.advanceBy(1_000);
  }
  return { sent, lines };
}

const count = (sent: readonly ApiRequest[], method: string): number =>
  sent.filter((request) => request.method === method).length;

describe("ensureMemberlistSecret", () => {
  it("makes a key of 16 octets, owned by the Deployment", async () => {
    const { sent, lines } = await ensured({
      "GET secret": ["NotFound"],
      "GET deployment": [{ metadata: { uid: "d-1" } }],
      "POST secret": [{}],
    });
    expect(sent.map(({ method }) => method)).toEqual(["GET", "GET", "POST"]);
    const body = sent[2]?.body as { metadata: object; stringData: { secretkey: string } };
    expect(body.metadata).toEqual({
      name: "memberlist",
      namespace: "lb",
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "controller", uid: "d-1" }],
    });
    expect(body.stringData.secretkey).toMatch(/^[A-Za-z0-9+/]{22}$/);
    expect(lines).toEqual(["info memberlist's Secret exists"]);
  });

  it.each([
    { name: "leaves one alone that is there", answers: { "GET secret": [{}] }, gets: 1, posts: 0 },
    {
      name: "accepts the one of a replica that was faster",
      answers: { "POST secret": ["AlreadyExists"] },
      gets: 1,
      posts: 1,
    },
    {
      name: "tries again every five seconds while it cannot be read",
      answers: { "GET secret": ["Forbidden"] },
      gets: 12,
      posts: 0,
    },
    {
      name: "tries again until it could be made",
      answers: { "POST secret": ["Unavailable", "Timeout", {}] },
      gets: 3,
      posts: 3,
    },
  ] as const)("$name", async ({ answers, gets, posts }) => {
    const { sent } = await ensured(answers as Answers, "");
    expect([count(sent, "GET"), count(sent, "POST")]).toEqual([gets, posts]);
  });

  it("makes it without an owner where the Deployment cannot be read", async () => {
    const { sent } = await ensured({ "GET deployment": ["Forbidden"], "POST secret": [{}] });
    expect(sent.at(-1)?.body).toMatchObject({ metadata: { name: "memberlist", namespace: "lb" } });
    expect(sent.at(-1)?.body).not.toHaveProperty("metadata.ownerReferences");
  });
});
