import { inNetworkNamespace, openUdpSocket, type PollLoop, type UdpSocket } from "@herald-lb/host";
import { type IpAddress, parseIpAddress } from "@herald-lb/sansio";
import type { ClientPlace } from "./message.ts";

/** The part of a client that sends datagrams the way programs do: its kernel knows the neighbour, or asks for it. */
export interface Sending {
  /** Sends request number `sequence`. */
  readonly send: (address: string, sequence: number) => void;
}

const ANY: IpAddress = addressOf("0.0.0.0");

/** Opens the sending socket, and on every node the echo that answers with the node's name. */
export function openSending(
  loop: PollLoop,
  place: ClientPlace,
  onAnswer: (sequence: number, node: string) => void,
): Sending {
  for (const { name, namespace } of place.nodes) {
    const echo = open(loop, namespace, place.port, (octets, from) => {
      echo.send(Buffer.concat([octets.subarray(0, 4), Buffer.from(name)]), from);
    });
  }
  const socket = open(loop, place.sending, 0, (octets) => {
    const answer = Buffer.from(octets);
    onAnswer(answer.readUInt32BE(0), answer.toString("utf8", 4));
  });
  return {
    send: (address, sequence) => {
      const octets = Buffer.alloc(4);
      octets.writeUInt32BE(sequence);
      socket.send(octets, { address: addressOf(address), port: place.port, scopeId: 0 });
    },
  };
}

function open(
  loop: PollLoop,
  namespace: string,
  port: number,
  onDatagram: Parameters<typeof openUdpSocket>[1]["onDatagram"],
): UdpSocket {
  const opened = inNetworkNamespace(namespace, () => openUdpSocket(loop, { address: ANY, port, onDatagram }));
  if (!opened.ok) throw new Error(`a UDP socket in ${namespace}: ${opened.error.code}`);
  return opened.value;
}

function addressOf(text: string): IpAddress {
  const parsed = parseIpAddress(text);
  if (!parsed.ok) throw new Error(`no address: ${text}`);
  return parsed.value;
}
