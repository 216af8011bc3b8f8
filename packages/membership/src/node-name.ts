declare const nodeName_: unique symbol;

/**
 * A node's name. On the wire it is raw octets, often but not always UTF-8: valid UTF-8 is the text itself, and an octet that is not
 * part of valid UTF-8 is a lone surrogate U+DC80 to U+DCFF (as Python's `surrogateescape`), so that no two names look the same
 * here and every name goes back to its own octets.
 */
export type NodeName = string & { readonly [nodeName_]: never };

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf8 = new TextEncoder();

/** Marks a text, such as a Kubernetes node's name, as a node name. */
export function nodeName(text: string): NodeName {
  return text as NodeName;
}

/** The name that octets stand for; total, and undone by `nodeNameToOctets`. */
export function nodeNameFromOctets(octets: Uint8Array): NodeName {
  const whole = decodeStrictly(octets);
  if (whole !== null) return whole as NodeName;
  let text = "";
  for (let at = 0; at < octets.length; ) {
    const first = octets[at] as number;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const character = at + length <= octets.length ? decodeStrictly(octets.subarray(at, at + length)) : null;
    text += character ?? String.fromCharCode(0xdc00 | first);
    at += character === null ? 1 : length;
  }
  return text as NodeName;
}

/** The octets of a name; undoes `nodeNameFromOctets`. */
export function nodeNameToOctets(name: NodeName): Uint8Array {
  if (name.isWellFormed()) return utf8.encode(name);
  const octets: number[] = [];
  for (const character of name) {
    const unit = character.charCodeAt(0);
    if (character.length === 1 && unit >= 0xdc80 && unit <= 0xdcff) octets.push(unit & 0xff);
    else octets.push(...utf8.encode(character));
  }
  return Uint8Array.from(octets);
}

function decodeStrictly(octets: Uint8Array): string | null {
  try {
    return strictUtf8.decode(octets);
  } catch {
    return null;
  }
}
