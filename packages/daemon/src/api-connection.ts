import type { Clock } from "@herald-lb/sansio";
import { createTransport, loadCredentials, type Transport } from "@herald-lb/k8s-glue/client";
import type { FlagValues } from "./flags.ts";
import type { Metrics } from "./metrics.ts";

/** A connection to the API server whose requests are counted. */
export interface ApiConnection {
  readonly transport: Transport;
  /** Counts the requests from now on in these metrics. */
  readonly countIn: (metrics: Metrics) => void;
}

/**
 * Connects to the API server that the flags `kubeconfig` and `kube-context` name, else to the one of the pod. Rejects when neither names
 * one.
 */
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
      // A review is a POST and writes nothing.
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
