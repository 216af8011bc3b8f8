import { err, ok, type Result } from "@herald-lb/sansio";
import type { z } from "zod";
import type { IssueCode } from "../config/issue.ts";
import type { OldConfigIssue } from "./old-config-issue.ts";
import { type OldBfdProfile, oldBfdProfile, type OldPeer, oldPeer, type OldPool, oldPool } from "./old-entries.ts";
import { nounOf, unknownKey } from "./old-keys.ts";
import { PlainScalar, readYaml, type YamlPathSegment, type YamlSource } from "./yaml-source.ts";

/** A name for a BGP community. */
export interface OldAlias {
  readonly name: string;
  readonly value: string;
}

/** One entry of the old configuration, parsed by itself. */
export interface OldEntry<T> {
  /** The path of the entry: `["peers", 0]`. */
  readonly at: readonly YamlPathSegment[];
  /** The entry's identity from one edit to the next: its name, or a peer's address; empty where it cannot be read. */
  readonly key: string;
  /** Null for an entry that cannot be read. */
  readonly value: T | null;
}

/** The parsed text under the key `config`. */
export interface OldConfiguration {
  readonly peers: readonly OldEntry<OldPeer>[];
  readonly aliases: readonly OldEntry<OldAlias>[];
  readonly pools: readonly OldEntry<OldPool>[];
  readonly profiles: readonly OldEntry<OldBfdProfile>[];
  readonly issues: readonly OldConfigIssue[];
  /** True if an issue is outside of all entries: a section may be missing. */
  readonly incomplete: boolean;
  readonly positionOf: YamlSource["positionOf"];
}

const sections = ["peers", "bgp-communities", "address-pools", "bfd-profiles"] as const;

/** Parses the text; the error is for text that is no YAML. */
export function parseOldConfiguration(text: string): Result<OldConfiguration, OldConfigIssue> {
  const read = readYaml(text);
  if (!read.ok) {
    const { message, line, column } = read.error;
    return err({
      path: [],
      code: "SchemaViolation",
      message: `text is not YAML: ${message}`,
      position: { line, column },
    });
  }
  return ok(new Parser(read.value).parse());
}

class Parser {
  readonly #source: YamlSource;
  readonly #issues: OldConfigIssue[] = [];
  #incomplete = false;

  constructor(source: YamlSource) {
    this.#source = source;
  }

  parse(): OldConfiguration {
    const { value, positionOf } = this.#source;
    const root = this.#root(value);
    this.#duplicateKeys();
    const profiles = this.#unique(this.#list(root, "bfd-profiles", oldBfdProfile, "name"));
    const peers = this.#list(root, "peers", oldPeer, "peer-address");
    for (const { at, value: peer } of peers) this.#reference(at, peer, profiles);
    return {
      peers,
      aliases: this.#aliases(root),
      pools: this.#unique(this.#list(root, "address-pools", oldPool, "name", withoutAutoAssign)).map((entry) =>
        this.#protocol(entry),
      ),
      profiles,
      issues: this.#issues,
      incomplete: this.#incomplete,
      positionOf,
    };
  }

  #root(value: unknown): Readonly<Record<string, unknown>> {
    for (const position of this.#source.further) {
      this.#incomplete = true;
      const message = "second document after ---: MetalLB reads only the first; write one document";
      this.#issues.push({ path: [], code: "SchemaViolation", message, position });
    }
    if (value === undefined) return {};
    if (!isMapping(value)) {
      this.#reportSection([], `mapping is needed, with ${sections.join(", ")}, not ${nounOf(value)}`);
      return {};
    }
    for (const key of Object.keys(value)) {
      if (!sections.some((section) => section === key)) this.#reportSection([key], unknownKey(key, sections), "key");
    }
    return value;
  }

  #list<T>(
    root: Readonly<Record<string, unknown>>,
    section: (typeof sections)[number],
    schema: z.ZodType<T>,
    keyField: keyof T & string,
    doubtful: (value: T) => T = (value) => value,
  ): readonly OldEntry<T>[] {
    const list = root[section];
    if (list === undefined) return [];
    if (!Array.isArray(list)) {
      this.#reportSection([section], `list is needed, not ${nounOf(list)}`);
      return [];
    }
    return list.map((item: unknown, index): OldEntry<T> => {
      const at = [section, index];
      const named = isMapping(item) ? item[keyField] : undefined;
      const key = typeof named === "string" ? named : named instanceof PlainScalar ? named.source : "";
      const parsed = schema.safeParse(item);
      if (parsed.success) return { at, key, value: parsed.data };
      for (const issue of parsed.error.issues) {
        const path = [...at, ...issue.path.map((part) => (typeof part === "symbol" ? String(part) : part))];
        if (issue.code === "unrecognized_keys")
          this.#add([...path, issue.keys[0] ?? ""], "SchemaViolation", issue.message, "key");
        else this.#add(path, "SchemaViolation", issue.message);
      }
      const rest = withoutUnknownKeys(item, parsed.error.issues);
      const readable = rest === null ? null : schema.safeParse(rest);
      return { at, key, value: readable?.success === true ? doubtful(readable.data) : null };
    });
  }

  #aliases(root: Readonly<Record<string, unknown>>): readonly OldEntry<OldAlias>[] {
    const section = "bgp-communities";
    const aliases = root[section];
    if (aliases === undefined) return [];
    if (!isMapping(aliases)) {
      this.#reportSection([section], `mapping of names to communities is needed, not ${nounOf(aliases)}`);
      return [];
    }
    return Object.entries(aliases).map(([name, value]) => {
      const at = [section, name];
      const text = typeof value === "string" ? value : value instanceof PlainScalar ? value.source : null;
      if (text === null)
        this.#add(at, "BadCommunity", `a community is needed, for example 65000:100, not ${nounOf(value)}`);
      return { at, key: name, value: text === null ? null : { name, value: text } };
    });
  }

  /** Of two entries with one name, the first has effect. */
  #unique<T>(entries: readonly OldEntry<T>[]): readonly OldEntry<T>[] {
    const seen = new Map<string, OldEntry<T>>();
    return entries.flatMap((entry) => {
      const before = seen.get(entry.key);
      if (entry.key === "" || before === undefined) {
        seen.set(entry.key, entry);
        return [entry];
      }
      this.#add(
        [...entry.at, "name"],
        "Duplicate",
        `name "${entry.key}" is the name of an earlier entry: choose another`,
      );
      return [];
    });
  }

  #reference(at: readonly YamlPathSegment[], peer: OldPeer | null, profiles: readonly OldEntry<OldBfdProfile>[]): void {
    const profile = peer?.["bfd-profile"] ?? "";
    if (profile === "" || profiles.some(({ key }) => key === profile)) return;
    const message = `"${profile}" is not the name of a profile in bfd-profiles: add the profile, or remove this key`;
    this.#add([...at, "bfd-profile"], "UnknownReference", message);
  }

  #protocol(entry: OldEntry<OldPool>): OldEntry<OldPool> {
    const { at, value: pool } = entry;
    const advertisements = pool?.["bgp-advertisements"] ?? [];
    if (pool === null || advertisements.length === 0) return entry;
    const path = [...at, "bgp-advertisements"];
    if (pool.protocol === "layer2") {
      const message = "bgp-advertisements are for pools of protocol bgp: remove them, or write protocol: bgp";
      this.#add(path, "FieldConflict", message);
      return entry;
    }
    const seen = new Set<string>();
    const distinct = advertisements.filter((advertisement, index) => {
      const { communities = [], ...rest } = advertisement;
      const says = JSON.stringify([
        rest["aggregation-length"] ?? 32,
        rest["aggregation-length-v6"] ?? 128,
        rest.localpref ?? 0,
        communities.toSorted(),
      ]);
      if (seen.has(says)) this.#add([...path, index], "Duplicate", "advertisement repeats an earlier one");
      const isNew = !seen.has(says);
      seen.add(says);
      return isNew;
    });
    return { ...entry, value: { ...pool, "bgp-advertisements": distinct } };
  }

  #duplicateKeys(): void {
    for (const path of this.#source.duplicates) {
      const message = `key "${String(path.at(-1))}" appears twice: remove one`;
      // Within an entry the issue concerns that entry; elsewhere, a whole section.
      if (path.length === 1) this.#reportSection(path, message, "key");
      else this.#add(path, "Duplicate", message, "key");
    }
  }

  #reportSection(path: readonly YamlPathSegment[], message: string, part: "key" | "value" = "value"): void {
    this.#incomplete = true;
    this.#add(path, "SchemaViolation", message, part);
  }

  #add(path: readonly YamlPathSegment[], code: IssueCode, message: string, part: "key" | "value" = "value"): void {
    this.#issues.push({ path, code, message, position: this.#source.positionOf(path, part) });
  }
}

/** A pool with an unknown key, without autoAssign: that key may have restricted it, so it assigns nothing without a request. */
function withoutAutoAssign(pool: OldPool): OldPool {
  return { ...pool, "auto-assign": false };
}

/** An entry without its unknown keys; null if it has other issues, or unknown keys further in. */
function withoutUnknownKeys(item: unknown, issues: readonly z.core.$ZodIssue[]): object | null {
  const strangers = new Set(
    issues.flatMap((issue) => (issue.code === "unrecognized_keys" && issue.path.length === 0 ? issue.keys : [])),
  );
  const isAll = issues.every((issue) => issue.code === "unrecognized_keys" && issue.path.length === 0);
  return isAll && isMapping(item)
    ? Object.fromEntries(Object.entries(item).filter(([key]) => !strangers.has(key)))
    : null;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof PlainScalar);
}
