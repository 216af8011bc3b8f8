import { type KubernetesObject, refOf } from "@herald-lb/k8s-glue/objects";
import type { z } from "zod";
import { IssueCollector } from "./issue-collector.ts";
import type { ConfigIssue } from "./issue.ts";

/** An object whose spec matches the schema of its kind, with defaults filled in. */
export interface ReadObject<Spec> {
  readonly spec: Spec;
  readonly labels: Readonly<Record<string, string>>;
  readonly report: IssueCollector;
}

/** Parses the spec of each object by its schema; one that does not match is rejected with an issue for each wrong field. */
export function parseObjects<Spec>(
  objects: readonly KubernetesObject[],
  schema: z.ZodType<Spec>,
  issues: ConfigIssue[],
): readonly ReadObject<Spec>[] {
  return objects.flatMap((object) => {
    const report = new IssueCollector(refOf(object), issues);
    const parsed = schema.safeParse((object as { readonly spec?: unknown }).spec ?? {});
    if (parsed.success) return [{ spec: parsed.data, labels: object.metadata?.labels ?? {}, report }];
    for (const { path, message } of parsed.error.issues) report.reject(fieldOf(path), "SchemaViolation", message);
    return [];
  });
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => text + (typeof part === "number" ? `[${part}]` : `.${String(part)}`),
    "spec",
  );
}
