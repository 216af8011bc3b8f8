import { badRequest, Failure } from "./failure.ts";
import { type JsonObject, valueAt } from "./json.ts";

/** Tells whether an object is selected. */
export type Selector = (object: JsonObject) => boolean;

type Requirement = (labels: JsonObject) => boolean;

function labelRequirement(text: string): Requirement | undefined {
  const set = /^([\w./-]+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = new Set(list.split(",").map((value) => value.trim()));
    return operator === "in"
      ? (labels) => typeof labels[key] === "string" && values.has(labels[key])
      : (labels) => typeof labels[key] !== "string" || !values.has(labels[key]);
  }
  const compared = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(text);
  if (compared !== null) {
    const [, key = "", operator, value = ""] = compared;
    return operator === "!=" ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const present = /^(!?)\s*([\w./-]+)$/.exec(text);
  if (present === null) return undefined;
  const [, not, key = ""] = present;
  return not === "!" ? (labels) => labels[key] === undefined : (labels) => labels[key] !== undefined;
}

/** Reads a `labelSelector`. */
export function parseLabelSelector(text: string): Selector | Failure {
  const requirements: Requirement[] = [];
  for (const part of text.split(/,(?![^(]*\))/)) {
    if (part.trim() === "") continue;
    const requirement = labelRequirement(part.trim());
    if (requirement === undefined) return badRequest(`unable to parse requirement: ${part}`);
    requirements.push(requirement);
  }
  return (object) => {
    const found = valueAt(object, "metadata", "labels");
    const labels = typeof found === "object" && found !== null && !Array.isArray(found) ? found : {};
    return requirements.every((requirement) => requirement(labels));
  };
}

/** Reads a `fieldSelector`: `path=value`, `path==value`, `path!=value`; a missing field counts as "". */
export function parseFieldSelector(text: string): Selector | Failure {
  const tests: Selector[] = [];
  for (const part of text.split(",")) {
    if (part.trim() === "") continue;
    const match = /^([\w.[\]-]+?)(==|=|!=)(.*)$/.exec(part.trim());
    if (match === null) return badRequest(`invalid field selector: ${part}`);
    const [, path = "", operator, wanted = ""] = match;
    tests.push((object) => {
      const found = valueAt(object, ...path.split("."));
      const text = found === undefined || found === null ? "" : String(found as string | number | boolean);
      return operator === "!=" ? text !== wanted : text === wanted;
    });
  }
  return (object) => tests.every((test) => test(object));
}
