/** metav1.MicroTime text of a wall-clock time in milliseconds: six digits of a second, as `"2026-01-02T03:04:05.678000Z"`. */
export function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("Z", "000Z");
}

/** metav1.Time text of a wall-clock time in milliseconds: whole seconds. */
export function secondTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, "Z");
}
