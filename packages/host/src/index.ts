export { monotonicClock, monotonicNow } from "./clock.ts";
export { readDefaultGateways } from "./default-gateways.ts";
export { interfaceIndex } from "./interface-index.ts";
export { type AddressScope, type NetworkInterface, type InterfaceAddress } from "./interface-table.ts";
export { type MulticastMembership, openMulticastMembership } from "./multicast.ts";
export { enterNetworkNamespace, inNetworkNamespace } from "./network-namespace.ts";
export { openPacketSocket, type PacketProtocol, type PacketSocket, type PacketSocketOptions } from "./packet-socket.ts";
export { createPollLoop, type PollLoop } from "./poll-loop.ts";
export { type InterfaceObserver, readInterfaces, watchInterfaces } from "./route-netlink.ts";
export {
  openRouterDiscoverySocket,
  type RouterDiscoverySocket,
  type RouterDiscoverySocketOptions,
} from "./router-discovery-socket.ts";
export type { SocketAddress } from "./socket-address.ts";
export type { SystemError } from "./system-error.ts";
export {
  type ConnectOptions,
  connectTcp,
  type ListenOptions,
  listenTcp,
  setSocketTtl,
  type TcpListener,
  type TcpOptions,
} from "./tcp.ts";
export type { Md5Key } from "./tcp-md5.ts";
export { openUdpSocket, type UdpSocket, type UdpSocketOptions } from "./udp-socket.ts";
export { startWorker, type WorkerHandle, type WorkerThreadOptions } from "./worker-handle.ts";
export { openWorkerMailbox, type WorkerMailbox } from "./worker-mailbox.ts";
