/** Waits for a condition with a deadline: asks every `everyMs` until the answer is neither null nor false, and throws with `what` when it never is. */
export async function until<Value>(
  what: string,
  ask: () => Promise<Value | null | false> | Value | null | false,
  options: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<Value> {
  const timeoutMs = options.timeoutMs ?? 30_000;
  const deadline = performance.now() + timeoutMs;
  let trouble = "";
  while (performance.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== null && answer !== false) return answer;
      trouble = "";
    } catch (error) {
      trouble = `: ${String(error)}`;
    }
    await new Promise((resolve) => void setTimeout(resolve, options.everyMs ?? 50));
  }
  throw new Error(`waited ${timeoutMs} ms for ${what}${trouble}`);
}
