import type { KubernetesObject } from "@herald-lb/k8s-glue/objects";
import { err, ok, type Result } from "@herald-lb/sansio";

/** The fields that are read of `request` in an AdmissionReview of admission.k8s.io/v1. */
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

/** The `response` of an AdmissionReview. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  /** The reason for a denial. */
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  /** Lines that the API server shows to the client that sent the object. */
  readonly warnings?: readonly string[];
}

const OPERATIONS: readonly string[] = ["CREATE", "UPDATE", "DELETE", "CONNECT"];

/** Reads the body that an API server sends; the error names what is missing. */
export function readAdmissionReview(text: string): Result<AdmissionRequest, string> {
  const review = parse(text);
  if (!isRecord(review)) return err("not a JSON object");
  if (review["apiVersion"] !== "admission.k8s.io/v1" || review["kind"] !== "AdmissionReview")
    return err("not an AdmissionReview of admission.k8s.io/v1");
  const { request } = review;
  if (!isRecord(request)) return err("without a request");
  const { uid, operation, kind, namespace = "", name = "", object, oldObject } = request;
  if (typeof uid !== "string" || uid === "") return err("request without a uid");
  if (!isOperation(operation)) return err("request without an operation");
  if (!isRecord(kind) || typeof kind["kind"] !== "string") return err("request without a kind");
  if (typeof namespace !== "string" || typeof name !== "string")
    return err("request whose name or namespace is not a string");
  const subject = objectOf(object);
  const before = objectOf(oldObject);
  if (subject === undefined || before === undefined) return err("request whose object is not an object");
  return ok({ uid, operation, kind: kind["kind"], namespace, name, object: subject, oldObject: before });
}

/** Writes the body of the answer. */
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
