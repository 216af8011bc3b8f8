import { readFileSync } from "node:fs";

const SERVICE_ACCOUNT_NAMESPACE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/** The namespace to work in: what the flag or environment says, else that of the pod's service account, else MetalLB's own. */
export function namespaceOf(flag: string): string {
  if (flag !== "") return flag;
  try {
    return readFileSync(SERVICE_ACCOUNT_NAMESPACE, "utf8").trim();
  } catch {
    return "metallb-system";
  }
}
