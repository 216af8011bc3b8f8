import { openMulticastMembership, openPacketSocket, type PollLoop } from "@herald-lb/host";
import { ok } from "@herald-lb/sansio";
import type { OpenInterface } from "./interface-sockets.ts";

/** Opens interfaces on Linux: a packet socket for ARP, one for Neighbor Discovery, and a socket that joins groups. */
export function openInterfaceOn(loop: PollLoop): OpenInterface {
  return (index, onFrame, onGone) => {
    const open = (protocol: "ARP" | "NDP"): ReturnType<typeof openPacketSocket> =>
      openPacketSocket(loop, { interfaceIndex: index, protocol, onFrame, onGone });
    const arp = open("ARP");
    if (!arp.ok) return arp;
    const ndp = open("NDP");
    if (!ndp.ok) {
      arp.value.close();
      return ndp;
    }
    const sockets = { ARP: arp.value, NDP: ndp.value };
    const groups = openMulticastMembership(index);
    return ok({
      send: (frame, protocol) => void sockets[protocol].send(frame),
      join: (group) => void groups.join(group),
      leave: (group) => groups.leave(group),
      discard() {
        sockets.ARP.discard();
        sockets.NDP.discard();
      },
      close() {
        sockets.ARP.close();
        sockets.NDP.close();
        groups.close();
      },
    });
  };
}
