import {
  canonicalRequirement,
  canonicalSelector,
  type LabelSelector,
  type ObjectRef,
  selectorError,
} from "@herald-lb/k8s-glue/objects";
import type { ConfigIssue, IssueCode, IssueEffect } from "./issue.ts";

/** Collects the issues of one object while it is read. */
export class IssueCollector {
  readonly object: ObjectRef;
  readonly #issues: ConfigIssue[];
  #rejected = false;

  /** Issues go to the end of `issues`, which the readers of all objects share. */
  constructor(object: ObjectRef, issues: ConfigIssue[]) {
    this.object = object;
    this.#issues = issues;
  }

  /** True if an issue rejects the object. */
  get rejected(): boolean {
    return this.#rejected;
  }

  /** Reports an issue that rejects the object. */
  reject(path: string, code: IssueCode, message: string, facts: ConfigIssue["facts"] = {}): void {
    this.#rejected = true;
    this.#add("Rejected", path, code, message, facts);
  }

  /** Reports an issue by which a field or an entry has no effect; the rest of the object does. */
  partial(path: string, code: IssueCode, message: string, facts: ConfigIssue["facts"] = {}): void {
    this.#add("Partial", path, code, message, facts);
  }

  /** Reports an issue that changes nothing about the object's effect. */
  note(path: string, code: IssueCode, message: string, facts: ConfigIssue["facts"] = {}): void {
    this.#add("Noted", path, code, message, facts);
  }

  /** The list without duplicates; each duplicate is noted. */
  unique(path: string, values: readonly string[]): readonly string[] {
    for (const [at, value] of values.entries()) {
      if (values.indexOf(value) < at) this.note(`${path}[${at}]`, "Duplicate", `"${value}" appears twice`, { value });
    }
    return [...new Set(values)];
  }

  /** The list without duplicates, each of which is noted; an invalid selector rejects the object. */
  selectors(path: string, list: readonly LabelSelector[] | undefined): readonly LabelSelector[] {
    const seen = new Set<string>();
    const sound: LabelSelector[] = [];
    for (const [at, selector] of (list ?? []).entries()) {
      const where = `${path}[${at}]`;
      const fault = selectorError(selector);
      if (fault !== null) this.reject(`${where}.${fault.path}`, "BadSelector", fault.message);
      this.#repetitions(where, selector);
      const canonical = canonicalSelector(selector);
      if (seen.has(canonical)) this.note(where, "Duplicate", "selector repeats an earlier one");
      else sound.push(selector);
      seen.add(canonical);
    }
    return sound;
  }

  #repetitions(where: string, { matchExpressions = [] }: LabelSelector): void {
    const seen = new Set<string>();
    for (const [at, requirement] of matchExpressions.entries()) {
      const path = `${where}.matchExpressions[${at}]`;
      const canonical = canonicalRequirement(requirement);
      if (seen.has(canonical)) this.note(path, "Duplicate", "expression repeats an earlier one");
      seen.add(canonical);
      this.unique(`${path}.values`, requirement.values ?? []);
    }
  }

  #add(effect: IssueEffect, path: string, code: IssueCode, message: string, facts: ConfigIssue["facts"]): void {
    this.#issues.push({ object: this.object, path, code, effect, message, facts });
  }
}
