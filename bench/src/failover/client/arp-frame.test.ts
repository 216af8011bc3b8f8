import { describe, expect, it } from "vitest";
import { decodeArpFrame, encodeWhoHas } from "./arp-frame.ts";

describe("an ARP frame", () => {
  const frame = encodeWhoHas("02:00:5e:00:53:0a", "198.18.128.1", "198.18.64.1");

  it("is a broadcast request as RFC 826 has it", () => {
    const header = "ffffffffffff02005e00530a0806";
    const sender = "02005e00530ac6128001";
    expect(Buffer.from(frame).toString("hex")).toBe(`${header}0001080006040001${sender}000000000000c6124001`);
  });

  it("is read as it was written", () => {
    expect(decodeArpFrame(frame)).toEqual({
      source: "02:00:5e:00:53:0a",
      senderAddress: "198.18.128.1",
      targetAddress: "198.18.64.1",
      isReply: false,
    });
  });

  it("is nothing when it is cut off, or of another protocol", () => {
    expect(decodeArpFrame(frame.subarray(0, 41))).toBeNull();
    expect(decodeArpFrame(frame.with(13, 0))).toBeNull();
    expect(decodeArpFrame(frame.with(15, 6))).toBeNull();
  });
});
