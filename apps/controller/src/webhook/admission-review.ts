import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { err, ok, type Result } from "@herald-lb/sansio";

/** What the API server asks about: `request` of an AdmissionReview of admission.k8s.io/v1, as far as it is read. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Null on deletion. */
  readonly object: KubernetesObject | null;
  /** Null on creation. */
  readonly oldObject: KubernetesObject | null;
}

/** The answer to it. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  /** Why not. */
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  /** For whoever sent the object; each is a line of its own. */
  readonly warnings?: readonly string[];
}

const OPERATIONS: readonly string[] = ["CREATE", "UPDATE", "DELETE", "CONNECT"];

/** Reads the body that an API server sends; the error says what it lacks. */
export function readAdmissionReview(text: string): Result<AdmissionRequest, string> {
  const review = parse(text);
  if (!isRecord(review)) return err("not JSON of an object");
  if (review["apiVersion"] !== "admission.k8s.io/v1" || review["kind"] !== "AdmissionReview")
    return err("not an AdmissionReview of admission.k8s.io/v1");
  const { request } = review;
  if (!isRecord(request)) return err("without a request");
  const { uid, operation, kind, namespace = "", name = "", object, oldObject } = request;
  if (typeof uid !== "string" || uid === "") return err("request without a uid");
  if (!isOperation(operation)) return err("request without an operation");
  if (!isRecord(kind) || typeof kind["kind"] !== "string") return err("request without a kind");
  if (typeof namespace !== "string" || typeof name !== "string") return err("request whose name is no text");
  const subject = objectOf(object);
  const before = objectOf(oldObject);
  if (subject === undefined || before === undefined) return err("request whose object is none");
  return ok({ uid, operation, kind: kind["kind"], namespace, name, object: subject, oldObject: before });
}

/** The body that answers it. */
export function writeAdmissionReview(response: AdmissionResponse): string {
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOperation(value: unknown): value is AdmissionRequest["operation"] {
  return typeof value === "string" && OPERATIONS.includes(value);
}

function objectOf(value: unknown): KubernetesObject | null | undefined {
  if (value === null || value === undefined) return null;
  return isRecord(value) && (value["metadata"] === undefined || isRecord(value["metadata"])) ? value : undefined;
}
