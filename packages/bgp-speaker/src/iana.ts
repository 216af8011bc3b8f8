/** RFC 6793 §9: what stands in two octets for an AS number that needs four. */
export const AS_TRANS = 23456;

/** BGP Message Types. */
export const MessageType: {
  readonly Open: 1;
  readonly Update: 2;
  readonly Notification: 3;
  readonly Keepalive: 4;
  readonly RouteRefresh: 5;
} = { Open: 1, Update: 2, Notification: 3, Keepalive: 4, RouteRefresh: 5 };

/** BGP Error (Notification) Codes, RFC 4271 §4.5, RFC 7313 §5, RFC 9687 §4. */
export const ErrorCode: {
  readonly MessageHeaderError: 1;
  readonly OpenMessageError: 2;
  readonly UpdateMessageError: 3;
  readonly HoldTimerExpired: 4;
  readonly FiniteStateMachineError: 5;
  readonly Cease: 6;
  readonly RouteRefreshMessageError: 7;
  readonly SendHoldTimerExpired: 8;
} = {
  MessageHeaderError: 1,
  OpenMessageError: 2,
  UpdateMessageError: 3,
  HoldTimerExpired: 4,
  FiniteStateMachineError: 5,
  Cease: 6,
  RouteRefreshMessageError: 7,
  SendHoldTimerExpired: 8,
};

/** OPEN Message Error subcodes that a decoder does not give: RFC 4271 §6.2, RFC 5492 §5, RFC 9234 §4.2. */
export const OpenSubcode: {
  readonly BadPeerAs: 2;
  readonly BadBgpIdentifier: 3;
  readonly UnacceptableHoldTime: 6;
  readonly UnsupportedCapability: 7;
  readonly RoleMismatch: 11;
} = { BadPeerAs: 2, BadBgpIdentifier: 3, UnacceptableHoldTime: 6, UnsupportedCapability: 7, RoleMismatch: 11 };

/** Finite State Machine Error subcodes, RFC 6608 §3. */
export const FsmSubcode: {
  readonly Unspecific: 0;
  readonly UnexpectedInOpenSent: 1;
  readonly UnexpectedInOpenConfirm: 2;
  readonly UnexpectedInEstablished: 3;
} = { Unspecific: 0, UnexpectedInOpenSent: 1, UnexpectedInOpenConfirm: 2, UnexpectedInEstablished: 3 };

/** Cease subcodes, RFC 4486 §4, RFC 8538 §3, RFC 9384 §3. */
export const CeaseSubcode: {
  readonly MaximumNumberOfPrefixesReached: 1;
  readonly AdministrativeShutdown: 2;
  readonly PeerDeConfigured: 3;
  readonly AdministrativeReset: 4;
  readonly ConnectionRejected: 5;
  readonly OtherConfigurationChange: 6;
  readonly ConnectionCollisionResolution: 7;
  readonly OutOfResources: 8;
  readonly HardReset: 9;
  readonly BfdDown: 10;
} = {
  MaximumNumberOfPrefixesReached: 1,
  AdministrativeShutdown: 2,
  PeerDeConfigured: 3,
  AdministrativeReset: 4,
  ConnectionRejected: 5,
  OtherConfigurationChange: 6,
  ConnectionCollisionResolution: 7,
  OutOfResources: 8,
  HardReset: 9,
  BfdDown: 10,
};

/** Capability Codes of the capabilities that are read. */
export const CapabilityCode: {
  readonly Multiprotocol: 1;
  readonly RouteRefresh: 2;
  readonly ExtendedNextHop: 5;
  readonly ExtendedMessage: 6;
  readonly Role: 9;
  readonly GracefulRestart: 64;
  readonly FourOctetAs: 65;
  readonly AddPath: 69;
  readonly EnhancedRouteRefresh: 70;
  readonly LongLivedGracefulRestart: 71;
} = {
  Multiprotocol: 1,
  RouteRefresh: 2,
  ExtendedNextHop: 5,
  ExtendedMessage: 6,
  Role: 9,
  GracefulRestart: 64,
  FourOctetAs: 65,
  AddPath: 69,
  EnhancedRouteRefresh: 70,
  LongLivedGracefulRestart: 71,
};

/** Well-known communities: RFC 1997, RFC 8326 §5, RFC 9494 §3.2, RFC 7999 §5, RFC 3765 §2. */
export const WellKnownCommunity: {
  readonly GRACEFUL_SHUTDOWN: 0xffff0000;
  readonly LLGR_STALE: 0xffff0006;
  readonly NO_LLGR: 0xffff0007;
  readonly BLACKHOLE: 0xffff029a;
  readonly NO_EXPORT: 0xffffff01;
  readonly NO_ADVERTISE: 0xffffff02;
  readonly NO_EXPORT_SUBCONFED: 0xffffff03;
  readonly NOPEER: 0xffffff04;
} = {
  GRACEFUL_SHUTDOWN: 0xffff0000,
  LLGR_STALE: 0xffff0006,
  NO_LLGR: 0xffff0007,
  BLACKHOLE: 0xffff029a,
  NO_EXPORT: 0xffffff01,
  NO_ADVERTISE: 0xffffff02,
  NO_EXPORT_SUBCONFED: 0xffffff03,
  NOPEER: 0xffffff04,
};
