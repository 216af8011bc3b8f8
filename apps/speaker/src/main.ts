import { existsSync } from "node:fs";
import { runDaemon } from "@herald-lb/daemon";
import { monotonicClock } from "@herald-lb/host";
import { SPEAKER_FLAGS } from "./speaker-flags.ts";
import { linuxHost } from "./linux-host.ts";
import { Speaker } from "./speaker.ts";

/** The bundle's worker lies beside it; run from the sources it is a folder down. */
const bundled = new URL("./worker.js", import.meta.url);
const worker = existsSync(bundled) ? bundled : new URL("./worker/main.ts", import.meta.url);

await runDaemon({
  component: "speaker",
  flags: SPEAKER_FLAGS,
  required: ["node-name"],
  clock: monotonicClock(),
  extraStopTime: (flags) => flags.number("bgp-graceful-shutdown-limit"),
  make(context) {
    const node = context.flags.text("node-name");
    return new Speaker({ ...context, log: context.log.child({ node }), node, host: linuxHost(worker) });
  },
});
