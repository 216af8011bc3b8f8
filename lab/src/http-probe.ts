/**
 * Asks a URL again and again on a fixed beat, each time on a connection of its own, and prints a line for every request in the order in
 * which they end: when it was sent (milliseconds since the epoch), then `ok` or what failed. Arguments: the URL, the beat and how long an
 * answer may take, both in milliseconds, and the neighbour to forget before each request, if any.
 */
import { spawnSync } from "node:child_process";
import { get } from "node:http";

const [url = "", every = "50", timeout = "200", neighbour = ""] = process.argv.slice(2);
const ask = (): void => {
  if (neighbour !== "") spawnSync("ip", ["neigh", "flush", "to", neighbour]);
  const sent = Date.now();
  const tell = (outcome: string): void => void process.stdout.write(`${sent} ${outcome}\n`);
  const request = get(url, { agent: false, signal: AbortSignal.timeout(Number(timeout)) }, (response) => {
    response.resume();
    response.once("end", () => tell(response.statusCode === 200 ? "ok" : `status ${response.statusCode}`));
    response.once("error", (error) => tell(error.name));
  });
  request.once("error", (error: NodeJS.ErrnoException) => tell(error.code ?? error.name));
};
ask();
setInterval(ask, Number(every));
