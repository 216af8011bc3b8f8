import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApiServer } from "@herald-lb/api-server";
import { Scope, startRealApiServer, until } from "@herald-lb/lab";
import { createClient } from "./api-conformance/client.ts";
import { normalise } from "./api-conformance/normalise.ts";
import { installedStep, installStep } from "./api-conformance/custom-resource.ts";
import { steps } from "./api-conformance/steps.ts";
import { labAssets } from "./assets.ts";

const assets = labAssets();

describe.skipIf(assets === null)("the embedded API server answers as kube-apiserver does", () => {
  const scope = new Scope();
  const clients: { ours?: ReturnType<typeof createClient>; real?: ReturnType<typeof createClient> } = {};

  beforeAll(async () => {
    const [embedded, real] = await Promise.all([
      createApiServer(),
      startRealApiServer(scope, {
        assets: assets ?? "",
        bind: "127.0.0.1",
        port: 27443,
        flags: ["--advertise-address=192.0.2.2"],
      }),
    ]);
    scope.defer("the embedded API server", () => embedded.close());
    clients.ours = createClient({ url: embedded.url, ca: embedded.caPem, token: "admin" });
    clients.real = createClient({ url: real.url, ca: real.ca, token: real.tokens.admin });
    for (const client of [clients.ours, clients.real]) {
      scope.defer("a client", () => client.close());
      await client.ask(installStep);
      await until("the custom resource to be served", async () => (await client.ask(installedStep)).code === 200, {
        timeoutMs: 20_000,
        everyMs: 100,
      });
      await until(
        "the default namespace",
        async () => (await client.ask({ name: "", method: "GET", path: "/api/v1/namespaces/default" })).code === 200,
        { timeoutMs: 20_000, everyMs: 100 },
      );
    }
  });
  afterAll(() => scope.close());

  it.each(steps)("$name", async (step) => {
    const [ours, real] = [await clients.ours?.ask(step), await clients.real?.ask(step)];
    expect(normalise(ours)).toEqual(normalise(real));
  });
});
