import { join } from "node:path";
import { type LabHost, run, type Scope, until } from "@herald-lb/lab";

/** A BGP message as tshark saw it. */
export interface SeenMessage {
  readonly from: string;
  readonly type: string;
}

/** RFC 4271 §4.1 */
const TYPES: Readonly<Record<string, string>> = { 1: "OPEN", 2: "UPDATE", 3: "NOTIFICATION", 4: "KEEPALIVE" };

/** Records what a router hears of BGP from some addresses, until it is read. */
export async function captureBgp(
  scope: Scope,
  router: LabHost,
  from: readonly string[],
): Promise<{ readonly messages: () => Promise<readonly SeenMessage[]> }> {
  const file = join(scope.folder, "bgp.pcap");
  const filter = `tcp port 179 and (${from.map((address) => `src host ${address}`).join(" or ")})`;
  const tcpdump = scope.spawn({
    name: "tcpdump",
    namespace: router.namespace.name,
    command: "tcpdump",
    args: ["-i", "eth0", "--immediate-mode", "-U", "-Z", "root", "-w", file, filter],
  });
  await until("tcpdump to listen", () => tcpdump.output().includes("listening on"));
  return {
    async messages() {
      await tcpdump.stop("SIGINT");
      const fields = ["-T", "fields", "-e", "ip.src", "-e", "ipv6.src", "-e", "bgp.type"];
      const text = await run("tshark", ["-r", file, "-Y", "bgp", ...fields]);
      return text
        .split("\n")
        .filter((line) => line !== "")
        .flatMap((line) => {
          const [ipv4 = "", ipv6 = "", types = ""] = line.split("\t");
          return types.split(",").map((type) => ({ from: ipv4 === "" ? ipv6 : ipv4, type: TYPES[type] ?? type }));
        });
    },
  };
}
