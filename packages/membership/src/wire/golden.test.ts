import { hexOf, octetsFromHex, readVectors } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { nobleCipher } from "../cipher.ts";
import { nodeNameFromOctets } from "../node-name.ts";
import { confirmedTimeout, pushPullScale, retransmitLimit, suspicionTimeout } from "../timing.ts";
import { decodeCompound, encodeCompound } from "./compound.ts";
import { decodeCompress, encodeCompress } from "./compress.ts";
import { decodeCrc, encodeCrc } from "./crc.ts";
import { openPayload, sealPayload } from "./encryption.ts";
import { decodeLabel, encodeLabel } from "./label.ts";
import { decodeMessage, encodeMessage } from "./message.ts";
import type { WireConfig } from "./packet.ts";
import { decodeStream, decodeStreamMessage, encodeStream, encodeStreamMessage } from "./stream.ts";

interface Golden {
  readonly kind: string;
  readonly [key: string]: unknown;
}

const rows = readVectors<Golden>("memberlist-golden.jsonl") ?? [];
const text = new TextEncoder();

const base64 = (value: unknown): Uint8Array | null =>
  value === null ? null : Uint8Array.from(Buffer.from(value as string, "base64"));

/** The record as Go printed it, in our field names. */
function valueOf(go: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const octetFields = ["SourceAddr", "Target", "Payload", "Addr", "Meta", "Vsn"];
  return Object.fromEntries(
    Object.entries(go).map(([key, value]) => {
      const name = key.charAt(0).toLowerCase() + key.slice(1);
      if (octetFields.includes(key)) return [name, base64(value)];
      if (key === "Error") return [name, text.encode(value as string)];
      return [name, value];
    }),
  );
}

function ofKind(kind: string): Golden[] {
  return rows.filter((row) => row.kind === kind);
}

const octetsOf = (row: Golden, key = "hex"): Uint8Array => octetsFromHex(row[key] as string);

/** The text that Go's JSON made of octets that are not UTF-8. */
const lossy = (name: unknown): unknown =>
  typeof name === "string" ? name.replaceAll(/[\udc80-\udcff]/g, "\ufffd") : name;

describe.runIf(rows.length > 0)("memberlist's own octets", () => {
  const covered = new Set<string>();
  const each = (kind: string): Golden[] => {
    covered.add(kind);
    return ofKind(kind);
  };

  it("reads and writes every message", () => {
    const messages = each("message");
    expect(messages).toHaveLength(27);
    for (const row of messages) {
      const octets = octetsOf(row);
      const decoded = decodeMessage(octets);
      if (!decoded.ok) throw new Error(`${hexOf(octets)}: ${JSON.stringify(decoded.error)}`);
      const { type: _type, ...fields } = decoded.value;
      const readable = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, lossy(value)]));
      expect(readable, hexOf(octets)).toEqual(valueOf(row["value"] as Record<string, unknown>));
      expect(hexOf(encodeMessage(decoded.value))).toBe(hexOf(octets));
    }
  });

  it("takes compound messages apart and puts them together", () => {
    for (const row of each("compound")) {
      const decoded = decodeCompound(octetsOf(row));
      if (!decoded.ok) throw new Error(decoded.error.code);
      expect(decoded.value.truncated).toBe(0);
      expect(decoded.value.parts).toHaveLength(row["parts"] as number);
      expect(hexOf(encodeCompound(decoded.value.parts))).toBe(row["hex"]);
    }
    for (const row of each("compounds300")) {
      const counts = (row["hex"] as string[]).map((hex) => {
        const decoded = decodeCompound(octetsFromHex(hex));
        if (!decoded.ok) throw new Error(decoded.error.code);
        expect(hexOf(encodeCompound(decoded.value.parts))).toBe(hex);
        return decoded.value.parts.length;
      });
      expect(counts).toEqual([255, 45]);
    }
    for (const row of each("compound-truncated")) {
      const decoded = decodeCompound(octetsOf(row));
      if (!decoded.ok) throw new Error(decoded.error.code);
      expect(decoded.value.truncated).toBe(row["trunc"]);
      expect(decoded.value.parts.map(hexOf)).toEqual(row["parts"]);
    }
  });

  it("compresses bit for bit, and expands", () => {
    const compressed = each("compress");
    expect(compressed).toHaveLength(8);
    for (const row of compressed) {
      expect(decodeCompress(octetsOf(row), 1 << 20)).toEqual({ ok: true, value: octetsOf(row, "plain") });
      expect(hexOf(encodeCompress(octetsOf(row, "plain")))).toBe(row["hex"]);
    }
  });

  it("checks and makes checksums and labels", () => {
    for (const row of each("crc")) {
      expect(decodeCrc(octetsOf(row))).toEqual({ ok: true, value: octetsOf(row, "plain") });
      expect(hexOf(encodeCrc(octetsOf(row, "plain")))).toBe(row["hex"]);
    }
    for (const row of each("label")) {
      const label = text.encode(row["label"] as string);
      expect(decodeLabel(octetsOf(row))).toEqual({ label, rest: octetsOf(row, "plain") });
      expect(hexOf(encodeLabel(label, octetsOf(row, "plain")))).toBe(row["hex"]);
    }
  });

  it("decrypts, and encrypts to the same octets with the same nonce", () => {
    const encrypted = each("encrypt");
    expect(encrypted).toHaveLength(84);
    for (const row of encrypted) {
      const octets = octetsOf(row);
      const [key, aad, plain] = [octetsOf(row, "key"), octetsOf(row, "aad"), octetsOf(row, "plain")];
      expect(openPayload(nobleCipher, [new Uint8Array(32), key], octets, aad)).toEqual({ ok: true, value: plain });
      const sealed = sealPayload(nobleCipher, row["version"] as 0 | 1, key, octets.subarray(1, 13), plain, aad);
      expect(hexOf(sealed)).toBe(row["hex"]);
    }
  });

  it("reads and writes push/pulls and user messages of streams", () => {
    for (const row of each("pushpull")) {
      const octets = octetsOf(row);
      const decoded = decodeStreamMessage(octets);
      if (!decoded.ok || decoded.value.type !== "pushPull") throw new Error(JSON.stringify(decoded));
      const { join, nodes, userState } = decoded.value;
      const header = row["header"] as { Nodes: number; UserStateLen: number; Join: boolean };
      expect([join, nodes.length, userState.length]).toEqual([header.Join, header.Nodes, header.UserStateLen]);
      expect(hexOf(userState)).toBe(row["user"]);
      const states = (row["states"] as Record<string, unknown>[] | null) ?? [];
      expect(nodes.map((node) => ({ ...node, name: lossy(node.name) }))).toEqual(states.map(valueOf));
      expect(hexOf(encodeStreamMessage(decoded.value))).toBe(hexOf(octets));
    }
    for (const row of each("userstream")) {
      const decoded = decodeStreamMessage(octetsOf(row));
      expect(decoded).toEqual({ ok: true, value: { type: "user", payload: octetsOf(row, "user") } });
      if (decoded.ok) expect(hexOf(encodeStreamMessage(decoded.value))).toBe(row["hex"]);
    }
  });

  it("reads and writes encrypted frames of streams", () => {
    for (const row of each("encstream")) {
      const label = text.encode(row["label"] as string);
      const wire: WireConfig = {
        cipher: nobleCipher,
        keyring: [octetsOf(row, "key")],
        label,
        compression: false,
        verifyIncoming: true,
        verifyOutgoing: true,
        encryptionVersion: 1,
      };
      const decoded = decodeStream(wire, octetsOf(row), false);
      if (!decoded.ok || decoded.value.type !== "ping") throw new Error(JSON.stringify(decoded));
      expect(hexOf(encodeMessage(decoded.value))).toBe(row["plain"]);
      expect(hexOf(encodeStream(wire, decoded.value, false, octetsOf(row).subarray(6, 18)))).toBe(row["hex"]);
    }
  });

  it("counts and times as memberlist does", () => {
    for (const row of each("math")) {
      const n = row["n"] as number;
      expect(pushPullScale(30_000, n)).toBe(row["pushPullScale_30s_ms"]);
      expect(retransmitLimit(4, n)).toBe(row["retransmitLimit_mult4"]);
      expect(suspicionTimeout(4, n, 1000)).toBe(row["suspicionTimeout_4_1s_ms"]);
      expect(suspicionTimeout(6, n, 5000)).toBe(row["suspicionTimeout_6_5s_ms"]);
    }
    for (const row of each("suspicion")) {
      const timeout = confirmedTimeout(
        row["n"] as number,
        row["k"] as number,
        row["min_ms"] as number,
        row["max_ms"] as number,
      );
      expect(timeout - (row["elapsed_ms"] as number)).toBe(row["remaining_ms"]);
    }
  });

  it("leaves no kind of record out", () => {
    expect([...covered].toSorted()).toEqual([...new Set(rows.map((row) => row.kind))].toSorted());
    expect(rows).toHaveLength(177);
  });
});

describe("names on the wire", () => {
  it("keeps octets that are no UTF-8 apart", () => {
    expect(nodeNameFromOctets(Uint8Array.of(0x6e, 0xff))).toBe("n\udcff");
  });
});
