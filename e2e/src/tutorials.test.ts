import { join } from "node:path";
import { type Lab, Scope, startLab } from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { labAssets } from "./assets.ts";
import { neighbourOf, untilAddresses, untilAnswer } from "./lab-service.ts";

const assets = labAssets();

describe.skipIf(assets === null)("the manifests of the tutorials", () => {
  let scope: Scope;
  let lab: Lab;

  /** What a user does with a tutorial's file. */
  const applyFile = (name: string): Promise<string> =>
    lab.cluster.kubectl(["apply", "-f", join(import.meta.dirname, "tutorials", name)]);
  const expose = (name: string, nodes?: readonly string[]): Promise<void> =>
    lab.cluster.expose({ namespace: "default", name }, "http", nodes);

  beforeAll(async () => {
    scope = new Scope();
    lab = await startLab(scope, { assets: assets ?? "" });
    await lab.cluster.startWorkload({ app: "nginx" });
    await applyFile("layer2.yaml");
    await expose("nginx");
  });
  afterAll(() => scope.close());

  it("gives addresses of a pool that an L2Advertisement has answered for", async () => {
    expect(await untilAddresses(lab, "nginx", 2)).toEqual(["192.0.2.200", "2001:db8:0:2::200"]);
    for (const address of ["192.0.2.200", "2001:db8:0:2::200"]) {
      expect((await untilAnswer(lab.topology.client, address)).pod).toMatch(/^web-[123]$/);
      expect(lab.topology.nodes.map(({ mac }) => mac)).toContain(await neighbourOf(lab.topology.client, address));
    }
  });
});
