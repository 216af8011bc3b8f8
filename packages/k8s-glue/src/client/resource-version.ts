const decimal = /^[0-9]{1,40}$/;

/**
 * True if version `a` is certainly older than `b`. Versions of one kind of object compare as numbers; anything else, which no
 * Kubernetes API server sends, is unknown.
 */
export function isOlderVersion(a: string, b: string): boolean {
  return decimal.test(a) && decimal.test(b) && BigInt(a) < BigInt(b);
}
