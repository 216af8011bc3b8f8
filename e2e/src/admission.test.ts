/** What a real kube-apiserver turns away by itself: the rules in the CRDs. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import {
  HERALD_NAMESPACE,
  kubectlPath,
  Namespace,
  type RealApiServer,
  Scope,
  startRealApiServer,
  until,
} from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { CONFIGURATION_RULES, objectOf } from "./admission/configuration-rules.ts";
import { labAssets } from "./assets.ts";

const deploy = resolve(import.meta.dirname, "../../deploy");
const assets = labAssets();

/** What kubectl answers. */
interface Answer {
  readonly ok: boolean;
  /** Standard output, then standard error. */
  readonly text: string;
}

/** A CustomResourceDefinition without its rules in CEL. */
function withoutRules(definition: object): object {
  const without = (key: string, value: unknown): unknown => (key === "x-kubernetes-validations" ? undefined : value);
  return JSON.parse(JSON.stringify(definition, without)) as object;
}

describe.skipIf(assets === null)("admission on a real kube-apiserver", () => {
  const scope = new Scope();
  let server: RealApiServer;
  let network: Namespace;

  const kubectl = (args: readonly string[], input: object | string = ""): Answer => {
    const context = ["--kubeconfig", server.kubeconfig, "--context", "admin"];
    const { status, stdout, stderr } = spawnSync(
      "ip",
      ["netns", "exec", network.name, kubectlPath(), ...context, ...args],
      { encoding: "utf8", input: typeof input === "string" ? input : JSON.stringify(input) },
    );
    return { ok: status === 0, text: stdout + stderr };
  };
  const done = (answer: Answer): string => {
    expect(answer).toMatchObject({ ok: true });
    return answer.text;
  };

  beforeAll(async () => {
    network = await Namespace.create(scope, "admission");
    server = await startRealApiServer(scope, { assets: assets ?? "", bind: "127.0.0.1", namespace: network.name });
    done(kubectl(["create", "namespace", HERALD_NAMESPACE]));
    done(kubectl(["apply", "-f", `${deploy}/crds`]));
    done(kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]));
  });

  afterAll(() => scope.close());

  describe("the rules in the CRDs", () => {
    it.each(CONFIGURATION_RULES)("$kind: $name", (row) => {
      const { ok, text } = kubectl(["create", "--dry-run=server", "--validate=strict", "-f", "-"], objectOf(row));
      if (row.refused === null) expect({ ok, text }).toEqual({ ok: true, text: expect.stringContaining("created") });
      else {
        expect(ok).toBe(false);
        expect(text).toContain(`${row.refused.field}: `);
        expect(text).toContain(row.refused.message);
      }
    });

    it("do not stop the condition of an object that was there before them", async () => {
      const crd = `${deploy}/crds/metallb.io_ipaddresspools.yaml`;
      const bad = objectOf({
        name: "",
        kind: "IPAddressPool",
        spec: { addresses: ["192.0.2.9-192.0.2.1"] },
        refused: null,
      });
      const isTaken = (): boolean => kubectl(["create", "--dry-run=server", "-f", "-"], bad).ok;
      done(kubectl(["apply", "-f", "-"], withoutRules(parse(readFileSync(crd, "utf8")) as object)));
      await until("no rules", async () => isTaken());
      done(kubectl(["create", "-f", "-"], bad));
      done(kubectl(["apply", "-f", crd]));
      await until("the rules", async () => !isTaken());
      const now = "2026-01-01T00:00:00Z";
      const condition = {
        type: "Accepted",
        status: "False",
        reason: "ReversedRange",
        message: "",
        lastTransitionTime: now,
      };
      const patch = [
        "patch",
        "ipaddresspool",
        "row",
        "-n",
        HERALD_NAMESPACE,
        "--subresource=status",
        "--type=merge",
        "-p",
      ];
      done(kubectl([...patch, JSON.stringify({ status: { conditions: [condition] } })]));
      done(kubectl(["delete", "ipaddresspool", "row", "-n", HERALD_NAMESPACE]));
    });
  });
});
