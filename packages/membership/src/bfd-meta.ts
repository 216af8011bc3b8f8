/** The text before the port in a node's meta. MetalLB's speakers have no meta and ignore that of others. */
const PREFIX = "herald bfd=";

/** The meta of a node that has BFD sessions on a UDP port. */
export function bfdMeta(port: number): Uint8Array {
  return new TextEncoder().encode(`${PREFIX}${port}`);
}

/** The UDP port of a node's BFD sessions, from its meta; null for a node that has none, such as a speaker of MetalLB. */
export function bfdPortOf(meta: Uint8Array): number | null {
  const text = new TextDecoder().decode(meta);
  if (!text.startsWith(PREFIX)) return null;
  const digits = text.slice(PREFIX.length);
  const port = /^[1-9][0-9]{0,4}$/.test(digits) ? Number(digits) : 0;
  return port > 0 && port < 0x1_0000 ? port : null;
}
