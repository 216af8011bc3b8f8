import { err, ok } from "@herald-lb/sansio";
import { expect, it } from "vitest";
import { SourcePorts } from "./source-ports.ts";

const refused = (code: string) => err({ syscall: "bind", code, errno: 98 });

it("gives each session another port from 49152 to 65535, also around the end", () => {
  const ports = new SourcePorts(new Uint8Array([0x3f, 0xff]));
  const bound = [1, 2, 3].map(() => ports.bind((port) => ok(port)));
  expect(bound).toEqual([ok(65_535), ok(49_152), ok(49_153)]);
});

it("passes over ports that others have, and gives up after a few, or at another failure", () => {
  const ports = new SourcePorts(new Uint8Array([0, 0]));
  expect(ports.bind((port) => (port < 49_155 ? refused("EADDRINUSE") : ok(port)))).toEqual(ok(49_155));
  let attempts = 0;
  const open = (code: string) => () => {
    attempts++;
    return refused(code);
  };
  expect(ports.bind(open("EADDRINUSE"))).toEqual(refused("EADDRINUSE"));
  expect(attempts).toBe(16);
  expect(ports.bind(open("EADDRNOTAVAIL"))).toEqual(refused("EADDRNOTAVAIL"));
  expect(attempts).toBe(17);
});
