export { createModelPeer, frame, type HeldRoute, KEEPALIVE, type ModelPeer, peerOpen } from "./model-peer.ts";
