import { posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { type Area, AREAS, OWNED, WORLD } from "./architecture.ts";
import { circlesOf } from "./circles.ts";

/** Files, folders of one area, or areas that import each other, directly or by a detour; imports of types count. */
export type Circle = "FileCircle" | "FolderCircle" | "PackageCircle";

/** One thing a file names that it may not. */
export interface Violation {
  readonly file: string;
  readonly code: "UnknownFolder" | "Arrow" | "NodeModule" | "Registry" | "Owned" | "World" | Circle | "Unreadable";
  readonly names: string;
}

interface ImportingNode {
  readonly source?: { readonly value?: unknown } | null;
}

/** Everything wrong with a set of files, given as path from the repository's root to source text. Tests obey the arrows only. */
export function importViolations(files: ReadonlyMap<string, string>): readonly Violation[] {
  const violations: Violation[] = [];
  const imports: (readonly [from: string, to: string])[] = [];
  for (const [file, source] of files) {
    const area = areaOf(file);
    if (area === null) {
      violations.push({ file, code: "UnknownFolder", names: file });
      continue;
    }
    const parsed = parseSync(file, source);
    if (parsed.errors.length > 0) violations.push({ file, code: "Unreadable", names: parsed.errors[0]?.message ?? "" });
    const isTest = /\.test\.(?:[a-z]+\.)?ts$|\/conformance\//.test(file);
    const report = (code: Violation["code"], names: string): void => void violations.push({ file, code, names });
    const specifiers = new Set<string>();
    const collect = (node: ImportingNode): void => {
      if (typeof node.source?.value === "string") specifiers.add(node.source.value);
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
    for (const specifier of specifiers) {
      checkSpecifier(file, area, isTest, specifier, report);
      const target = specifier.startsWith(".") ? resolved(file, specifier) : entryOf(specifier);
      if (target !== null && !isTest) imports.push([file, target]);
    }
  }
  return [...violations, ...circularImports(imports)];
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
    const target = resolved(file, specifier);
    const other = areaOf(target);
    // Fixtures serve every test of their package.
    if (target.endsWith(".test.fixture.ts") && folderOfPackage(target) === folderOfPackage(file)) return;
    // A subpath's folder reads the package around it, never the other way; other packages go by their names.
    if (other === null || !isBeside(area, other, isTest)) report("Arrow", specifier);
    return;
  }
  if (specifier.startsWith("node:")) {
    if (area.pure && !isTest) report("NodeModule", specifier);
    return;
  }
  if (specifier.startsWith("@herald-lb/")) {
    const allowed = area.workspace.includes(specifier) || (isTest && specifier.endsWith("/testing"));
    if (!allowed) report("Arrow", specifier);
    return;
  }
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const owners = OWNED[name];
  if (owners !== undefined && !owners.includes(area.under)) report("Owned", specifier);
  else if (!isTest && area.registry !== "*" && !area.registry.includes(name)) report("Registry", specifier);
}

function isBeside(area: Area, other: Area, isTest: boolean): boolean {
  if (isTest && other.under.startsWith(area.under)) return true;
  // A pure folder within an impure one stands on its own.
  return area.under.startsWith(other.under) && (other.pure || !area.pure || isTest);
}

/** `packages/NAME` of a file. */
function folderOfPackage(file: string): string {
  return file.split("/", 2).join("/");
}

function resolved(file: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(file), specifier));
}

/** The entry of the area that goes by this name; null for a package of the registry. */
function entryOf(specifier: string): string | null {
  const area = AREAS.find(({ name }) => name === specifier);
  return area === undefined ? null : `${area.under}index.ts`;
}

/** The circles of imports, by file, by folder and by area. */
function circularImports(imports: readonly (readonly [from: string, to: string])[]): readonly Violation[] {
  const within = imports.filter(([from, to]) => areaOf(from) === areaOf(to));
  const told = (code: Circle, arrows: readonly (readonly [string, string])[]): readonly Violation[] =>
    circlesOf(graphOf(arrows)).map((circle) => ({ file: circle[0] ?? "", code, names: circle.join(" -> ") }));
  const between = (roomOf: (file: string) => string, arrows: typeof imports): readonly (readonly [string, string])[] =>
    arrows.map(([from, to]) => [roomOf(from), roomOf(to)] as const).filter(([from, to]) => from !== to);
  return [
    ...told("FileCircle", imports),
    ...told("FolderCircle", between(folderOf, within)).filter(({ names }) => names.includes("/ ->")),
    ...told(
      "PackageCircle",
      between((file) => areaOf(file)?.under ?? file, imports),
    ),
  ];
}

/** The folder of a file; a file that lies directly in its area stands for itself, as do an entry and what it is made of. */
function folderOf(file: string): string {
  const folder = `${posix.dirname(file)}/`;
  return folder === areaOf(file)?.under ? file : folder;
}

function graphOf(arrows: readonly (readonly [from: string, to: string])[]): ReadonlyMap<string, ReadonlySet<string>> {
  const graph = new Map<string, Set<string>>();
  for (const [from, to] of arrows) {
    const targets = graph.get(from);
    if (targets === undefined) graph.set(from, new Set([to]));
    else targets.add(to);
  }
  return graph;
}
