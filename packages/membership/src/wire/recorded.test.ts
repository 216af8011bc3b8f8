import { resolve } from "node:path";
import { octetsFromHex, readRecords } from "@herald-lb/sansio/testing";
import { describe, expect, it } from "vitest";
import { nobleCipher } from "../cipher.ts";
import { decodeMessage, encodeMessage, type Message } from "./message.ts";
import { decodePacket, encodePacket, type WireConfig } from "./packet.ts";
import { decodeStream, encodeStream, type StreamMessage } from "./stream.ts";

interface Row {
  readonly name: string;
  readonly protocol: "udp" | "tcp";
  readonly key: string | null;
  readonly hex: string;
}

const rows = readRecords<Row>(resolve(import.meta.dirname, "../../vectors/serf.jsonl"));
const packets = rows.filter(({ protocol }) => protocol === "udp");
const streams = rows.filter(({ protocol }) => protocol === "tcp");

function wireFor({ key }: Row): WireConfig {
  return {
    cipher: nobleCipher,
    keyring: key === null ? [] : [octetsFromHex(key)],
    label: new Uint8Array(),
    compression: false,
    verifyIncoming: true,
    verifyOutgoing: true,
    encryptionVersion: 1,
  };
}

function messagesOf(row: Row): readonly Message[] {
  const packet = decodePacket(wireFor(row), octetsFromHex(row.hex));
  if (!packet.ok) throw new Error(packet.error.code);
  expect(packet.value.errors).toEqual([]);
  return packet.value.messages;
}

function streamOf(row: Row): StreamMessage {
  const progress = decodeStream(wireFor(row), octetsFromHex(row.hex), true);
  if (!progress.ok) throw new Error(progress.error.code);
  if (progress.value.type === "incomplete") throw new Error("incomplete");
  return progress.value;
}

describe("packets that serf agents sent", () => {
  it("have every message of a probe, a join and a leave, in plaintext and encrypted", () => {
    for (const key of [true, false]) {
      const some = packets.filter((row) => (row.key !== null) === key);
      const types = new Set(some.flatMap((row) => messagesOf(row).map(({ type }) => type)));
      expect([...types].toSorted()).toEqual(["ackResp", "alive", "dead", "ping", "user"]);
    }
  });

  it.each(packets)("$name: decodes whole, and each message means the same when it is written again", (row) => {
    for (const message of messagesOf(row)) {
      const again = decodeMessage(encodeMessage(message));
      expect(again).toEqual({ ok: true, value: message });
      const nonce = new Uint8Array(12);
      const packet = decodePacket(wireFor(row), encodePacket(wireFor(row), encodeMessage(message), true, nonce));
      expect(packet).toMatchObject({ ok: true, value: { messages: [message], errors: [] } });
    }
  });

  it("do not open with another key", () => {
    const sealed = packets.find(({ key }) => key !== null) as Row;
    const wire = { ...wireFor(sealed), keyring: [new Uint8Array(32)] };
    expect(decodePacket(wire, octetsFromHex(sealed.hex))).toMatchObject({ ok: false });
  });
});

describe("streams that serf agents sent", () => {
  it.each(streams)("$name: is a push/pull of a join, and means the same when it is written again", (row) => {
    const message = streamOf(row);
    if (message.type !== "pushPull") throw new Error(message.type);
    expect(message.join).toBe(true);
    for (const { name, port, vsn } of message.nodes) {
      expect(name).toMatch(/^serf-[12]$/u);
      expect(port).toBe(7946);
      expect(vsn).toHaveLength(6);
    }
    const wire = wireFor(row);
    const again = decodeStream(wire, encodeStream(wire, message, true, new Uint8Array(12)), true);
    expect(again).toEqual({ ok: true, value: message });
  });
});
