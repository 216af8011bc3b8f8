import { readFileSync } from "node:fs";

const SERVICE_ACCOUNT_NAMESPACE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

/** The namespace of the daemon: the flag's, else that of the Pod's service account, else MetalLB's own, `metallb-system`. */
export function namespaceOf(flag: string): string {
  if (flag !== "") return flag;
  try {
    return readFileSync(SERVICE_ACCOUNT_NAMESPACE, "utf8").trim();
  } catch {
    return "metallb-system";
  }
}
