import { createMetrics, type DaemonContext, type RunningDaemon } from "@herald-lb/daemon";
import { Webhook } from "./webhook.ts";

/**
 * Creates the controller, with the webhook beside it where `--webhook-mode` is `enabled`; with `onlywebhook`, the webhook without a
 * controller. Neither waits for the other: the webhook answers while caches fill, and on every replica.
 */
export function withWebhook(context: DaemonContext, make: (context: DaemonContext) => RunningDaemon): RunningDaemon {
  const mode = context.flags.text("webhook-mode");
  if (mode === "disabled") return make(context);
  const assigning = mode === "enabled" ? make(context) : nothing();
  const webhook = new Webhook(context, assigning.metrics.registry);
  return {
    metrics: assigning.metrics,
    get healthChecks() {
      return [...assigning.healthChecks, webhook.healthCheck];
    },
    exposition: () => assigning.exposition(),
    start: async () => {
      await Promise.all([webhook.start(), assigning.start()]);
    },
    stop: async () => {
      await Promise.all([webhook.stop(), assigning.stop()]);
    },
  };
}

function nothing(): RunningDaemon {
  const metrics = createMetrics();
  const done = (): Promise<void> => Promise.resolve();
  return { metrics, healthChecks: [], exposition: () => metrics.exposition(), start: done, stop: done };
}
