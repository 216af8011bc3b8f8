import { hexOf, octets, octetsFromHex, readVectors } from "@herald-lb/sansio/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AuthenticationSection, AuthenticationType } from "./authentication-section.ts";
import { packetWith } from "./bfd.test.fixture.ts";
import { type ControlPacket, decodeControlPacket, encodeControlPacket, SESSION_STATES } from "./control-packet.ts";
import { diagnosticName } from "./diagnostic-name.ts";

interface Row {
  readonly hex: string;
  readonly expected: {
    readonly version: number;
    readonly diag: number;
    readonly state: number;
    readonly flags: string;
    readonly detectMult: number;
    readonly length: number;
    readonly myDisc: number;
    readonly yourDisc: number;
    readonly desiredMinTx: number;
    readonly requiredMinRx: number;
    readonly requiredMinEchoRx: number;
    readonly authType: number | null;
    readonly authKeyId: number | null;
  };
}

const rows = readVectors<Row>("bfd.jsonl");
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const octet = fc.integer({ min: 0, max: 255 });
const fixed = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const digest = <Type extends string>(type: Type, length: number): fc.Arbitrary<AuthenticationSection> =>
  fc
    .tuple(octet, octet, u32, fixed(length))
    .map(
      ([keyId, reserved, sequenceNumber, value]) =>
        ({ type, keyId, reserved, sequenceNumber, digest: value }) as unknown as AuthenticationSection,
    );
const section: fc.Arbitrary<AuthenticationSection | null> = fc.oneof(
  fc.constant(null),
  fc.tuple(octet, fc.uint8Array({ minLength: 1, maxLength: 16 })).map(
    ([keyId, password]): AuthenticationSection => ({
      type: "SimplePassword",
      keyId,
      password,
    }),
  ),
  digest("KeyedMd5", 16),
  digest("MeticulousKeyedMd5", 16),
  digest("KeyedSha1", 20),
  digest("MeticulousKeyedSha1", 20),
  fc.tuple(fc.integer({ min: 6, max: 255 }), fc.uint8Array({ maxLength: 40 })).map(
    ([code, value]): AuthenticationSection => ({
      type: "Unknown",
      code,
      value,
    }),
  ),
);
const packet: fc.Arbitrary<ControlPacket> = fc.record(
  {
    diagnostic: fc.integer({ min: 0, max: 31 }),
    state: fc.constantFrom(...SESSION_STATES),
    poll: fc.boolean(),
    final: fc.boolean(),
    controlPlaneIndependent: fc.boolean(),
    demand: fc.boolean(),
    multipoint: fc.boolean(),
    detectMult: octet,
    myDiscriminator: u32,
    yourDiscriminator: u32,
    desiredMinTxInterval: u32,
    requiredMinRxInterval: u32,
    requiredMinEchoRxInterval: u32,
    authentication: section,
  },
  { noNullPrototype: true },
);

describe("the codec of Control packets", () => {
  it("reads what it wrote", () => {
    fc.assert(
      fc.property(packet, (each) => {
        expect(decodeControlPacket(encodeControlPacket(each))).toEqual({ ok: true, value: each });
      }),
    );
  });

  it("gives an error for a packet that is cut at any length, and ignores octets behind its Length", () => {
    fc.assert(
      fc.property(packet, (each) => {
        const whole = encodeControlPacket(each);
        for (let length = 0; length < whole.length; length++)
          expect(decodeControlPacket(whole.subarray(0, length)).ok).toBe(false);
        expect(decodeControlPacket(Uint8Array.of(...whole, 1, 2, 3))).toEqual({ ok: true, value: each });
      }),
      { numRuns: 50 },
    );
  });

  it("gives a value for any octets, and writes again what it accepts", () => {
    fc.assert(
      fc.property(fc.oneof(octets(), packet.map(encodeControlPacket)), fc.nat(70), octet, (source, at, value) => {
        const changed = source.slice();
        if (at < changed.length) changed[at] = value;
        const decoded = decodeControlPacket(changed);
        // Octets between the last field and the Length are in no field.
        if (!decoded.ok || (decoded.value.authentication === null && (changed[3] as number) > 24)) return;
        expect(hexOf(encodeControlPacket(decoded.value))).toBe(hexOf(changed.subarray(0, changed[3])));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    { name: "another version", change: [0, 0x40], error: { code: "BadVersion", version: 2 } },
    { name: "a Length under 24", change: [3, 23], error: { code: "BadLength", length: 23, octets: 24 } },
    { name: "a Length above the datagram", change: [3, 25], error: { code: "BadLength", length: 25, octets: 24 } },
    { name: "the A bit without a section", change: [1, 0x44], error: { code: "BadLength", length: 24, octets: 24 } },
  ])("refuses $name", ({ change: [at = 0, value = 0], error }) => {
    const changed = packetWith();
    changed[at] = value;
    expect(decodeControlPacket(changed)).toEqual({ ok: false, error });
  });

  it.each([
    { type: AuthenticationType.KeyedMd5, length: 28 },
    { type: AuthenticationType.KeyedSha1, length: 24 },
    { type: AuthenticationType.SimplePassword, length: 3 },
    { type: AuthenticationType.SimplePassword, length: 20 },
  ])("refuses a section of type $type and $length octets", ({ type, length }) => {
    const changed = Uint8Array.of(...packetWith(), type, length, ...new Uint8Array(length - 2));
    changed[1] = (changed[1] as number) | 0x04;
    changed[3] = changed.length;
    expect(decodeControlPacket(changed)).toEqual({
      ok: false,
      error: { code: "BadAuthentication", authenticationType: type, length },
    });
  });

  it("refuses octets between a section and the Length: they are in no field", () => {
    const authentication = { type: "SimplePassword", keyId: 1, password: Uint8Array.of(1, 2) } as const;
    const changed = Uint8Array.of(...packetWith({ authentication }), 0);
    expect(decodeControlPacket(changed).ok).toBe(true);
    changed[3] = changed.length;
    expect(decodeControlPacket(changed)).toMatchObject({ error: { code: "BadAuthentication", length: 5 } });
  });
});

describe.skipIf(rows === null)("foreign vectors", () => {
  it.each((rows ?? []).map((row, at) => ({ at, row })))(
    "are read as their source has them, and written alike ($at)",
    ({ row }) => {
      const source = octetsFromHex(row.hex);
      const { expected } = row;
      const decoded = decodeControlPacket(source);
      if (!decoded.ok) throw new Error(decoded.error.code);
      const { value } = decoded;
      const { authentication } = value;
      expect({
        diag: value.diagnostic,
        state: SESSION_STATES.indexOf(value.state),
        flags: source[1],
        detectMult: value.detectMult,
        myDisc: value.myDiscriminator,
        yourDisc: value.yourDiscriminator,
        desiredMinTx: value.desiredMinTxInterval,
        requiredMinRx: value.requiredMinRxInterval,
        requiredMinEchoRx: value.requiredMinEchoRxInterval,
        authType:
          authentication === null || authentication.type === "Unknown" ? null : AuthenticationType[authentication.type],
        authKeyId: authentication !== null && "keyId" in authentication ? authentication.keyId : null,
      }).toEqual({
        diag: expected.diag,
        state: expected.state,
        flags: Number(expected.flags),
        detectMult: expected.detectMult,
        myDisc: expected.myDisc,
        yourDisc: expected.yourDisc,
        desiredMinTx: expected.desiredMinTx,
        requiredMinRx: expected.requiredMinRx,
        requiredMinEchoRx: expected.requiredMinEchoRx,
        authType: expected.authType,
        authKeyId: expected.authKeyId,
      });
      expect(hexOf(encodeControlPacket(value))).toBe(row.hex.slice(0, 2 * expected.length));
    },
  );
});

it("names the diagnostics, and those that the RFC reserves by their numbers", () => {
  expect([0, 1, 3, 7, 8, 9, 31].map(diagnosticName)).toEqual([
    "No Diagnostic",
    "Control Detection Time Expired",
    "Neighbor Signaled Session Down",
    "Administratively Down",
    "Reverse Concatenated Path Down",
    "Diagnostic 9",
    "Diagnostic 31",
  ]);
});
