/** The program in a Pod of the lab: answers every HTTP request with the pod's name and the address it saw the client under. */
import { createServer } from "node:http";

const [name = "pod", port = "8080"] = process.argv.slice(2);
createServer((request, response) => {
  response.setHeader("connection", "close");
  response.end(`${name} saw ${request.socket.remoteAddress ?? "nobody"}\n`);
}).listen({ host: "::", port: Number(port) });
process.once("SIGTERM", () => process.exit(0));
