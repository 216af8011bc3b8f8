import { err, ok, type Result } from "@herald-lb/sansio";
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  type Scalar,
  visit,
} from "yaml";

/** A key of a mapping, or an index of a list, from 0. */
export type YamlPathSegment = string | number;

/** A position in a text, counted from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** An unquoted scalar that YAML reads as something else than text. Where text is wanted, its source is used: `0123` may be a password. */
export class PlainScalar {
  readonly value: unknown;
  readonly source: string;

  constructor(value: unknown, source: string) {
    this.value = value;
    this.source = source;
  }
}

/** The reason why text is no YAML. */
export interface YamlError extends TextPosition {
  readonly message: string;
}

/** One document of YAML as values, with the positions of each. */
export interface YamlSource {
  /** The values: mappings are objects, null (`~`, or no value) is undefined, scalars are text or a `PlainScalar`. */
  readonly value: unknown;
  /** The keys that their mapping has already. */
  readonly duplicates: readonly (readonly YamlPathSegment[])[];
  /** The positions of documents after the first. */
  readonly further: readonly TextPosition[];
  /** The position of a value or of its key; of the nearest container for a value that is not written. */
  readonly positionOf: (path: readonly YamlPathSegment[], part?: "key" | "value") => TextPosition;
}

/**
 * Reads YAML 1.1 with the booleans `yes` and `no`, as MetalLB did. Duplicate keys are reported, not used. Text that nests too
 * deeply, or repeats itself by aliases too often, is an error.
 */
export function readYaml(text: string): Result<YamlSource, YamlError> {
  const lines = new LineCounter();
  const at = (offset: number): TextPosition => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const foreign = withoutThrowing(() => {
    const options = {
      version: "1.1",
      uniqueKeys: false,
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "error",
    } as const;
    const parsed = parseAllDocuments(text, options);
    const documents: readonly Document[] = Array.isArray(parsed) ? parsed : [];
    const [document] = documents;
    if (document === undefined || documents.some(({ errors }) => errors.length > 0))
      return { documents, value: undefined };
    keepSources(document);
    return { documents, value: document.toJS({ maxAliasCount: 1000 }) as unknown };
  });
  if (!foreign.ok) return err({ message: foreign.error, line: 1, column: 1 });
  const { documents, value } = foreign.value;
  for (const { errors } of documents) {
    const [first] = errors;
    if (first !== undefined) return err({ message: first.message, ...at(first.pos[0]) });
  }
  const [document, ...further] = documents;
  return ok({
    value,
    duplicates: document === undefined ? [] : duplicatesIn(document),
    further: further.map(({ contents }) => at(contents?.range?.[0] ?? 0)),
    positionOf: (path, part = "value") => at(document === undefined ? 0 : offsetOf(document, path, part)),
  });
}

/**
 * Calls the YAML library, which throws for text that nests deeper than its stack, repeats itself too often, or has invalid merges;
 * returns the error.
 */
function withoutThrowing<T>(read: () => T): Result<T, string> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof RangeError) return err("nested too deeply");
    if (error instanceof Error) return err(error.message);
    throw error;
  }
}

function keepSources(document: Document): void {
  visit(document, {
    Scalar(key, node) {
      if (key === "key") {
        // The key of a merge is a symbol and must stay one.
        if (typeof node.value !== "symbol") node.value = textOf(node);
      } else if (node.value === null) node.value = undefined;
      else if (typeof node.value !== "string") node.value = new PlainScalar(node.value, node.source ?? "");
    },
  });
}

function duplicatesIn(document: Document): readonly (readonly YamlPathSegment[])[] {
  const found: (readonly YamlPathSegment[])[] = [];
  const walk = (node: unknown, path: readonly YamlPathSegment[]): void => {
    if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
    if (!isMap(node)) return;
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? textOf(key) : "";
      if (seen.has(name)) found.push([...path, name]);
      seen.add(name);
      walk(value, [...path, name]);
    }
  };
  walk(document.contents, []);
  return found;
}

function offsetOf(document: Document, path: readonly YamlPathSegment[], part: "key" | "value"): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const [depth, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isSeq(node) && typeof segment === "number") node = node.items[segment];
    else if (isMap(node)) {
      // Of a duplicate key, the second is reported.
      const pair = node.items.findLast(({ key }) => isScalar(key) && textOf(key) === segment);
      const wanted = part === "key" && depth === path.length - 1 ? pair?.key : pair?.value;
      node = wanted;
    } else return offset;
    const range = (node as { readonly range?: readonly number[] | null } | null | undefined)?.range;
    if (range?.[0] === undefined) return offset;
    offset = range[0];
  }
  return offset;
}

function textOf({ value, source }: Scalar): string {
  return typeof value === "string" ? value : (source ?? String(value));
}
