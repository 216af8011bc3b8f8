import { expect, it } from "vitest";
import { readCollector } from "./bmp-collector.ts";

it.each([
  { text: "192.0.2.9:1790", collector: { host: "192.0.2.9", port: 1790 } },
  { text: "[2001:db8::9]:1790", collector: { host: "2001:db8::9", port: 1790 } },
  { text: "collector.example:1790", collector: { host: "collector.example", port: 1790 } },
  { text: "2001:db8::9:1790", collector: null },
  { text: "192.0.2.9", collector: null },
  { text: "192.0.2.9:0", collector: null },
  { text: "192.0.2.9:70000", collector: null },
  { text: "", collector: null },
])("reads $text", ({ text, collector }) => expect(readCollector(text)).toEqual(collector));
