import { parseSync, Visitor } from "oxc-parser";

/** A name that more than one file declares and exports. */
export interface SharedName {
  readonly name: string;
  /** The files that declare it, in alphabetical order. */
  readonly files: readonly string[];
}

/**
 * The names that more than one file declares and exports, of one package or of several, in alphabetical order. `files` maps a path from the repository's
 * root to source text; tests, entries that pass names on, and files outside of packages and apps do not count.
 */
export function sharedNames(files: ReadonlyMap<string, string>): readonly SharedName[] {
  const declaredIn = new Map<string, string[]>();
  for (const [file, source] of files) {
    if (!isCounted(file)) continue;
    for (const name of new Set(declaredNames(file, source))) {
      const others = declaredIn.get(name);
      if (others === undefined) declaredIn.set(name, [file]);
      else others.push(file);
    }
  }
  return [...declaredIn]
    .filter(([, declaring]) => declaring.length > 1)
    .map(([name, declaring]) => ({ name, files: declaring.toSorted() }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function isCounted(file: string): boolean {
  return /^(?:packages|apps)\/[^/]+\/src\//.test(file) && !/\.test\.(?:[a-z]+\.)?ts$/.test(file);
}

function declaredNames(file: string, source: string): readonly string[] {
  const names: string[] = [];
  new Visitor({
    ExportNamedDeclaration({ declaration }) {
      if (declaration === null) return;
      if ("declarations" in declaration) {
        for (const { id } of declaration.declarations) if (id.type === "Identifier") names.push(id.name);
      } else if ("id" in declaration && declaration.id?.type === "Identifier") {
        names.push(declaration.id.name);
      }
    },
  }).visit(parseSync(file, source).program);
  return names;
}
