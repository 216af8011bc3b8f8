/**
 * Opens as many connections to an address as its arguments say, `ADDRESS PORT COUNT OCTETS`, sends so many octets of an OPEN on each, one a segment, and
 * holds them until it is stopped. Prints how many were opened and how many of them the other side closed.
 */
import { connect } from "node:net";

/** The number of connections under way: what the kernel's queue of a listener drops comes again only after seconds. */
const AT_ONCE = 32;

const [, , host = "", port = "", count = "", octets = ""] = process.argv;
const header = Buffer.concat([Buffer.alloc(16, 0xff), Buffer.from([0, 45, 1, 4])]).subarray(0, Number(octets));
let opened = 0;
let closed = 0;

function open(): void {
  opened++;
  const socket = connect({ host, port: Number(port), noDelay: true });
  socket.resume();
  socket.on("connect", () => {
    for (const octet of header) socket.write(Uint8Array.of(octet));
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    closed++;
    if (opened < Number(count)) open();
    else process.stdout.write(`opened ${opened}, closed ${closed}\n`);
  });
}

for (let n = 0; n < AT_ONCE; n++) open();
process.stdin.resume();
