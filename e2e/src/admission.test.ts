/** Objects that a real kube-apiserver refuses or warns about by itself: the rules in the CRDs, and the policies for those who want them. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
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
import { POLICY_ROWS, serviceWith } from "./admission/policy-rows.ts";
import { labAssets } from "./assets.ts";

const deploy = resolve(import.meta.dirname, "../../deploy");
const assets = labAssets();

/** The answer of kubectl. */
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
      await until("no rules", isTaken);
      done(kubectl(["create", "-f", "-"], bad));
      done(kubectl(["apply", "-f", crd]));
      await until("the rules", () => !isTaken());
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

  it("an overlay names other namespaces for the policies, as their README says", () => {
    const readme = readFileSync(`${deploy}/policies/README.md`, "utf8");
    const example = /```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    const overlay = join(scope.folder, "overlay");
    mkdirSync(overlay, { recursive: true });
    const path = relative(overlay, `${deploy}/policies`);
    writeFileSync(join(overlay, "kustomization.yaml"), example.replace("PATH_TO/herald/deploy/policies", path));
    const rendered = done(kubectl(["kustomize", overlay]));
    expect(rendered.replaceAll("''", "'")).toContain("['metallb-system', 'herald-trial']");
    expect(done(kubectl(["create", "--dry-run=server", "-f", "-"], rendered)).match(/ created /g)).toHaveLength(8);
  });

  describe.each([
    { name: "warn", folder: "policies", turnsAway: false },
    { name: "turn away", folder: "policies/deny", turnsAway: true },
  ])("the policies that $name", ({ folder, turnsAway }) => {
    const create = (object: object): Answer => kubectl(["create", "--dry-run=server", "-f", "-"], object);
    const noPool = { "metallb.io/address-pool": "No Pool" };
    const probe = serviceWith(noPool, {}, "probe");
    const untilInForce = (): Promise<unknown> =>
      until("the policies", () => {
        const { ok, text } = create(probe);
        return text.includes("cannot be the name of a pool") && ok !== turnsAway;
      });

    beforeAll(async () => {
      done(kubectl(["apply", "-k", `${deploy}/${folder}`]));
      await untilInForce();
    });

    it("are sound expressions", () => {
      const warnings =
        'jsonpath={range .items[*]}{.metadata.name}: {.status.typeChecking.expressionWarnings}{"\\n"}{end}';
      const names = ["annotations", "configuration-namespace", "namespaces", "services"];
      const text = done(kubectl(["get", "validatingadmissionpolicies", "-o", warnings]));
      expect(text).toBe(names.map((name) => `${name}.herald-lb.io: \n`).join(""));
    });

    it.each(POLICY_ROWS)("$name", ({ object, said, onlyEverWarned = false }) => {
      const { ok, text } = create(object);
      if (said === null)
        expect({ ok, text }).toEqual({ ok: true, text: expect.stringMatching(/^\S+ created \(server dry run\)\n$/) });
      else {
        expect(text).toContain(said);
        expect(ok).toBe(!turnsAway || onlyEverWarned);
        if (ok) expect(text).toMatch(/^Warning: /m);
      }
    });

    it("let a Service that was there before them be changed in all else, and be deleted", async () => {
      const service = ["service", "row", "-n", "default"];
      done(kubectl(["delete", "-k", `${deploy}/${folder}`]));
      await until("no policies", () => create(probe).text.startsWith("service/probe created"));
      done(kubectl(["create", "-f", "-"], serviceWith(noPool)));
      done(kubectl(["apply", "-k", `${deploy}/${folder}`]));
      await untilInForce();
      const change = { metadata: { labels: { a: "b" } } };
      const answer = done(kubectl(["patch", ...service, "--type=merge", "-p", JSON.stringify(change)]));
      expect(answer).not.toContain("Warning");
      expect(done(kubectl(["delete", ...service]))).not.toContain("Warning");
    });
  });
});
