export type { Interface, InterfaceIndex } from "./interface.ts";
export type { IgnoreReason, ResponderEffect } from "./responder-effect.ts";
export type { InterfaceSelection, ResponderEvent } from "./responder-event.ts";
