import { posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { type Area, AREAS, OWNED, WORLD } from "./architecture.ts";

/** One thing a file names that it may not. */
export interface Violation {
  readonly file: string;
  readonly code: "UnknownFolder" | "Arrow" | "NodeModule" | "Registry" | "Owned" | "World" | "Cycle" | "Unreadable";
  readonly names: string;
}

interface ImportingNode {
  readonly source?: { readonly value?: unknown } | null;
  readonly importKind?: string;
  readonly exportKind?: string;
  readonly specifiers?: readonly object[];
}

/** Everything wrong with a set of files, given as path from the repository's root to source text. Tests obey the arrows only. */
export function importViolations(files: ReadonlyMap<string, string>): readonly Violation[] {
  const violations: Violation[] = [];
  const graph = new Map<string, Set<string>>();
  for (const [file, source] of files) {
    const area = areaOf(file);
    if (area === null) {
      violations.push({ file, code: "UnknownFolder", names: file });
      continue;
    }
    const parsed = parseSync(file, source);
    if (parsed.errors.length > 0) violations.push({ file, code: "Unreadable", names: parsed.errors[0]?.message ?? "" });
    const isTest = /\.test\.(?:[a-z]+\.)?ts$/.test(file);
    const report = (code: Violation["code"], names: string): void => void violations.push({ file, code, names });
    /** Whether the import is there at run time, by specifier. */
    const specifiers = new Map<string, boolean>();
    const collect = (node: ImportingNode): void => {
      if (typeof node.source?.value !== "string") return;
      specifiers.set(node.source.value, (specifiers.get(node.source.value) ?? false) || !isTypeOnly(node));
    };
    const locals = new Set<string>();
    new Visitor({
      ImportDeclaration: collect,
      ExportNamedDeclaration: collect,
      ExportAllDeclaration: collect,
      ImportExpression: collect as (node: unknown) => void,
      MemberExpression(node) {
        const { object, property } = node;
        if (area.pure && !isTest && object.type === "Identifier" && object.name === "Math") {
          if (property.type === "Identifier" && property.name === "random") report("World", "Math.random");
        }
      },
      Identifier(node) {
        if (WORLD.has(node.name)) locals.add(node.name);
      },
    }).visit(parsed.program);
    if (area.pure && !isTest) for (const name of locals) report("World", name);
    for (const [specifier, atRunTime] of specifiers) {
      checkSpecifier(file, area, isTest, specifier, report);
      if (atRunTime && !isTest && specifier.startsWith(".")) edge(graph, file, resolved(file, specifier));
    }
  }
  return [...violations, ...cycles(graph)];
}

function areaOf(file: string): Area | null {
  let best: Area | null = null;
  for (const area of AREAS) {
    if (file.startsWith(area.under) && area.under.length > (best?.under.length ?? 0)) best = area;
  }
  return best;
}

function checkSpecifier(
  file: string,
  area: Area,
  isTest: boolean,
  specifier: string,
  report: (code: Violation["code"], names: string) => void,
): void {
  if (specifier.startsWith(".")) {
    const other = areaOf(resolved(file, specifier));
    if (other === null) report("Arrow", specifier);
    // A subpath's folder reads the package around it, never the other way; other packages go by their names.
    else if (!isBeside(area, other, isTest)) report("Arrow", specifier);
    return;
  }
  if (specifier.startsWith("node:")) {
    if (area.pure && !isTest) report("NodeModule", specifier);
    return;
  }
  if (specifier.startsWith("@herald-lb/")) {
    const allowed = area.workspace.includes(specifier) || (isTest && specifier === "@herald-lb/sansio/testing");
    if (!allowed) report("Arrow", specifier);
    return;
  }
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const owners = OWNED[name];
  if (owners !== undefined && !owners.includes(area.under)) report("Owned", specifier);
  else if (!isTest && area.registry !== "*" && !area.registry.includes(name)) report("Registry", specifier);
}

function isBeside(area: Area, other: Area, isTest: boolean): boolean {
  return area.under.startsWith(other.under) || (isTest && other.under.startsWith(area.under));
}

function resolved(file: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(file), specifier));
}

function isTypeOnly(node: ImportingNode): boolean {
  if (node.importKind === "type" || node.exportKind === "type") return true;
  const named = node.specifiers ?? [];
  return named.length > 0 && named.every((one) => kindOf(one) === "type");
}

function kindOf(specifier: object): unknown {
  if ("importKind" in specifier) return specifier.importKind;
  return "exportKind" in specifier ? specifier.exportKind : null;
}

function edge(graph: Map<string, Set<string>>, from: string, to: string): void {
  const targets = graph.get(from);
  if (targets === undefined) graph.set(from, new Set([to]));
  else targets.add(to);
}

/** Files that import themselves by a detour at run time, each circle told once. */
function cycles(graph: ReadonlyMap<string, ReadonlySet<string>>): readonly Violation[] {
  const done = new Set<string>();
  const found: Violation[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      found.push({ file, code: "Cycle", names: [...path.slice(at), file].join(" -> ") });
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}
