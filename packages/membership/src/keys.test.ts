import { sha256 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { addKey, createKeyring, removeKey, useKey } from "./keyring.ts";
import { metallbKey } from "./metallb-key.ts";

const key = (fill: number, length = 32): Uint8Array => new Uint8Array(length).fill(fill);

describe("MetalLB's key", () => {
  it.each([
    {
      name: "of no secret is the hash of nothing",
      secret: "",
      hex: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    },
    {
      name: "of the 22 characters that its controller makes",
      secret: "QUJDREVGR0hJSktMTU5PUA",
      hex: `${Buffer.from("QUJDREVGR0hJSktMTU5PUA").toString("hex")}e3b0c44298fc1c149afb`,
    },
    {
      name: "of a long secret is its beginning",
      secret: "0123456789abcdef0123456789abcdefTAIL",
      hex: Buffer.from("0123456789abcdef0123456789abcdef").toString("hex"),
    },
    {
      name: "keeps a line feed",
      secret: "a\n",
      hex: `610a${Buffer.from(sha256(new Uint8Array())).toString("hex").slice(0, 60)}`,
    },
  ])("$name", ({ secret, hex }) => {
    expect(Buffer.from(metallbKey(new TextEncoder().encode(secret))).toString("hex")).toBe(hex);
  });
});

describe("a keyring", () => {
  it("keeps its primary key first and refuses to lose it", () => {
    const created = createKeyring([key(1), key(2), key(1)]);
    if (!created.ok) throw new Error(created.error.code);
    expect(created.value).toEqual([key(1), key(2)]);
    const added = addKey(created.value, key(3, 16));
    if (!added.ok) throw new Error(added.error.code);
    expect(useKey(added.value, key(3, 16))).toEqual({ ok: true, value: [key(3, 16), key(1), key(2)] });
    expect(useKey(added.value, key(9))).toEqual({ ok: false, error: { code: "UnknownKey" } });
    expect(removeKey(added.value, key(1))).toEqual({ ok: false, error: { code: "PrimaryKey" } });
    expect(removeKey(added.value, key(2))).toEqual({ ok: true, value: [key(1), key(3, 16)] });
    expect(addKey(added.value, key(1, 20))).toEqual({ ok: false, error: { code: "BadKeyLength", length: 20 } });
  });
});
