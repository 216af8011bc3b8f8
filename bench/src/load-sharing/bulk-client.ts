/**
 * Downloads from a URL over one connection from each of several addresses of this machine, and prints as JSON the octets that each received, and the pod that sent them.
 * Arguments: the URL, the seconds before and during the count, and the addresses with commas between.
 */
import { get } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

const [url = "", warmUp = "2", seconds = "10", from = ""] = process.argv.slice(2);
const received = from.split(",").map((client) => ({ client, pod: "", octets: 0 }));

for (const entry of received) {
  const request = get(url, { agent: false, localAddress: entry.client }, (response) => {
    entry.pod = String(response.headers["x-pod"]);
    response.on("data", (octets: Buffer) => void (entry.octets += octets.length));
    response.once("error", () => {});
  });
  request.once("error", (error) => void process.stderr.write(`${entry.client}: ${error.message}\n`));
}
await pause(Number(warmUp) * 1_000);
for (const entry of received) entry.octets = 0;
const began = performance.now();
await pause(Number(seconds) * 1_000);
process.stdout.write(`${JSON.stringify({ milliseconds: performance.now() - began, received })}\n`);
process.exit();
