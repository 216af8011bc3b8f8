import type { BfdOptions } from "@herald-lb/bgp-speaker";
import type { z } from "zod";
import type { bfdProfileSpec } from "../crd/bfd-profile.ts";
import type { BfdProfileConfiguration } from "./configuration.ts";
import type { ReadObject } from "./parse-object.ts";

/** The values of absent fields: those of FRR, which MetalLB leaves to it. */
const DEFAULTS = {
  receiveInterval: 300,
  transmitInterval: 300,
  detectMultiplier: 3,
  echoInterval: 50,
  echoMode: false,
  passiveMode: false,
  minimumTtl: 254,
} as const;

/** Reads BFDProfiles. Fields that Herald does not act on are noted. */
export function readBfdProfiles(
  objects: readonly ReadObject<z.infer<typeof bfdProfileSpec>>[],
): readonly BfdProfileConfiguration[] {
  return objects.map(({ spec, report }) => {
    const { object } = report;
    if (spec.echoMode === true) {
      const message =
        "Herald sends no Echo packets; Control packets find a loss, at transmitInterval and receiveInterval";
      report.note("spec.echoMode", "NotActedOn", message);
    }
    if (spec.echoInterval !== undefined) {
      const message = "Herald takes no Echo packets, and tells the router so: the router sends none";
      report.note("spec.echoInterval", "NotActedOn", message);
    }
    return { object, name: object.name, ...DEFAULTS, ...spec };
  });
}

/** The BFD session that a profile asks for. */
export function bfdOptionsOf(profile: BfdProfileConfiguration): BfdOptions {
  return {
    desiredMinTxInterval: profile.transmitInterval,
    requiredMinRxInterval: profile.receiveInterval,
    detectMult: profile.detectMultiplier,
    role: profile.passiveMode ? "passive" : "active",
    minimumTtl: profile.minimumTtl,
  };
}
