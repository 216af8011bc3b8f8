import { isObject, type Json, stringAt, valueAt } from "../object/json.ts";

function steps(path: string): readonly string[] {
  return path.match(/\[\?\(@[^)]*\)\]|\[[^\]]*\]|(?:\\.|[^.[])+/g) ?? [];
}

function select(value: Json, step: string): readonly Json[] {
  const filter = /^\[\?\(@\.([\w.]+)\s*==\s*["']([^"']*)["']\)\]$/.exec(step);
  if (filter !== null) {
    const [, path = "", wanted] = filter;
    return Array.isArray(value) ? value.filter((item) => stringAt(item, ...path.split(".")) === wanted) : [];
  }
  if (step === "[*]") return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  const key = step.startsWith("[") ? step.slice(1, -1).replace(/^['"]|['"]$/g, "") : step.replaceAll("\\.", ".");
  if (Array.isArray(value)) {
    const found = value.at(Number(key));
    return found === undefined ? [] : [found];
  }
  const found = valueAt(value, key);
  return found === undefined ? [] : [found];
}

/** The values that a printer column's JSONPath selects: names, `[n]`, `[*]`, `['key']`, `[?(@.a=="b")]`. */
export function selectJsonPath(value: Json, path: string): readonly Json[] {
  return steps(path.replace(/^\./, "")).reduce<readonly Json[]>(
    (found, step) => found.flatMap((item) => select(item, step)),
    [value],
  );
}
