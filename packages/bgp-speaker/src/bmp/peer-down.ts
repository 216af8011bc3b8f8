import type { ByteReader, ByteWriter } from "@herald-lb/sansio";

/** Why a session went down, RFC 7854 §4.9. PDUs are whole NOTIFICATION messages; from a decoder they are views of the message. */
export type PeerDownReason =
  /** 1. */
  | { readonly type: "LocalNotification"; readonly notification: Uint8Array }
  /** 2. The number of the FSM event of RFC 4271 §8.1, 0 where there is none. */
  | { readonly type: "LocalNoNotification"; readonly fsmEvent: number }
  /** 3. */
  | { readonly type: "RemoteNotification"; readonly notification: Uint8Array }
  /** 4. */
  | { readonly type: "RemoteNoNotification" }
  /** 5. Information on this peer is no longer sent. */
  | { readonly type: "PeerDeConfigured" }
  | { readonly type: "Unknown"; readonly code: number; readonly data: Uint8Array };

/** Reads a reason. */
export function readReason(reader: ByteReader): PeerDownReason {
  const code = reader.u8();
  switch (code) {
    case 1:
      return { type: "LocalNotification", notification: reader.rest() };
    case 2:
      return { type: "LocalNoNotification", fsmEvent: reader.u16() };
    case 3:
      return { type: "RemoteNotification", notification: reader.rest() };
    case 4:
      return { type: "RemoteNoNotification" };
    case 5:
      return { type: "PeerDeConfigured" };
    default:
      return { type: "Unknown", code, data: reader.rest() };
  }
}

/** Writes a reason. */
export function writeReason(writer: ByteWriter, reason: PeerDownReason): void {
  switch (reason.type) {
    case "LocalNotification":
      writer.u8(1);
      return writer.octets(reason.notification);
    case "LocalNoNotification":
      writer.u8(2);
      return writer.u16(reason.fsmEvent);
    case "RemoteNotification":
      writer.u8(3);
      return writer.octets(reason.notification);
    case "RemoteNoNotification":
      return writer.u8(4);
    case "PeerDeConfigured":
      return writer.u8(5);
    case "Unknown":
      writer.u8(reason.code);
      return writer.octets(reason.data);
  }
}
