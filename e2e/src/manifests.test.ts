/** The shipped manifests on a real kube-apiserver: accepted whole, and no right more than the daemons need. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  HERALD_NAMESPACE,
  kubectlPath,
  type Manifest,
  Namespace,
  type RealApiServer,
  Scope,
  startRealApiServer,
} from "@herald-lb/lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { labAssets } from "./assets.ts";

const deploy = resolve(import.meta.dirname, "../../deploy");
const assets = labAssets();

const READ = ["get", "list", "watch"];
const CONFIGURATION = [
  "ipaddresspools",
  "l2advertisements",
  "bgppeers",
  "bgpadvertisements",
  "bfdprofiles",
  "communities",
];

/** Rights by `resource.group`, and by `resource.group/name` where they are for that name alone. */
type Rights = Readonly<Record<string, readonly string[]>>;

function each(resources: readonly string[], verbs: readonly string[]): Rights {
  return Object.fromEntries(resources.map((resource) => [resource, verbs]));
}

/** A daemon that serves metrics asks the API server for the reader's name and rights. */
const REVIEWS = each(["tokenreviews.authentication.k8s.io", "subjectaccessreviews.authorization.k8s.io"], ["create"]);

/** Everything that each service account may do in any namespace. */
const EVERYWHERE: Readonly<Record<string, Rights>> = {
  controller: {
    ...each(["services", "namespaces", "nodes"], READ),
    "services/status": ["patch"],
    events: ["create", "patch"],
    ...REVIEWS,
  },
  speaker: {
    ...each(["services", "nodes", "endpointslices.discovery.k8s.io"], READ),
    events: ["create", "patch"],
    ...REVIEWS,
  },
};

/** The additional rights of each daemon in its own namespace. */
const AT_HOME: Readonly<Record<string, Rights>> = {
  controller: {
    ...each(
      CONFIGURATION.map((resource) => `${resource}.metallb.io`),
      READ,
    ),
    ...each(
      CONFIGURATION.map((resource) => `${resource}/status.metallb.io`),
      ["patch"],
    ),
    "configurationstates.metallb.io": [...READ, "create", "patch"],
    "configurationstates/status.metallb.io": ["patch"],
    configmaps: ["create"],
    "configmaps config": READ,
    "configmaps herald-released-addresses": ["get", "patch"],
    pods: ["get"],
    secrets: ["create"],
    "secrets memberlist": ["get"],
    "deployments.apps controller": ["get"],
    "leases.coordination.k8s.io": ["create"],
    "leases.coordination.k8s.io herald-controller": ["get", "update"],
  },
  speaker: {
    ...each(
      CONFIGURATION.map((resource) => `${resource}.metallb.io`),
      READ,
    ),
    ...each(["pods", "secrets"], READ),
    "configmaps config": READ,
    "configurationstates.metallb.io": ["get", "create", "patch"],
    "configurationstates/status.metallb.io": ["patch"],
    ...each(["servicel2statuses.metallb.io", "servicebgpstatuses.metallb.io"], [...READ, "create", "patch", "delete"]),
    ...each(["servicel2statuses/status.metallb.io", "servicebgpstatuses/status.metallb.io"], ["patch"]),
  },
};

/** The rights of every account: reviews of itself, and the cluster's trust bundles. */
const GIVEN_TO_ALL = /^(?:self\w*reviews|clustertrustbundles)\./;

interface ResourceRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** The rules as the server has them, in the form of the tables above. */
function rightsOf(rules: readonly ResourceRule[]): Rights {
  const rights: Record<string, string[]> = {};
  for (const { verbs, apiGroups, resources, resourceNames = [""] } of rules) {
    for (const group of apiGroups) {
      for (const resource of resources) {
        for (const name of resourceNames) {
          const key = `${resource}${group === "" ? "" : `.${group}`}${name === "" ? "" : ` ${name}`}`;
          if (GIVEN_TO_ALL.test(key)) continue;
          rights[key] = [...(rights[key] ?? []), ...verbs].toSorted();
        }
      }
    }
  }
  return rights;
}

function sorted(rights: Rights): Rights {
  return Object.fromEntries(Object.entries(rights).map(([key, verbs]) => [key, verbs.toSorted()]));
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line !== "");
}

describe.skipIf(assets === null)("the manifests on a real kube-apiserver", () => {
  const scope = new Scope();
  let server: RealApiServer;
  let network: Namespace;

  /** Returns the output of kubectl, as administrator or as one of the service accounts; throws with the output of a failed run. */
  const kubectl = (args: readonly string[], options: { input?: string; as?: string } = {}): string => {
    const context = ["--kubeconfig", server.kubeconfig, "--context", options.as ?? "admin"];
    const command = ["netns", "exec", network.name, kubectlPath(), ...context, ...args];
    return execFileSync("ip", command, { encoding: "utf8", stdio: "pipe", input: options.input ?? "" });
  };
  const create = (object: Manifest, ...args: readonly string[]): string =>
    kubectl(["create", "-f", "-", ...args], { input: JSON.stringify(object) });

  beforeAll(async () => {
    network = await Namespace.create(scope, "manifests");
    server = await startRealApiServer(scope, { assets: assets ?? "", bind: "127.0.0.1", namespace: network.name });
    kubectl(["apply", "-k", deploy]);
  });

  afterAll(() => scope.close());

  it("are accepted, and change nothing when they are applied again", () => {
    const lines = linesOf(kubectl(["apply", "-k", deploy, "--dry-run=server"]));
    expect(lines.length).toBeGreaterThan(20);
    expect(lines.filter((line) => !line.includes(" unchanged"))).toEqual([]);
  });

  it("are accepted by server-side apply with every field known", () => {
    const args = ["apply", "--server-side", "--force-conflicts", "--validate=strict", "--dry-run=server", "-k", deploy];
    expect(linesOf(kubectl(args)).length).toBeGreaterThan(20);
  });

  it("of the trial are accepted beside them, and touch nothing of theirs", () => {
    const lines = linesOf(kubectl(["apply", "-k", join(deploy, "trial")]));
    expect(lines.filter((line) => !line.endsWith(" created"))).toEqual([]);
    expect(linesOf(kubectl(["get", "deployment,daemonset", "-n", "herald-trial", "-o", "name"]))).toEqual([
      "deployment.apps/controller",
      "daemonset.apps/speaker",
    ]);
    const readme = readFileSync(join(deploy, "README.md"), "utf8");
    const example = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].at(-1)?.[1] ?? "";
    const created = linesOf(kubectl(["apply", "--validate=strict", "-f", "-"], { input: example }));
    expect(created).toEqual([
      "ipaddresspool.metallb.io/trial created",
      "l2advertisement.metallb.io/trial created",
      "service/trial created",
    ]);
  });

  it("let the namespace have the speaker's pod, which the strictest would refuse; the controller's it would take", () => {
    const restricted = { "pod-security.kubernetes.io/enforce": "restricted" };
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "restricted", labels: restricted } };
    create(namespace);
    const rendered = parseAllDocuments(kubectl(["kustomize", join(deploy, "base")])).map(
      (document) => document.toJS() as { readonly kind: string; readonly spec: { readonly template: Manifest } },
    );
    const podOf = (kind: string, where: string): Manifest => {
      const { template } = rendered.find((object) => object.kind === kind)?.spec ?? {};
      return { ...template, apiVersion: "v1", kind: "Pod", metadata: { name: "pod", namespace: where } };
    };
    const dry = "--dry-run=server";
    create(podOf("DaemonSet", HERALD_NAMESPACE), dry);
    expect(() => create(podOf("DaemonSet", "restricted"), dry)).toThrow('violates PodSecurity "restricted:latest"');
    create(podOf("Deployment", HERALD_NAMESPACE), dry);
    create(podOf("Deployment", "restricted"), dry);
  });

  describe.each(["controller", "speaker"])("the service account %s", (account) => {
    const rulesIn = (namespace: string): Rights => {
      const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } };
      const text = kubectl(["create", "-f", "-", "-o", "json", "--validate=false"], {
        input: JSON.stringify(review),
        as: account,
      });
      const { status } = JSON.parse(text) as { readonly status: { readonly resourceRules: readonly ResourceRule[] } };
      return rightsOf(status.resourceRules);
    };

    it("may do in its own namespace what it needs and no more", () => {
      expect(rulesIn(HERALD_NAMESPACE)).toEqual(sorted({ ...EVERYWHERE[account], ...AT_HOME[account] }));
    });

    it("may do elsewhere what it needs and no more", () => {
      expect(rulesIn("kube-system")).toEqual(sorted(EVERYWHERE[account] ?? {}));
    });
  });

  it.each([
    { as: "controller", args: ["get", "services", "-A"] },
    { as: "controller", args: ["get", "ipaddresspools", "-n", HERALD_NAMESPACE] },
    { as: "speaker", args: ["get", "nodes"] },
    { as: "speaker", args: ["get", "secrets", "-n", HERALD_NAMESPACE] },
  ])("$as is served: kubectl $args", ({ as, args }) => {
    expect(() => kubectl(args, { as })).not.toThrow();
  });

  it.each(["controller", "speaker"])(
    "let %s ask who reads its metrics and whether that one may, a right that MetalLB's plain manifests lack",
    (as) => {
      for (const resource of ["tokenreviews.authentication.k8s.io", "subjectaccessreviews.authorization.k8s.io"])
        expect(kubectl(["auth", "can-i", "create", resource], { as })).toBe("yes\n");
    },
  );

  it.each([
    { as: "controller", args: ["patch", "service", "kubernetes", "-p", "{}"] },
    { as: "controller", args: ["delete", "service", "kubernetes"] },
    { as: "controller", args: ["get", "secrets", "-n", HERALD_NAMESPACE] },
    { as: "controller", args: ["get", "secret", "memberlist", "-n", "kube-system"] },
    { as: "controller", args: ["delete", "ipaddresspool", "pool", "-n", HERALD_NAMESPACE] },
    { as: "controller", args: ["get", "ipaddresspools", "-n", "default"] },
    { as: "speaker", args: ["patch", "service", "kubernetes", "--subresource=status", "-p", "{}"] },
    { as: "speaker", args: ["get", "secrets", "-n", "kube-system"] },
    { as: "speaker", args: ["get", "pods", "-n", "kube-system"] },
    { as: "speaker", args: ["create", "secret", "generic", "new", "-n", HERALD_NAMESPACE] },
    { as: "speaker", args: ["get", "leases", "-n", HERALD_NAMESPACE] },
  ])("$as is refused: kubectl $args", ({ as, args }) => {
    expect(() => kubectl(args, { as })).toThrow(/forbidden/i);
  });
});
