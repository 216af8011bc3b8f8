import { type Lab, until } from "@herald-lb/lab";

/** An Event as far as it is read. */
export interface SeenEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** Waits for an Event about an object that `matches`. */
export function untilEvent(
  lab: Lab,
  { kind, name, namespace }: { readonly kind: string; readonly name: string; readonly namespace: string },
  matches: (event: SeenEvent) => boolean,
): Promise<SeenEvent> {
  const selector = `--field-selector=involvedObject.kind=${kind},involvedObject.name=${name}`;
  return until(`an Event about ${kind} ${name}`, async () => {
    const text = await lab.cluster.kubectl(["get", "events", "-n", namespace, selector, "-o", "json"]);
    const { items } = JSON.parse(text) as { readonly items: readonly SeenEvent[] };
    return items.find(matches) ?? null;
  });
}
