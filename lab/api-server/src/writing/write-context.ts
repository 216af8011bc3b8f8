import { badRequest, type Cause, Failure, invalid } from "../object/failure.ts";
import { clone, isObject, type Json, type JsonObject, stringAt } from "../object/json.ts";
import { defaultBuiltIn } from "../kinds/kind-rules.ts";
import { apiVersionOf, type Resource } from "../resource/resource.ts";
import { applyDefaults } from "../schema/defaulting.ts";
import { pruneUnknown } from "../schema/pruning.ts";
import { validate } from "../schema/validation.ts";
import { validateService } from "../kinds/service-validation.ts";
import { dropNulls } from "../resource/versions.ts";

/** The object that a write is for, and the options of the request. */
export interface WriteContext {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly manager: string;
  readonly dryRun: boolean;
  readonly strict: boolean;
}

/** A copy of what was sent, pruned and with defaults. */
export function prepare(context: WriteContext, object: JsonObject): JsonObject | Failure {
  const { resource } = context;
  const prepared = clone(object);
  if (resource.custom === undefined) {
    const dropped = dropNulls(prepared) as JsonObject;
    defaultBuiltIn(resource, dropped);
    return dropped;
  }
  const unknown = pruneUnknown(prepared, resource.schema);
  if (context.strict && unknown.length > 0)
    return badRequest(
      `${resource.kind} in version "${resource.version}" cannot be handled as a ${resource.kind}: strict decoding error: ${unknown.map((path) => `unknown field "${path}"`).join(", ")}`,
    );
  applyDefaults(prepared, resource.schema);
  return prepared;
}

/** Checks an object that is about to be stored; `before` is what it replaces. */
export function check(resource: Resource, object: JsonObject, before: JsonObject | undefined): Failure | undefined {
  const name = stringAt(object, "metadata", "name");
  const causes: Cause[] = [];
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) && !/rbac/.test(resource.group)) {
    causes.push({
      reason: "FieldValueInvalid",
      field: "metadata.name",
      message: `Invalid value: ${JSON.stringify(name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    });
  }
  if (resource.custom !== undefined) causes.push(...validate(object, resource.schema));
  if (resource.kind === "Service" && resource.group === "") causes.push(...validateService(object, before));
  return causes.length === 0 ? undefined : invalid(resource.group, resource.kind, name, causes);
}

/** Reads a request's object: it must name the kind and version that the path serves. */
export function readObject(resource: Resource, body: Json): JsonObject | Failure {
  if (!isObject(body)) return badRequest("the request body is not an object");
  const apiVersion = stringAt(body, "apiVersion") || apiVersionOf(resource);
  const kind = stringAt(body, "kind") || resource.kind;
  if (apiVersion !== apiVersionOf(resource) || kind !== resource.kind) {
    return badRequest(
      `${kind} in version "${apiVersion}" cannot be handled as a ${resource.kind}: no kind "${kind}" is registered for version "${apiVersion}"`,
    );
  }
  return { ...body, apiVersion, kind };
}
