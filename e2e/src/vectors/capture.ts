import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Namespace, run, type Scope, until } from "@herald-lb/lab";

/** Frames on one interface, from the start of a capture to its end. */
export interface Capture {
  /** Ends the capture and returns its frames, each a whole Ethernet frame in the order of the wire. */
  readonly frames: () => Promise<readonly Uint8Array[]>;
  /** After `frames`: what tshark reads in each frame, by the field's name; absent fields are left out. */
  readonly fields: (names: readonly string[]) => Promise<readonly Readonly<Record<string, string>>[]>;
}

/** Octets of the header of a pcap file, and of the header of each frame in it. */
const FILE_HEADER = 24;
const FRAME_HEADER = 16;
const CAPTURED_LENGTH = 8;

/** Starts tcpdump on an interface; resolves when it listens. */
export async function startCapture(scope: Scope, namespace: Namespace, name: string, filter: string): Promise<Capture> {
  const file = join(scope.folder, `${name}.pcap`);
  const daemon = scope.spawn({
    name: `capture-${name}`,
    namespace: namespace.name,
    command: "tcpdump",
    args: ["-i", "eth0", "-U", "--immediate-mode", "-Z", "root", "-w", file, filter],
  });
  await until("tcpdump to listen", () => daemon.output().includes("listening on"));
  return {
    async frames() {
      await daemon.stop("SIGINT");
      return framesOf(readFileSync(file));
    },
    async fields(names) {
      const wanted = names.flatMap((field) => ["-e", field]);
      const lines = await run("tshark", ["-r", file, "-T", "fields", "-E", "separator=|", ...wanted]);
      return lines
        .replace(/\n$/u, "")
        .split("\n")
        .map((line) => {
          const values = line.split("|");
          const present = names
            .map((name, at) => [name, values[at] ?? ""] as const)
            .filter(([, value]) => value !== "");
          return Object.fromEntries(present);
        });
    },
  };
}

/** The frames of a pcap file of a little-endian machine. */
function framesOf(file: Buffer): readonly Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = FILE_HEADER; at + FRAME_HEADER <= file.length; ) {
    const length = file.readUInt32LE(at + CAPTURED_LENGTH);
    frames.push(new Uint8Array(file.subarray(at + FRAME_HEADER, at + FRAME_HEADER + length)));
    at += FRAME_HEADER + length;
  }
  return frames;
}

/** The payload of a UDP datagram or TCP segment over IPv4 or IPv6 without extension headers. */
export interface Transported {
  readonly source: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** The transport payload of an Ethernet frame; null for other protocols. */
export function transportedBy(frame: Uint8Array): Transported | null {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  const isIpv4 = view.getUint16(12) === 0x0800;
  const ip = 14;
  const header = isIpv4 ? ((frame[ip] as number) & 15) * 4 : 40;
  const protocol = frame[isIpv4 ? ip + 9 : ip + 6];
  const end = isIpv4 ? ip + view.getUint16(ip + 2) : ip + 40 + view.getUint16(ip + 4);
  const transport = ip + header;
  if (protocol !== 6 && protocol !== 17) return null;
  const length = protocol === 17 ? 8 : ((frame[transport + 12] as number) >> 4) * 4;
  const source = isIpv4 ? [...frame.subarray(ip + 12, ip + 16)].join(".") : hexOf(frame.subarray(ip + 8, ip + 24));
  return {
    source,
    sourcePort: view.getUint16(transport),
    destinationPort: view.getUint16(transport + 2),
    payload: frame.slice(transport + length, end),
  };
}

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}
