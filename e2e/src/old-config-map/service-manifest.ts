/** The options of a Service, as MetalLB read them then. */
export interface ServiceOptions {
  readonly policy?: "Cluster" | "Local";
  readonly address?: string;
}

/** The manifest of a Service of type LoadBalancer. */
export function service(name: string, { policy = "Cluster", address }: ServiceOptions = {}): string {
  return `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: default}
spec:
  type: LoadBalancer
  externalTrafficPolicy: ${policy}
  ${address === undefined ? "" : `loadBalancerIP: ${address}`}
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: 8080}]
---`;
}
