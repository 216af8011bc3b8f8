import type { FamilyPolicy } from "@herald-lb/allocator";
import type { Service } from "@herald-lb/k8s-glue/objects";
import { err, familyOf, type IpFamily, ok, parseIpAddress, type Result } from "@herald-lb/sansio";
import type { DemandRefusal } from "./demand-refusal.ts";

/** The IP families that a Service's load balancer needs: those of its cluster IPs, combined by its ipFamilyPolicy. */
export function familiesOf(service: Service): Result<FamilyPolicy, DemandRefusal> {
  const spec = service.spec ?? {};
  const written = spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP]);
  const clusterIPs = written.filter((text) => text !== "");
  const families: IpFamily[] = [];
  for (const text of clusterIPs) {
    const address = parseIpAddress(text);
    if (!address.ok) return err({ code: "BadClusterIPs", clusterIPs });
    families.push(familyOf(address.value));
  }
  const [first, second] = families;
  const policy = spec.ipFamilyPolicy ?? "SingleStack";
  if (first === undefined) return err({ code: "NoClusterIP" });
  if (second === undefined) {
    if (policy === "RequireDualStack") return err({ code: "NotEnoughClusterIPs", clusterIPs });
    return ok({ type: "All", families: [first] });
  }
  if (families.length > 2 || first === second) return err({ code: "BadClusterIPs", clusterIPs });
  if (policy === "SingleStack") return err({ code: "FamilyPolicyMismatch", policy, clusterIPs });
  const primary = spec.ipFamilies?.[0] === "IPv6" ? "IPv6" : "IPv4";
  if (policy === "PreferDualStack") return ok({ type: "PreferBoth", primary });
  return ok({ type: "All", families: primary === "IPv4" ? ["IPv4", "IPv6"] : ["IPv6", "IPv4"] });
}
