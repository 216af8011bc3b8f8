import { ErrorCode } from "./iana.ts";

/** The names of RFC 4271 §6.1 to §6.3 (and RFC 7313 §5) for what is wrong with a message. */
export type MessageErrorCode =
  | "ConnectionNotSynchronized"
  | "BadMessageLength"
  | "BadMessageType"
  | "MalformedOptionalParameters"
  | "UnsupportedVersionNumber"
  | "BadPeerAs"
  | "BadBgpIdentifier"
  | "UnsupportedOptionalParameter"
  | "UnacceptableHoldTime"
  | "MalformedAttributeList"
  | "UnrecognizedWellKnownAttribute"
  | "MissingWellKnownAttribute"
  | "AttributeFlagsError"
  | "AttributeLengthError"
  | "InvalidOriginAttribute"
  | "InvalidNextHopAttribute"
  | "OptionalAttributeError"
  | "InvalidNetworkField"
  | "MalformedAsPath"
  | "InvalidRouteRefreshLength";

/** The Error Code and Error Subcode of the NOTIFICATION for each name. */
export const notificationCodes: { readonly [Code in MessageErrorCode]: readonly [code: number, subcode: number] } = {
  ConnectionNotSynchronized: [ErrorCode.MessageHeaderError, 1],
  BadMessageLength: [ErrorCode.MessageHeaderError, 2],
  BadMessageType: [ErrorCode.MessageHeaderError, 3],
  // RFC 4271 §6.2: malformed parameters have subcode 0, "Unspecific".
  MalformedOptionalParameters: [ErrorCode.OpenMessageError, 0],
  UnsupportedVersionNumber: [ErrorCode.OpenMessageError, 1],
  BadPeerAs: [ErrorCode.OpenMessageError, 2],
  BadBgpIdentifier: [ErrorCode.OpenMessageError, 3],
  UnsupportedOptionalParameter: [ErrorCode.OpenMessageError, 4],
  UnacceptableHoldTime: [ErrorCode.OpenMessageError, 6],
  MalformedAttributeList: [ErrorCode.UpdateMessageError, 1],
  UnrecognizedWellKnownAttribute: [ErrorCode.UpdateMessageError, 2],
  MissingWellKnownAttribute: [ErrorCode.UpdateMessageError, 3],
  AttributeFlagsError: [ErrorCode.UpdateMessageError, 4],
  AttributeLengthError: [ErrorCode.UpdateMessageError, 5],
  InvalidOriginAttribute: [ErrorCode.UpdateMessageError, 6],
  InvalidNextHopAttribute: [ErrorCode.UpdateMessageError, 8],
  OptionalAttributeError: [ErrorCode.UpdateMessageError, 9],
  InvalidNetworkField: [ErrorCode.UpdateMessageError, 10],
  MalformedAsPath: [ErrorCode.UpdateMessageError, 11],
  InvalidRouteRefreshLength: [ErrorCode.RouteRefreshMessageError, 1],
};
