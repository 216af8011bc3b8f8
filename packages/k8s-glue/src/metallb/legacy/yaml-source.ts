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

/** A key of a mapping, or a place in a list, from 0. */
export type YamlPathSegment = string | number;

/** Where in a text: both count from 1. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** A scalar without quotes that YAML takes for something else than text. Who wants text takes the source: `0123` may be a password. */
export class PlainScalar {
  readonly value: unknown;
  readonly source: string;

  constructor(value: unknown, source: string) {
    this.value = value;
    this.source = source;
  }
}

/** Text that is no YAML. */
export interface YamlError extends TextPosition {
  readonly message: string;
}

/** One document of YAML, as values, with the way back into the text. */
export interface YamlSource {
  /** Mappings are objects, nothing (`~`, or no value) is undefined, scalars are text or a `PlainScalar`. */
  readonly value: unknown;
  /** Keys that stand in their mapping already. */
  readonly duplicates: readonly (readonly YamlPathSegment[])[];
  /** Where documents after the first begin. */
  readonly further: readonly TextPosition[];
  /** Where a value stands, or its key; the nearest thing around it where it is not written. */
  readonly positionOf: (path: readonly YamlPathSegment[], part?: "key" | "value") => TextPosition;
}

/**
 * Reads YAML 1.1 with the booleans `yes` and `no`, as MetalLB did: duplicate keys are told of, not taken. Text from outside may nest so
 * deeply or repeat itself so often by aliases that it cannot be read: that is an issue of the text.
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

/** What the library makes of the text. It throws where text nests deeper than its stack, repeats itself too often, or merges what cannot be. */
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
      // Of a key that is there twice, the second is the one that is wrong.
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
