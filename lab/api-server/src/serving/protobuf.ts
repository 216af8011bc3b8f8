import { Failure } from "../object/failure.ts";
import type { Json, JsonObject } from "../object/json.ts";

/**
 * The JSON names and types of a message's fields, by field number. kubectl's `create` sends the kinds below in protobuf (their
 * `generated.proto`); everything else that it sends is JSON.
 */
interface Message {
  readonly [field: number]: readonly [
    name: string,
    kind: "string" | "integer" | "boolean" | "octets" | "map" | "octetsMap" | Message,
    repeated?: true,
  ];
}

const metadata: Message = {
  1: ["name", "string"],
  2: ["generateName", "string"],
  3: ["namespace", "string"],
  11: ["labels", "map"],
  12: ["annotations", "map"],
  14: ["finalizers", "string", true],
};
const intOrString: Message = { 1: ["type", "integer"], 2: ["intVal", "integer"], 3: ["strVal", "string"] };
const port: Message = {
  1: ["name", "string"],
  2: ["protocol", "string"],
  3: ["port", "integer"],
  4: ["targetPort", intOrString],
  5: ["nodePort", "integer"],
};
const serviceSpec: Message = {
  1: ["ports", port, true],
  2: ["selector", "map"],
  3: ["clusterIP", "string"],
  4: ["type", "string"],
  5: ["externalIPs", "string", true],
  8: ["loadBalancerIP", "string"],
  10: ["externalName", "string"],
  18: ["clusterIPs", "string", true],
};

const kinds: Readonly<Record<string, Message>> = {
  Namespace: { 1: ["metadata", metadata] },
  ConfigMap: {
    1: ["metadata", metadata],
    2: ["data", "map"],
    3: ["binaryData", "octetsMap"],
    4: ["immutable", "boolean"],
  },
  Secret: { 1: ["metadata", metadata], 2: ["data", "octetsMap"], 3: ["type", "string"], 4: ["stringData", "map"] },
  ServiceAccount: { 1: ["metadata", metadata] },
  Service: { 1: ["metadata", metadata], 2: ["spec", serviceSpec] },
};

type Field = readonly [number: number, value: number | Uint8Array];

function* fieldsOf(octets: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const octet = octets[at++];
      if (octet === undefined) throw new RangeError("the message is cut short");
      value += (octet & 127) * shift;
      if (octet < 128) return value;
    }
  };
  while (at < octets.length) {
    const tag = varint();
    const wire = tag % 8;
    if (wire !== 0 && wire !== 2) throw new RangeError("the message holds a wire type that is not expected");
    const value = varint();
    if (wire === 2 && at + value > octets.length) throw new RangeError("the message is cut short");
    yield [Math.floor(tag / 8), wire === 0 ? value : octets.subarray(at, at + value)];
    if (wire === 2) at += value;
  }
}

const text = (value: number | Uint8Array | undefined): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : "";
const base64 = (value: number | Uint8Array | undefined): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString("base64") : "";

function valueOf(kind: Message[number][1], value: number | Uint8Array): Json | undefined {
  if (kind === intOrString && value instanceof Uint8Array) {
    const { type, intVal, strVal } = decode(value, intOrString);
    return type === 1 ? strVal : intVal === 0 ? undefined : intVal;
  }
  if (typeof kind === "object") return value instanceof Uint8Array ? decode(value, kind) : {};
  if (kind === "boolean") return value === 1;
  if (kind === "integer") return typeof value === "number" ? value : 0;
  return kind === "octets" ? base64(value) : text(value);
}

function decode(octets: Uint8Array, message: Message): JsonObject {
  const object: JsonObject = {};
  for (const [number, value] of fieldsOf(octets)) {
    const [name, kind, repeated] = message[number] ?? [];
    if (name === undefined || kind === undefined) continue;
    if (kind === "map" || kind === "octetsMap") {
      const entry = new Map(value instanceof Uint8Array ? fieldsOf(value) : []);
      const map = (object[name] ??= {}) as JsonObject;
      map[text(entry.get(1))] = kind === "map" ? text(entry.get(2)) : base64(entry.get(2));
      continue;
    }
    const read = valueOf(kind, value);
    // proto2 writes every scalar of a Go struct, also the empty ones, which JSON leaves out.
    if (read === undefined || read === "" || read === 0) {
      if (kind !== intOrString || read === undefined) continue;
    }
    if (repeated === true) object[name] = [...((object[name] ?? []) as Json[]), read];
    else object[name] = read;
  }
  return object;
}

/** Reads a `runtime.Unknown` envelope ("k8s\0") around one of the kinds that kubectl creates in protobuf; any other is a 415. */
export function decodeProtobuf(octets: Uint8Array): JsonObject | Failure {
  const unsupported = new Failure(
    415,
    "UnsupportedMediaType",
    "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml",
  );
  if (text(octets.subarray(0, 4)) !== "k8s\0") return unsupported;
  try {
    const envelope = new Map(fieldsOf(octets.subarray(4)));
    const typeMeta = envelope.get(1);
    const raw = envelope.get(2);
    if (!(typeMeta instanceof Uint8Array) || !(raw instanceof Uint8Array)) return unsupported;
    const names = new Map(fieldsOf(typeMeta));
    const kind = text(names.get(2));
    const message = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    return message === undefined ? unsupported : { apiVersion: text(names.get(1)), kind, ...decode(raw, message) };
  } catch (error) {
    if (error instanceof RangeError) return new Failure(400, "BadRequest", error.message);
    throw error;
  }
}
