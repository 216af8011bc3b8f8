import type { Lab } from "@herald-lb/lab";

interface ServiceObject {
  readonly status: { readonly conditions?: readonly Readonly<Record<"type" | "message", string>>[] };
}

/** The condition of a Service about conflicts, its message without the advice at the end; undefined for none. */
export async function conflictCondition(lab: Lab, service: string): Promise<string | undefined> {
  const { status } = JSON.parse(await lab.cluster.kubectl(["get", "service", service, "-o", "json"])) as ServiceObject;
  const found = status.conditions?.find(({ type }) => type === "herald-lb.io/LoadBalancerAddressConflict");
  return found?.message.split(". Find")[0];
}
