import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";

/** The folder of foreign vectors: beside the clone, never in it. */
const VECTORS: string = resolve(import.meta.dirname, "../../../../../shared/vectors");

/**
 * Reads the records of a foreign vector file (JSON lines, gzipped when named so), or gives null where the vectors are absent, as in a
 * user's clone. Then one line says so: the vectors in the tree still verify the package.
 */
export function readVectors<Row>(file: string): readonly Row[] | null {
  const path = resolve(VECTORS, file);
  if (!existsSync(path)) {
    process.stderr.write(`skipped: the additional vectors ${file} are not beside this clone\n`);
    return null;
  }
  return readRecords(path);
}

/** Reads the records of a file of JSON lines, gzipped when named so: how a package reads the vectors that it has in the tree. */
export function readRecords<Row>(path: string): readonly Row[] {
  const raw = readFileSync(path);
  const text = (path.endsWith(".gz") ? gunzipSync(raw) : raw).toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Row);
}

/** Octets written as hexadecimal digits; white space is passed over. */
export function octetsFromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(/\s+/g, ""), "hex"));
}

/** The lower-case hexadecimal digits of octets. */
export function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}
