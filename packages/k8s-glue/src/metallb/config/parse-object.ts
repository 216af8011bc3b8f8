import { type KubernetesObject, refOf } from "@herald-lb/k8s-glue/objects";
import type { z } from "zod";
import { Faults } from "./faults.ts";
import type { ConfigIssue } from "./issue.ts";

/** An object whose spec is of its kind's schema, defaults filled in. */
export interface ReadObject<Spec> {
  readonly spec: Spec;
  readonly labels: Readonly<Record<string, string>>;
  readonly faults: Faults;
}

/** Holds the spec of each object against its schema; one that does not fit is rejected with every field that is wrong. */
export function parseObjects<Spec>(
  objects: readonly KubernetesObject[],
  schema: z.ZodType<Spec>,
  issues: ConfigIssue[],
): readonly ReadObject<Spec>[] {
  return objects.flatMap((object) => {
    const faults = new Faults(refOf(object), issues);
    const parsed = schema.safeParse((object as { readonly spec?: unknown }).spec ?? {});
    if (parsed.success) return [{ spec: parsed.data, labels: object.metadata?.labels ?? {}, faults }];
    for (const { path, message } of parsed.error.issues) faults.reject(fieldOf(path), "SchemaViolation", message);
    return [];
  });
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => text + (typeof part === "number" ? `[${part}]` : `.${String(part)}`),
    "spec",
  );
}
