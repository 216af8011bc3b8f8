/** The guide's examples, applied as they are printed: the outcomes that the guide states are compared with the Services' conditions. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Configuration, type HostAddresses, readConfiguration } from "@herald-lb/k8s-glue/metallb";
import { keyOf, type KubernetesObject, type Namespace, type Node, type Service } from "@herald-lb/k8s-glue/objects";
import { parseIpAddress } from "@herald-lb/sansio";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { maxAddressesOf } from "../demand/max-addresses.ts";
import { addressAssigned } from "../demand/ownership.ts";
import { TestCluster } from "../test-cluster.test.fixture.ts";

interface Block {
  readonly language: string;
  readonly text: string;
}

interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

const guide = readFileSync(resolve(import.meta.dirname, "../../../../../docs/guides/allocation.md"), "utf8");

function sectionsOf(markdown: string): readonly Section[] {
  return markdown
    .split(/^## /mu)
    .slice(1)
    .map((section) => ({
      title: section.slice(0, section.indexOf("\n")),
      blocks: [...section.matchAll(/^```(\w+)\n(.*?)^```$/gmsu)].map(([, language = "", text = ""]) => ({
        language,
        text,
      })),
    }));
}

/** The Service as an API server stores it: with cluster IPs by its policy. */
function stored(service: Service): Service {
  const dual = ["PreferDualStack", "RequireDualStack"].includes(service.spec?.ipFamilyPolicy ?? "");
  const clusterIPs = dual ? ["10.96.0.1", "fd00:96::1"] : ["10.96.0.1"];
  return { ...service, spec: { ipFamilyPolicy: "SingleStack", ...service.spec, clusterIPs } };
}

/** The cluster of one section. */
class Example {
  #cluster = new TestCluster();
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #hosts: HostAddresses["hosts"][number][] = [];
  #policy: HostAddresses["policy"] = "Warn";
  #configuration: Configuration = readConfiguration([]);

  run({ language, text }: Block): void {
    if (language === "yaml") for (const document of parseAllDocuments(text)) this.#apply(document.toJS());
    else if (language === "console") for (const line of text.trim().split("\n")) this.#command(line);
    else for (const line of text.trim().split("\n")) this.#expect(line);
  }

  #apply(object: KubernetesObject): void {
    const { kind, metadata = {} } = object;
    if (kind === "Service") this.#cluster.apply(stored(object as Service));
    else if (kind === "Namespace") {
      const most = maxAddressesOf(object as Namespace);
      this.#cluster.namespace(metadata.name ?? "", metadata.labels ?? {}, most.ok ? most.value : null);
    } else if (kind === "Node") {
      for (const { address } of (object as Node).status?.addresses ?? []) {
        const parsed = parseIpAddress(address);
        if (parsed.ok) this.#hosts.push({ address: parsed.value, kind: "Node", name: metadata.name ?? "" });
      }
    } else {
      this.#objects.set(keyOf(object), object);
      this.#configuration = readConfiguration(this.#objects.values(), { hosts: this.#hosts, policy: this.#policy });
      this.#cluster.configureAs(this.#configuration);
    }
    this.#cluster.reconcile();
  }

  #command(line: string): void {
    const deleted = /^\$ kubectl delete service -n (\S+) (\S+)$/u.exec(line);
    const slept = /^\$ sleep (\d+)$/u.exec(line);
    const flag = /^\$ controller --([a-z-]+)(?:=(\w+))?$/u.exec(line);
    if (deleted !== null) this.#cluster.delete(`${deleted[1]}/${deleted[2]}`).reconcile();
    else if (slept !== null) this.#cluster.pass(Number(slept[1]) * 1_000).reconcile();
    else if (flag?.[1] === "spread-pools") this.#cluster = new TestCluster({ spreadPools: true });
    else if (flag?.[1] === "impossible-requests" && flag[2] === "release") {
      this.#cluster = new TestCluster({ impossibleRequests: "Release" });
    } else if (flag?.[1] === "node-addresses" && flag[2] === "refuse") this.#policy = "Refuse";
    else if (!line.startsWith("$ kubectl get ")) throw new Error(`not understood: ${line}`);
  }

  #expect(line: string): void {
    const [, name = "", words = ""] = /^(\S+): (.*)$/u.exec(line) ?? [];
    const service = this.#cluster.services.get(name);
    if (service === undefined) {
      const { issues } = this.#configuration;
      return expect(issues.filter(({ object }) => object.name === name).map(({ message }) => message)).toContain(words);
    }
    const mode = /^ipMode (\w+)$/u.exec(words)?.[1];
    if (mode !== undefined) {
      return expect(service.status?.loadBalancer?.ingress?.map(({ ipMode }) => ipMode)).toEqual([mode]);
    }
    const condition = service.status?.conditions?.find(({ type }) => type === addressAssigned);
    expect(`${name}: ${condition?.message}`).toBe(line);
    const addresses = (service.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip).join(", ");
    if (condition?.status === "True") expect(words).toContain(`assigned ${addresses} of`);
    return undefined;
  }
}

describe("docs/guides/allocation.md", () => {
  const sections = sectionsOf(guide);
  const examples = sections.filter(({ blocks }) => blocks.some(({ language }) => language === "text"));

  it("has an example of each thing that it lists", () => {
    const listed = [...guide.matchAll(/\]\(#([a-z-]+)\)/gu)].map(([, anchor = ""]) => anchor);
    const anchors = sections.map(({ title }) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z -]/gu, "")
        .replaceAll(" ", "-"),
    );
    expect(listed.filter((anchor) => !anchors.includes(anchor))).toEqual([]);
    expect(examples.length).toBe(sections.length - 1);
  });

  it.each(examples)("is true: $title", ({ blocks }) => {
    const example = new Example();
    for (const block of blocks) example.run(block);
  });
});
