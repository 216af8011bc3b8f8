/** Answers a request for `/bulk` with octets without end, any other with a word, and both with the name of its pod as a header. Arguments: the name and the port. */
import { createServer } from "node:http";
import { Readable } from "node:stream";

const [name = "", port = "8080"] = process.argv.slice(2);
const chunk = Buffer.alloc(65_536, name);

createServer((request, response) => {
  response.setHeader("x-pod", name);
  if (request.url !== "/bulk") return void response.end("ok");
  const body = new Readable({
    read() {
      this.push(chunk);
    },
  });
  response.once("close", () => body.destroy());
  body.pipe(response);
}).listen(Number(port), "::");
