/**
 * Asks a URL from each of several addresses of this machine on a fixed beat, each time on a connection of its own, and prints a line for every request in
 * the order in which they end: the address that asked, when it was sent (milliseconds since the epoch), then `ok` or what failed. Arguments: the
 * URL, the beat and how long an answer may take, both in milliseconds, and the addresses with commas between.
 */
import { get } from "node:http";

const [url = "", every = "50", timeout = "200", from = ""] = process.argv.slice(2);
const clients = from.split(",");

function ask(localAddress: string): void {
  const sent = Date.now();
  const tell = (outcome: string): void => void process.stdout.write(`${localAddress} ${sent} ${outcome}\n`);
  const options = { agent: false, localAddress, signal: AbortSignal.timeout(Number(timeout)) };
  const request = get(url, options, (response) => {
    response.resume();
    response.once("end", () => tell(response.statusCode === 200 ? "ok" : `status ${response.statusCode}`));
    response.once("error", (error) => tell(error.name));
  });
  request.once("error", (error: NodeJS.ErrnoException) => tell(error.code ?? error.name));
}

for (const [at, client] of clients.entries()) {
  // Spread over the beat: all at once would measure the machine.
  setTimeout(
    () => {
      ask(client);
      setInterval(() => ask(client), Number(every));
    },
    (Number(every) * at) / clients.length,
  );
}
