import { runDaemon } from "@herald-lb/daemon";
import { monotonicClock } from "@herald-lb/host/clock";
import { CONTROLLER_FLAGS } from "./controller-flags.ts";
import { Controller } from "./controller.ts";
import { withWebhook } from "./webhook/with-webhook.ts";

await runDaemon({
  component: "controller",
  flags: CONTROLLER_FLAGS,
  required: [],
  clock: monotonicClock(),
  make: (context) => withWebhook(context, (of) => new Controller(of)),
});
