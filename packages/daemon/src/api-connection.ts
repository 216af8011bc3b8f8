import type { Clock } from "@herald-lb/sansio";
import { createTransport, loadCredentials, type Transport } from "@herald-lb/k8s-glue/client";
import type { FlagValues } from "./flags.ts";
import type { Metrics } from "./metrics.ts";

/** The way to the API server, counted. */
export interface ApiConnection {
  readonly transport: Transport;
  /** Where requests are counted from now on. */
  readonly countIn: (metrics: Metrics) => void;
}

/** The API server that the flags `kubeconfig` and `kube-context` name, else that of the pod. Rejects when there is none. */
export async function connectToApiServer(component: string, flags: FlagValues, clock: Clock): Promise<ApiConnection> {
  const kubeconfig = flags.text("kubeconfig");
  const context = flags.text("kube-context");
  const credentials = await loadCredentials({
    env: process.env,
    ...(kubeconfig === "" ? {} : { kubeconfig }),
    ...(context === "" ? {} : { context }),
  });
  let metrics: Metrics | null = null;
  const transport = createTransport(credentials, {
    clock,
    random: Math.random,
    userAgent: `${component}/0.1.0 (linux)`,
    onRequest: ({ method, path, status, code }) => {
      metrics?.apiRequests.inc({ method, status: String(status) });
      // A review is asked by POST and writes nothing.
      if (method === "GET" || path.endsWith("reviews")) return;
      metrics?.updates.inc();
      if (code !== null) metrics?.updateErrors.inc();
    },
  });
  return {
    transport,
    countIn(counted) {
      metrics = counted;
    },
  };
}
