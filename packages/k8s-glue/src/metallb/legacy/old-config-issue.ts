import type { IssueCode } from "../config/issue.ts";
import type { TextPosition, YamlPathSegment } from "./yaml-source.ts";

/** A problem with the old configuration. */
export interface OldConfigIssue {
  /** The path from the root of the text under the key `config`. */
  readonly path: readonly YamlPathSegment[];
  readonly code: IssueCode;
  /** Text for users; begins with a noun, without a period at the end. */
  readonly message: string;
  /** The position in the text under `config`; null where there is none. */
  readonly position: TextPosition | null;
}

/** A path as text: `address-pools[0].addresses[2]`. */
export function pathText(path: readonly YamlPathSegment[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** The id of the entry that a path leads to, or into. */
export function entryId(path: readonly YamlPathSegment[]): string {
  return JSON.stringify(path.slice(0, 2));
}
