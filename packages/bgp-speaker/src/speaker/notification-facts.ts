import { CeaseSubcode, ErrorCode } from "../iana.ts";
import type { NotificationMessage } from "../notification-message.ts";
import type { NotificationFacts } from "./effect.ts";

const codeNames: ReadonlyMap<number, string> = new Map([
  [ErrorCode.MessageHeaderError, "Message Header Error"],
  [ErrorCode.OpenMessageError, "OPEN Message Error"],
  [ErrorCode.UpdateMessageError, "UPDATE Message Error"],
  [ErrorCode.HoldTimerExpired, "Hold Timer Expired"],
  [ErrorCode.FiniteStateMachineError, "Finite State Machine Error"],
  [ErrorCode.Cease, "Cease"],
  [ErrorCode.RouteRefreshMessageError, "ROUTE-REFRESH Message Error"],
  [ErrorCode.SendHoldTimerExpired, "Send Hold Timer Expired"],
]);

const subcodeNames: ReadonlyMap<string, string> = new Map([
  ["1/1", "Connection Not Synchronized"],
  ["1/2", "Bad Message Length"],
  ["1/3", "Bad Message Type"],
  ["2/1", "Unsupported Version Number"],
  ["2/2", "Bad Peer AS"],
  ["2/3", "Bad BGP Identifier"],
  ["2/4", "Unsupported Optional Parameter"],
  ["2/6", "Unacceptable Hold Time"],
  ["2/7", "Unsupported Capability"],
  ["2/11", "Role Mismatch"],
  ["5/1", "Receive Unexpected Message in OpenSent State"],
  ["5/2", "Receive Unexpected Message in OpenConfirm State"],
  ["5/3", "Receive Unexpected Message in Established State"],
  ["6/1", "Maximum Number of Prefixes Reached"],
  ["6/2", "Administrative Shutdown"],
  ["6/3", "Peer De-configured"],
  ["6/4", "Administrative Reset"],
  ["6/5", "Connection Rejected"],
  ["6/6", "Other Configuration Change"],
  ["6/7", "Connection Collision Resolution"],
  ["6/8", "Out of Resources"],
  ["6/9", "Hard Reset"],
  ["6/10", "BFD Down"],
]);

const utf8 = new TextDecoder();

/** A NOTIFICATION in words, for any octets. */
export function notificationFacts({ code, subcode, data }: NotificationMessage): NotificationFacts {
  const name = codeNames.get(code) ?? `Error ${code}`;
  const detail = subcodeNames.get(`${code}/${subcode}`) ?? (subcode === 0 ? null : `${subcode}`);
  return {
    code,
    subcode,
    name: detail === null ? name : `${name}/${detail}`,
    communication: communicationOf(code, subcode, data),
  };
}

/** RFC 9003 §2: a length and so much UTF-8; null when that is not what the data are. */
function communicationOf(code: number, subcode: number, data: Uint8Array): string | null {
  if (code !== ErrorCode.Cease) return null;
  // RFC 8538 §3.1: a Hard Reset has the NOTIFICATION that it stands for in its data.
  if (subcode === CeaseSubcode.HardReset && data[1] !== CeaseSubcode.HardReset)
    return communicationOf(data[0] ?? 0, data[1] ?? 0, data.subarray(2));
  if (subcode !== CeaseSubcode.AdministrativeShutdown && subcode !== CeaseSubcode.AdministrativeReset) return null;
  const length = data[0];
  if (length === undefined || length === 0 || length > data.length - 1) return null;
  return utf8.decode(data.subarray(1, 1 + length));
}
