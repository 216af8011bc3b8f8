import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { convertConfigMap } from "./convert.ts";
import { renderManifests } from "./manifests.ts";

const golden = join(import.meta.dirname, "golden");
const topics = readdirSync(golden).flatMap((name) => (name.endsWith(".old.yaml") ? [name.slice(0, -9)] : []));

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, "    ");
const configMap = (data: string, namespace = "metallb-system"): string => `apiVersion: v1
kind: ConfigMap
metadata:
  namespace: ${namespace}
  name: config
data:
  config: |
${indented(data)}`;

const converted = (text: string, options?: Parameters<typeof convertConfigMap>[1]) => {
  const conversion = convertConfigMap(text, options);
  return conversion.ok ? renderManifests(conversion.value.objects) : conversion.error;
};

describe("the old ConfigMap as objects", () => {
  it.each(topics)("says what the golden file says: %s", (topic) => {
    const old = readFileSync(join(golden, `${topic}.old.yaml`), "utf8");
    const path = join(golden, `${topic}.objects.yaml`);
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, String(converted(old, { onlyData: true })));
    const expected = readFileSync(path, "utf8");
    expect(converted(old, { onlyData: true })).toBe(expected);
    expect(converted(configMap(old))).toBe(expected);
  });
});
