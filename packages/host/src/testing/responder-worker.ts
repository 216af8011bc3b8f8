import { openPacketSocket, type PacketSocket } from "../packet-socket.ts";
import { createPollLoop } from "../poll-loop.ts";
import { enterNetworkNamespace } from "../network-namespace.ts";
import { watchInterfaces } from "../route-netlink.ts";
import { openWorkerMailbox } from "../worker-mailbox.ts";

// Answers every ARP request on `eth` in its namespace: the smallest responder, for the tests of the sockets beneath it.
const loop = createPollLoop();
let socket: PacketSocket | null = null;
let bound = 0;
const mailbox = openWorkerMailbox<{ namespace: string }, string, unknown>(loop, (message) => {
  mailbox.post({ type: "Echo", message });
});
enterNetworkNamespace(mailbox.data.namespace);

function answer(request: Uint8Array, mac: Uint8Array): Uint8Array {
  const frame = request.slice(0, 42);
  frame.set(request.subarray(6, 12), 0);
  frame.set(mac, 6);
  frame[21] = 2;
  frame.set(mac, 22);
  frame.set(request.subarray(38, 42), 28);
  frame.set(request.subarray(22, 32), 32);
  return frame;
}

watchInterfaces(loop, {
  onError: (error) => mailbox.post({ type: "Failed", error }),
  onChange: (interfaces) => {
    mailbox.post({ type: "Interfaces", interfaces });
    const eth = interfaces.find(({ name }) => name === "eth");
    if (eth === undefined || eth.mac === null || eth.index === bound) return;
    socket?.close();
    bound = eth.index;
    const mac = Uint8Array.from(eth.mac.split(":"), (octet) => Number.parseInt(octet, 16));
    const opened = openPacketSocket(loop, {
      interfaceIndex: eth.index,
      protocol: "ARP",
      onFrame: (frame) => {
        if (frame[21] === 1) socket?.send(answer(frame, mac));
      },
      onGone: () => mailbox.post({ type: "Gone" }),
    });
    if (opened.ok) socket = opened.value;
    mailbox.post(opened.ok ? { type: "Bound", index: eth.index } : { type: "Failed", error: opened.error });
  },
});
loop.run();
