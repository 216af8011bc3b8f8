import { err, ok, type Result } from "@herald-lb/sansio";
import { type Document, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, Scalar } from "yaml";
import { OLD_CONFIG_KEY, OLD_CONFIG_MAP } from "./with-old-config-map.ts";
import type { TextPosition } from "./yaml-source.ts";

/** The old configuration as found in a manifest. */
export interface FoundConfigMap {
  /** The text under the key `config`. */
  readonly text: string;
  /** Null where the ConfigMap has no namespace. */
  readonly namespace: string | null;
  /** Maps a position in the text to one in the manifest; null where the text is not a literal block. */
  readonly placeOf: (position: TextPosition) => TextPosition | null;
}

/** The reason why a manifest has no old configuration. */
export interface ManifestError {
  readonly message: string;
  readonly position: TextPosition | null;
}

/** Finds the ConfigMap in a manifest of one or several documents, in YAML or JSON, also in a List. One called `config` comes before others. */
export function findConfigMap(manifest: string): Result<FoundConfigMap, ManifestError> {
  const lines = new LineCounter();
  let documents: readonly Document[];
  try {
    const parsed = parseAllDocuments(manifest, { lineCounter: lines, prettyErrors: false });
    documents = Array.isArray(parsed) ? parsed : [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return err({ message: "manifest is nested too deeply", position: null });
  }
  for (const { errors } of documents) {
    const [first] = errors;
    if (first === undefined) continue;
    const { line, col } = lines.linePos(first.pos[0]);
    return err({ message: `manifest is not YAML: ${first.message}`, position: { line, column: col } });
  }
  const configMaps = documents
    .flatMap(({ contents }) => objectsIn(contents))
    .filter((node) => text(node, "kind") === "ConfigMap");
  const called = configMaps.filter((node) => text(node, "metadata", "name") === OLD_CONFIG_MAP);
  const candidates =
    called.length > 0 ? called : configMaps.filter((node) => text(node, "data", OLD_CONFIG_KEY) !== null);
  const [chosen, second] = candidates;
  if (chosen === undefined) {
    const message =
      'manifest has no ConfigMap with the key "config": is it the data alone? Then say so with --only-data';
    return err({ message, position: null });
  }
  if (second !== undefined)
    return err({ message: "manifest has more than one such ConfigMap: leave one", position: null });
  const scalar = at(chosen, "data", OLD_CONFIG_KEY);
  if (!isScalar(scalar) || typeof scalar.value !== "string") {
    const message =
      'ConfigMap has no text under the key "config" of data: write the configuration there, after "config: |"';
    return err({ message, position: null });
  }
  return ok({
    text: scalar.value,
    namespace: text(chosen, "metadata", "namespace"),
    placeOf: placesOf(scalar, manifest, lines),
  });
}

function objectsIn(node: unknown): readonly unknown[] {
  const items = at(node, "items");
  return isSeq(items) ? items.items.flatMap(objectsIn) : [node];
}

function at(node: unknown, ...keys: readonly string[]): unknown {
  let found = node;
  for (const key of keys) found = isMap(found) ? found.get(key, true) : undefined;
  return found;
}

function text(node: unknown, ...keys: readonly string[]): string | null {
  const found = at(node, ...keys);
  return isScalar(found) && typeof found.value === "string" ? found.value : null;
}

/** Finds the mapping of positions. Only a literal block (`|`) has the lines of its text. */
function placesOf(scalar: Scalar, manifest: string, lines: LineCounter): FoundConfigMap["placeOf"] {
  const { type, range } = scalar;
  if (type !== Scalar.BLOCK_LITERAL || range === null || range === undefined) return () => null;
  const header = lines.linePos(range[0]).line;
  const written =
    manifest
      .slice(range[0], range[1])
      .split("\n")
      .slice(1)
      .find((line) => line.trim() !== "") ?? "";
  const first =
    String(scalar.value)
      .split("\n")
      .find((line) => line.trim() !== "") ?? "";
  const indent = written.length - first.length;
  return ({ line, column }) => ({ line: header + line, column: column + indent });
}
