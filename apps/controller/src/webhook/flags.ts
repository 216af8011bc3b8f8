import type { Flag } from "@herald-lb/daemon";

/** The webhook's flags: MetalLB's, and Herald's own behind them. */
export const WEBHOOK_FLAGS: readonly Flag[] = [
  {
    name: "webhook-mode",
    type: "string",
    default: "disabled",
    choices: ["enabled", "disabled", "onlywebhook"],
    help: "serve the validating webhook; disabled by default, unlike MetalLB's; onlywebhook serves it and assigns no addresses",
  },
  {
    name: "disable-cert-rotation",
    type: "boolean",
    default: false,
    help: "serve the webhook with the certificate in --cert-dir; its provider has to set caBundle as well",
  },
  {
    name: "cert-dir",
    type: "string",
    default: "/tmp/k8s-webhook-server/serving-certs",
    help: "folder with tls.crt and tls.key; used only with --disable-cert-rotation",
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
    help: "lifetime of the webhook's certificate in seconds; it is renewed when a third is left",
  },
];
