import * as z from "zod";
import { PlainScalar } from "./yaml-source.ts";

/** The kind of a value, in words, for messages. */
export function nounOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (value instanceof PlainScalar) return value.source;
  return typeof value === "string" ? JSON.stringify(value) : "a mapping";
}

const missing = (input: unknown, wanted: string): string =>
  input === undefined ? `${wanted} is missing` : `${wanted} is needed, not ${nounOf(input)}`;

/** Text. Where text is wanted, a YAML number or boolean is text too, as in MetalLB. */
export const text: z.ZodType<string> = z
  .custom<string | PlainScalar>((value) => typeof value === "string" || value instanceof PlainScalar, {
    error: ({ input }) => missing(input, "text"),
  })
  .transform((value) => (typeof value === "string" ? value : value.source));

/** A whole number without quotes. */
export const wholeNumber: z.ZodType<number> = z
  .custom<PlainScalar>((value) => wholeOf(value) !== null, {
    error: ({ input }) =>
      typeof input === "string" && /^\d+$/.test(input)
        ? `number is needed, and ${JSON.stringify(input)} is text: write it without quotes`
        : missing(input, "number"),
  })
  .transform((value) => wholeOf(value) ?? 0);

/** `true` or `false`, or one of YAML 1.1's other words for them. */
export const yamlBoolean: z.ZodType<boolean> = z
  .custom<PlainScalar>((value) => value instanceof PlainScalar && typeof value.value === "boolean", {
    error: ({ input }) => missing(input, "true or false"),
  })
  .transform(({ value }) => value === true);

/** A list of items of a schema. */
export function listOf<T>(item: z.ZodType<T>): z.ZodType<readonly T[]> {
  return z.array(item, { error: ({ input }) => missing(input, "list") });
}

/** A mapping with these keys and no other. The message for an unknown key proposes a known one. */
export function strictObject<Shape extends z.core.$ZodLooseShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => unknownKey(key, Object.keys(shape))).join("; ")
        : missing(issue.input, "mapping"),
  });
}

/** The message for an unknown key, with the known key that it resembles. */
export function unknownKey(key: string, known: readonly string[]): string {
  const meant = known.find((candidate) => bare(candidate) === bare(key));
  if (key === "bfdProfile" && meant !== undefined) {
    return 'unknown key "bfdProfile": the sample that MetalLB shipped spells it so, and its own strict reading refuses it; write "bfd-profile"';
  }
  if (meant !== undefined) return `unknown key "${key}": write "${meant}"`;
  return `unknown key "${key}": one of ${known.join(", ")} can stand here`;
}

/** The key without what is often mistyped: case, dashes, a plural. */
function bare(key: string): string {
  return key
    .toLowerCase()
    .replaceAll(/[-_. ]/g, "")
    .replace(/s$/, "");
}

function wholeOf(value: unknown): number | null {
  // YAML 1.1 reads 1:30 as 90, to the base of 60: MetalLB does not.
  if (!(value instanceof PlainScalar) || value.source.includes(":")) return null;
  return typeof value.value === "number" && Number.isSafeInteger(value.value) ? value.value : null;
}
