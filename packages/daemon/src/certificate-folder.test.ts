import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createVirtualClock } from "@herald-lb/sansio/testing";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CertificateFolder } from "./certificate-folder.ts";
import type { KeyPair } from "./certificate-request.ts";
import { makeCertificate } from "./certificates.ts";

const log = pino({ level: "silent" });
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "herald-certificate-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function pairFor(name: string): Promise<KeyPair> {
  return makeCertificate({
    subject: `CN=${name}`,
    notBefore: new Date("2026-01-01T00:00:00Z"),
    notAfter: new Date("2036-01-01T00:00:00Z"),
    dnsNames: [name],
    authority: false,
  });
}

/** Lays files as the kubelet does: a folder a version, and a link that changes from one to the next at once. */
function lay(version: string, { cert, key }: KeyPair): void {
  mkdirSync(join(folder, version));
  writeFileSync(join(folder, version, "tls.crt"), cert);
  writeFileSync(join(folder, version, "tls.key"), key);
  symlinkSync(version, join(folder, "fresh"));
  renameSync(join(folder, "fresh"), join(folder, "..data"));
}

describe("CertificateFolder", () => {
  it("follows a link that changes, and hands out the same pair in between", async () => {
    const [first, second] = [await pairFor("first"), await pairFor("second")];
    const clock = createVirtualClock();
    const files = new CertificateFolder(join(folder, "..data"), clock, log);
    expect(await files.current()).toBeNull();
    lay("1", first);
    expect(await files.current()).toBeNull();
    clock.advanceBy(1_000);
    const read = await files.current();
    expect(read).toEqual(first);
    lay("2", second);
    expect(await files.current()).toBe(read);
    clock.advanceBy(1_000);
    expect(await files.current()).toEqual(second);
    clock.advanceBy(1_000);
    expect(await Promise.all([files.current(), files.current()])).toEqual([second, second]);
  });

  it.each([
    {
      name: "a key of another certificate",
      broken: async (pair: KeyPair) => ({ ...pair, key: (await pairFor("other")).key }),
    },
    { name: "no PEM", broken: () => Promise.resolve({ cert: "certificate", key: "key" }) },
    { name: "empty files", broken: () => Promise.resolve({ cert: "", key: "" }) },
  ])("keeps what it had where the files hold $name", async ({ broken }) => {
    const sound = await pairFor("sound");
    const clock = createVirtualClock();
    const files = new CertificateFolder(join(folder, "..data"), clock, log);
    lay("1", sound);
    expect(await files.current()).toEqual(sound);
    lay("2", await broken(sound));
    clock.advanceBy(1_000);
    expect(await files.current()).toEqual(sound);
    lay("3", await pairFor("sound again"));
    clock.advanceBy(1_000);
    expect((await files.current())?.cert).not.toBe(sound.cert);
  });
});
