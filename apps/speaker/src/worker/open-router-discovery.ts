import { openRouterDiscoverySocket, type PollLoop, readInterfaces } from "@herald-lb/host";
import { ok } from "@herald-lb/sansio";
import type { RouterDiscoveryOptions } from "./router-discovery.ts";

/** Opens sockets for router discovery on Linux. */
export function openRouterDiscoveryOn(loop: PollLoop): RouterDiscoveryOptions["openRouterDiscovery"] {
  return (device, onAdvertisement) => {
    const interfaces = readInterfaces();
    if (!interfaces.ok) return interfaces;
    const socket = openRouterDiscoverySocket(loop, { device, onAdvertisement });
    if (!socket.ok) return socket;
    const hardwareAddress = interfaces.value.find(({ name }) => name === device)?.mac ?? null;
    return ok({ ...socket.value, hardwareAddress });
  };
}
