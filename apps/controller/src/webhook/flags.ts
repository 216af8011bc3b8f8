import type { Flag } from "@herald-lb/daemon";

/** The webhook's flags: MetalLB's, and Herald's own behind them. */
export const WEBHOOK_FLAGS: readonly Flag[] = [
  {
    name: "webhook-mode",
    type: "string",
    default: "disabled",
    choices: ["enabled", "disabled", "onlywebhook"],
    help: "unlike MetalLB's, which is enabled by default; onlywebhook assigns no addresses",
  },
  {
    name: "disable-cert-rotation",
    type: "boolean",
    default: false,
    help: "the webhook serves with the files of --cert-dir, and who provides them provides caBundle as well",
  },
  {
    name: "cert-dir",
    type: "string",
    default: "/tmp/k8s-webhook-server/serving-certs",
    help: "folder with tls.crt and tls.key, for --disable-cert-rotation alone",
  },
  { name: "cert-service-name", type: "string", default: "metallb-webhook-service" },
  { name: "webhook-secret", type: "string", default: "metallb-webhook-cert" },
  { name: "webhook-http2", type: "boolean", default: false },
  // Herald's own.
  { name: "webhook-host", type: "string", default: "" },
  { name: "webhook-port", type: "number", default: 9443 },
  {
    name: "webhook-cert-lifetime",
    type: "number",
    default: 7_776_000,
    help: "seconds that a certificate of the webhook lasts, renewed when a third is left",
  },
];
