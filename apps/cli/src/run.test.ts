import { describe, expect, it } from "vitest";
import { run } from "./run.ts";
import type { Terminal } from "./terminal.ts";

const data = `address-pools:
- name: My_Pool
  protocol: layer2
  addresses: [192.0.2.240-192.0.2.250]
`;
const manifest = `apiVersion: v1
kind: ConfigMap
metadata: {name: config, namespace: lb}
data:
  config: |
${data.replaceAll(/^(?=.)/gm, "    ")}`;

/** Runs a command line over these files, and returns its output and the files after it. */
async function ran(args: readonly string[], files: Readonly<Record<string, string>> = {}, stdin = "") {
  const now = new Map(Object.entries(files));
  const output = { out: "", error: "" };
  const refuse = (code: string): Promise<never> => Promise.reject(Object.assign(new Error(`${code}: no`), { code }));
  const terminal: Terminal = {
    readFile: (path) => {
      const text = now.get(path);
      return text === undefined ? refuse("ENOENT") : Promise.resolve(text);
    },
    readStdin: () => Promise.resolve(stdin),
    writeFile: (path, text, mayOverwrite) => {
      if (now.has(path) && !mayOverwrite) return refuse("EEXIST");
      now.set(path, text);
      return Promise.resolve();
    },
    out: (text) => void (output.out += text),
    error: (line) => void (output.error += `${line}\n`),
  };
  return { code: await run(args, terminal), ...output, files: now };
}

describe("herald migrate", () => {
  it("reads config.yaml and writes resources.yaml unless told otherwise", async () => {
    const { code, out, error, files } = await ran(["migrate"], { "config.yaml": manifest });
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(files.get("resources.yaml")).toMatch(
      /^# Made from .*\n.*\n---\napiVersion: metallb.io\/v1beta1\nkind: IPAddressPool\n/,
    );
    expect(files.get("resources.yaml")).toContain("namespace: lb");
    expect(error).toContain("2 objects written to resources.yaml");
    expect(error).toContain('note: pool "My_Pool" is renamed to "my-pool"');
  });

  it.each([
    { name: "a file", args: ["--source", "old.yaml"], files: { "old.yaml": manifest }, stdin: "" },
    { name: "standard input", args: ["--source", "-"], files: {}, stdin: manifest },
    { name: "the data alone", args: ["--source=-", "--only-data", "--namespace", "lb"], files: {}, stdin: data },
  ])("prints the objects of $name", async ({ args, files, stdin }) => {
    const { code, out, files: after } = await ran(["migrate", ...args, "--stdout"], files, stdin);
    expect(code).toBe(0);
    expect(out.match(/^kind: .*$/gm)).toEqual(["kind: IPAddressPool", "kind: L2Advertisement"]);
    expect(out.match(/namespace: lb/g)).toHaveLength(2);
    expect([...after.keys()]).toEqual(Object.keys(files));
  });

  it("overwrites no file without --force", async () => {
    const files = { "config.yaml": manifest, "resources.yaml": "mine" };
    const refused = await ran(["migrate"], files);
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.error).toContain("resources.yaml not written: the file exists; --force overwrites it");
    expect(refused.files.get("resources.yaml")).toBe("mine");
    const forced = await ran(["migrate", "--force"], files);
    expect(forced.code).toBe(0);
    expect(forced.files.get("resources.yaml")).toContain("IPAddressPool");
  });

  it("tells every error by file, line, column and path, writes nothing, and exits with 1", async () => {
    const text = manifest.replace("protocol:", "protocoll:").replace("192.0.2.250", "192.0.2.2500");
    const { code, out, error, files } = await ran(["migrate", "--output", "new.yaml"], { "config.yaml": text });
    expect({ code, out, files: [...files.keys()] }).toEqual({ code: 1, out: "", files: ["config.yaml"] });
    expect(error.split("\n")).toEqual([
      expect.stringMatching(/^config\.yaml:7:7: address-pools\[0\]\.protocol: one of layer2, bgp is needed/) as string,
      expect.stringMatching(/^config\.yaml:8:7: address-pools\[0\]\.protocoll: unknown key "protocoll"/) as string,
      "herald migrate: 2 errors, nothing written",
      "",
    ]);
  });

  it.each([
    { name: "a source that is not there", args: [], message: "config.yaml cannot be read: ENOENT", code: 1 },
    { name: "an unknown option", args: ["--sources", "x"], message: "Unknown option '--sources'", code: 2 },
    { name: "an argument too many", args: ["config.yaml"], message: "Unexpected argument 'config.yaml'", code: 2 },
    { name: "both outputs", args: ["--stdout", "--output", "x"], message: "exclude each other", code: 2 },
    { name: "an empty namespace", args: ["--namespace", ""], message: "--namespace is empty", code: 2 },
  ])("is refused with $name", async ({ args, message, code }) => {
    const result = await ran(["migrate", ...args]);
    expect(result.error).toContain(message);
    expect({ code: result.code, out: result.out }).toEqual({ code, out: "" });
  });

  it("explains itself", async () => {
    expect(await ran(["migrate", "--help"])).toMatchObject({
      code: 0,
      out: expect.stringContaining("--only-data") as string,
    });
  });
});

describe("herald", () => {
  it.each([
    { args: ["--help"], code: 0 },
    { args: ["help"], code: 0 },
    { args: [], code: 2 },
    { args: ["migrated"], code: 2 },
  ])("exits with $code: herald $args", async ({ args, code }) => {
    const result = await ran(args);
    expect(result.code).toBe(code);
    expect(result.out + result.error).toContain(
      args[0] === "migrated" ? 'no command "migrated"' : "migrate   converts",
    );
  });
});
