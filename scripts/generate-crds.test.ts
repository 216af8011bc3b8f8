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
