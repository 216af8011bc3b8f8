/** Carries TCP from a Unix socket to a host and port: Unix sockets cross network namespaces. Arguments: the socket's path, host, port. */
import { connect, createServer } from "node:net";

const [path = "", host = "", port = ""] = process.argv.slice(2);
createServer((near) => {
  const far = connect({ host, port: Number(port) });
  near.pipe(far).pipe(near);
  near.on("error", () => far.destroy());
  far.on("error", () => near.destroy());
}).listen(path);
