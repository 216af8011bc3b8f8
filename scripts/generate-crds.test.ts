import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { crdFiles, staleCrdFiles } from "./generate-crds.ts";

interface Definition {
  readonly kind: string;
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly storage: boolean }[];
  };
}

describe("deploy/crds", () => {
  it("is what the schemas give", () => {
    expect(staleCrdFiles()).toEqual([]);
  });

  it("is whole in the kustomization, and holds nothing that `kubectl apply -f` would stumble over", () => {
    const deploy = join(import.meta.dirname, "../deploy");
    const { resources } = parse(readFileSync(join(deploy, "kustomization.yaml"), "utf8")) as { resources: string[] };
    const files = [...crdFiles().keys()];
    expect(resources.filter((path) => path.startsWith("crds/"))).toEqual(files.map((name) => `crds/${name}`));
    expect(readdirSync(join(deploy, "crds")).toSorted()).toEqual(files.toSorted());
  });

  it("has every kind and version of MetalLB, stored as MetalLB stores them", () => {
    const definitions = [...crdFiles().values()].map((text) => parse(text) as Definition);
    const versions = definitions
      .filter(({ kind }) => kind === "CustomResourceDefinition")
      .flatMap(({ spec }) =>
        spec.versions.map(({ name, storage }) => `${spec.names.kind} ${name}${storage ? " stored" : ""}`),
      );
    expect(versions).toEqual([
      "BFDProfile v1beta1 stored",
      "BGPAdvertisement v1beta1 stored",
      "BGPPeer v1beta1",
      "BGPPeer v1beta2 stored",
      "Community v1beta1 stored",
      "ConfigurationState v1beta1 stored",
      "IPAddressPool v1beta1 stored",
      "L2Advertisement v1beta1 stored",
      "ServiceBGPStatus v1beta1 stored",
      "ServiceL2Status v1beta1 stored",
    ]);
  });
});
