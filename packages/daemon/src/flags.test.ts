import { describe, expect, it } from "vitest";
import { describeFlagError, type Flag, readFlags, usage } from "./flags.ts";

const FLAGS: readonly Flag[] = [
  { name: "port", type: "number", default: 9120, help: "0 for none" },
  { name: "namespace", type: "string", default: "", environment: "METALLB_NAMESPACE" },
  { name: "log-level", type: "string", default: "info", choices: ["info", "debug"] },
  { name: "webhook-http2", type: "boolean", default: false, noEffect: "there is no webhook" },
];

function valuesOf(args: readonly string[], environment: Record<string, string> = {}): unknown {
  const flags = readFlags(FLAGS, args, environment);
  if (!flags.ok) return flags.error.map(describeFlagError);
  const { value } = flags;
  return [
    value.number("port"),
    value.text("namespace"),
    value.text("log-level"),
    value.isSet("webhook-http2"),
    value.notes.length,
  ];
}

describe("readFlags", () => {
  it.each([
    { name: "nothing: the defaults", args: [], values: [9120, "", "info", false, 0] },
    { name: "two dashes and a value", args: ["--port=1", "--log-level=debug"], values: [1, "", "debug", false, 0] },
    { name: "one dash, the value behind", args: ["-port", "0", "-namespace", "x"], values: [0, "x", "info", false, 0] },
    { name: "a bare boolean, with a note", args: ["--webhook-http2", "--port", "5"], values: [5, "", "info", true, 1] },
    { name: "a boolean that says false", args: ["-webhook-http2=false"], values: [9120, "", "info", false, 1] },
    { name: "a value with an equals sign", args: ["--namespace=a=b"], values: [9120, "a=b", "info", false, 0] },
  ])("$name", ({ args, values }) => {
    expect(valuesOf(args)).toEqual(values);
  });

  it("takes the environment for what the command line leaves open", () => {
    expect(valuesOf([], { METALLB_NAMESPACE: "lb" })).toEqual([9120, "lb", "info", false, 0]);
    expect(valuesOf(["--namespace", "cli"], { METALLB_NAMESPACE: "lb" })).toEqual([9120, "cli", "info", false, 0]);
  });

  it("tells everything that is wrong at once", () => {
    expect(valuesOf(["--port=x", "--log-level=loud", "--webhook-http2=maybe", "--nope", "stray"])).toEqual([
      "flag --nope: unknown flag; --help lists all flags",
      'argument "stray": not a flag; flags begin with a dash',
      'flag --port: "x" is not a whole number',
      'flag --log-level: "loud" is not one of info, debug',
      'flag --webhook-http2: "maybe" is neither true nor false',
    ]);
  });
});

describe("usage", () => {
  it("has a line for each flag", () => {
    expect(usage("herald-test", FLAGS).split("\n").slice(1, -1)).toEqual([
      "  --port: number, default 9120; 0 for none",
      '  --namespace (METALLB_NAMESPACE): string, default ""',
      '  --log-level: string, one of info, debug; default "info"',
      "  --webhook-http2: boolean, default false; no effect: there is no webhook",
    ]);
  });
});
