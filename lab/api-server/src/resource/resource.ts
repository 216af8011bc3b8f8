import type { Schema } from "../schema/schema.ts";

/** A column that `kubectl get` shows, as a CRD declares one. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

/** One served resource in one version. */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** True with the subresource `/status`: then neither half can write the other. */
  readonly status: boolean;
  /** True where `metadata.generation` counts changes outside metadata and status. */
  readonly generation: boolean;
  readonly schema: Schema;
  /** Set for resources that a CustomResourceDefinition declares. */
  readonly custom?: { readonly columns: readonly PrinterColumn[]; readonly storageVersion: string };
  /** Objects of this resource live under another group's name (core and events.k8s.io Events). */
  readonly storedAs?: string;
}

/** The key under which a resource's objects are stored, the same for all versions. */
export function storageKey(resource: Pick<Resource, "group" | "plural" | "storedAs">): string {
  return resource.storedAs ?? `${resource.group}/${resource.plural}`;
}

/** `v1`, or `group/version`. */
export function apiVersionOf(resource: Pick<Resource, "group" | "version">): string {
  return resource.group === "" ? resource.version : `${resource.group}/${resource.version}`;
}
