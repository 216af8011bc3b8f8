/**
 * Opens as many connections to an address as its arguments say, `ADDRESS PORT COUNT OCTETS`, sends so many octets of an OPEN on each, one a segment, and
 * holds them until it is stopped. Prints how many were opened and how many of them the other side closed.
 */
import { connect, type Socket } from "node:net";

const [, , host = "", port = "", count = "", octets = ""] = process.argv;
const header = Buffer.concat([Buffer.alloc(16, 0xff), Buffer.from([0, 45, 1, 4])]).subarray(0, Number(octets));
const open = new Set<Socket>();
let settled = 0;
let closed = 0;

function settle(): void {
  settled++;
  if (settled >= Number(count)) process.stdout.write(`opened ${settled}, closed ${closed}\n`);
}

for (let n = 0; n < Number(count); n++) {
  const socket = connect({ host, port: Number(port), noDelay: true });
  let isSettled = false;
  socket.resume();
  socket.on("connect", () => {
    open.add(socket);
    for (const octet of header) socket.write(Uint8Array.of(octet));
    isSettled = true;
    settle();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    open.delete(socket);
    closed++;
    if (!isSettled) settle();
    if (settled >= Number(count)) process.stdout.write(`opened ${settled}, closed ${closed}\n`);
  });
}
process.stdin.resume();
