import type { Logger } from "./log.ts";

/**
 * Ends the process in order on SIGTERM and SIGINT: `stop` has `graceMs` to hand over and withdraw, then the process exits even if something
 * is still open. An unhandled rejection is a bug of ours: it is logged and the process exits, and the kubelet starts it again.
 */
export function runUntilSignal(log: Logger, graceMs: number, stop: () => Promise<void>): void {
  let ending = false;
  const end = (signal: string): void => {
    if (ending) return;
    log.info({ signal }, "stopping");
    ending = true;
    const timer = setTimeout(() => {
      log.error({ graceMs }, "stopping took too long: the process exits now");
      process.exit(1);
    }, graceMs);
    stop().then(
      () => {
        clearTimeout(timer);
        log.info("stopped");
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.once("SIGTERM", () => end("SIGTERM"));
  process.once("SIGINT", () => end("SIGINT"));
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, event);
      process.exit(70);
    });
  }
}
