import { isIPv4, isIPv6 } from "node:net";

const formats: Readonly<Record<string, (text: string) => boolean>> = {
  ipv4: isIPv4,
  ipv6: isIPv6,
  "date-time": (text) => /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/.test(text),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text),
  uuid: (text) => /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text),
  cidr: (text) => {
    const [address = "", length = ""] = text.split("/");
    return (
      /^\d{1,3}$/.test(length) &&
      ((isIPv4(address) && Number(length) <= 32) || (isIPv6(address) && Number(length) <= 128))
    );
  },
  duration: (text) => /^([+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$|^0$/.test(text),
};

/** True for a text of an OpenAPI format; a format that this server does not know allows any text, as on the real one. */
export function matchesFormat(text: string, format: string): boolean {
  return formats[format]?.(text) ?? true;
}
