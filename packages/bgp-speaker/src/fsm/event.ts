import type { NotificationMessage } from "../notification-message.ts";
import type { OpenMessage } from "../message/open.ts";

/**
 * The input of a session, by the names of RFC 4271 §8.1 with their numbers. Events of optional attributes that this FSM does not have
 * (TrackTcpState but for event 15, AllowAutomaticStart) do not occur.
 */
export type FsmEvent =
  /** 1. */
  | { readonly type: "ManualStart" }
  /** 2. `notification` is the Cease to send; null closes without one, which is a graceful restart to the peer (RFC 4724 §4.2). */
  | { readonly type: "ManualStop"; readonly notification: NotificationMessage | null }
  /** 4. */
  | { readonly type: "ManualStart_with_PassiveTcpEstablishment" }
  /** 8. `notification` is the Cease to send; the session comes back by itself. */
  | { readonly type: "AutomaticStop"; readonly notification: NotificationMessage }
  /** 9. */
  | { readonly type: "ConnectRetryTimer_Expires" }
  /** 10. */
  | { readonly type: "HoldTimer_Expires" }
  /** 11. */
  | { readonly type: "KeepaliveTimer_Expires" }
  /** 12. */
  | { readonly type: "DelayOpenTimer_Expires" }
  /** 13. */
  | { readonly type: "IdleHoldTimer_Expires" }
  /** 15. A connection of the peer that this session does not take. */
  | { readonly type: "Tcp_CR_Invalid" }
  /** 16. Our connection is open. */
  | { readonly type: "Tcp_CR_Acked" }
  /** 17. The peer's connection is open, and is this session's from now on. */
  | { readonly type: "TcpConnectionConfirmed" }
  /** 18. */
  | { readonly type: "TcpConnectionFails" }
  /** 19, or 20 while the DelayOpenTimer runs. The OPEN decoded; whether it suits this session is found out here. */
  | { readonly type: "BGPOpen"; readonly open: OpenMessage }
  /** 21. */
  | { readonly type: "BGPHeaderErr"; readonly notification: NotificationMessage }
  /** 22. */
  | { readonly type: "BGPOpenMsgErr"; readonly notification: NotificationMessage }
  /** 23. Another connection with the peer is kept instead, RFC 4271 §6.8. */
  | { readonly type: "OpenCollisionDump" }
  /** 24. */
  | { readonly type: "NotifMsgVerErr" }
  /** 25. */
  | { readonly type: "NotifMsg"; readonly notification: NotificationMessage }
  /** 26. */
  | { readonly type: "KeepAliveMsg" }
  /** 27. A ROUTE-REFRESH counts as one, RFC 2918 §4: both are only good in Established. */
  | { readonly type: "UpdateMsg" }
  /** 28. */
  | { readonly type: "UpdateMsgErr"; readonly notification: NotificationMessage }
  /** 29, RFC 9687 §3.1. */
  | { readonly type: "SendHoldTimer_Expires" }
  /** Octets wait for the kernel, or the kernel took some: what starts, restarts and stops the SendHoldTimer of RFC 9687 §3. */
  | { readonly type: "SendProgressed"; readonly waiting: boolean };

/** The names of the events. */
export type FsmEventType = FsmEvent["type"];
