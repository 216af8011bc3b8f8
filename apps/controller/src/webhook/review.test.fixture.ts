import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { expect } from "vitest";
import type { AdmissionRequest } from "./admission-review.ts";
import { kindsReviewedWith, reviewAdmission } from "./review.ts";

/** The namespace of the configuration. */
export const NAMESPACE = "metallb-system";

/** An object with what a review reads of it. */
export interface Made extends KubernetesObject {
  readonly kind: string;
  readonly spec: object;
  readonly metadata: NonNullable<KubernetesObject["metadata"]> & { readonly name: string };
}

/** An object; `age` is its rank by creation, null for one that is being created. */
export function made(kind: string, name: string, spec: object, age: number | null = 1, metadata: object = {}): Made {
  return {
    apiVersion: kind === "BGPPeer" ? "metallb.io/v1beta2" : "metallb.io/v1beta1",
    kind,
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: `${kind}-${name}`,
      ...(age === null ? {} : { creationTimestamp: `2026-01-01T00:00:${String(age).padStart(2, "0")}Z` }),
      ...metadata,
    },
    spec,
  };
}

/** An IPAddressPool. */
export function pool(name: string, addresses: readonly string[], age: number | null = 1, more: object = {}): Made {
  return made("IPAddressPool", name, { addresses, ...more }, age);
}

/** A BGPPeer. */
export function peer(name: string, more: object = {}, age: number | null = 1): Made {
  return made("BGPPeer", name, { myASN: 64500, peerASN: 64501, peerAddress: "192.0.2.1", ...more }, age);
}

/** A BGPAdvertisement. */
export function bgp(name: string, spec: object = {}, age: number | null = 1): Made {
  return made("BGPAdvertisement", name, spec, age);
}

/** A Community with these names and values. */
export function community(name: string, names: Readonly<Record<string, string>>, age: number | null = 1): Made {
  const communities = Object.entries(names).map(([alias, value]) => ({ name: alias, value }));
  return made("Community", name, { communities }, age);
}

/** The request to create an object. */
export function create(object: Made): AdmissionRequest {
  const { kind, metadata } = object;
  return {
    uid: "u",
    operation: "CREATE",
    kind,
    namespace: metadata.namespace ?? "",
    name: metadata.name,
    object,
    oldObject: null,
  };
}

/** The request to change an object. */
export function update(before: Made, after: Made): AdmissionRequest {
  return { ...create(after), operation: "UPDATE", oldObject: before };
}

/** The request to delete an object. */
export function remove(object: Made): AdmissionRequest {
  return { ...create(object), operation: "DELETE", object: null, oldObject: object };
}

/** The answer to a request, from the live objects that the question needs, out of all. */
export function answer(
  request: AdmissionRequest,
  live: readonly Made[] = [],
): { denied: string | null; warnings: readonly string[] } {
  const kinds = kindsReviewedWith(request);
  const response = reviewAdmission(
    request,
    live.filter(({ kind }) => kinds.includes(kind)),
    NAMESPACE,
  );
  expect(response.uid).toBe("u");
  expect(response.allowed).toBe(response.status === undefined);
  if (response.status !== undefined) expect(response.status).toMatchObject({ code: 403, reason: "Forbidden" });
  return { denied: response.status?.message ?? null, warnings: response.warnings ?? [] };
}
