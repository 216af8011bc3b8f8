import type { IssueCode } from "../config/issue.ts";
import type { TextPosition, YamlPathSegment } from "./yaml-source.ts";

/** One thing wrong with the old configuration. */
export interface OldConfigIssue {
  /** From the root of what stands under the key `config`. */
  readonly path: readonly YamlPathSegment[];
  readonly code: IssueCode;
  /** For people; starts with a noun, no period at the end. */
  readonly message: string;
  /** In the text under `config`; null where nothing in it can be pointed at. */
  readonly position: TextPosition | null;
}

/** `address-pools[0].addresses[2]`. */
export function pathText(path: readonly YamlPathSegment[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}

/** Names the entry that a path is of, or leads into. */
export function entryId(path: readonly YamlPathSegment[]): string {
  return JSON.stringify(path.slice(0, 2));
}
