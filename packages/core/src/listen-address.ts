import { isIP } from "node:net";
import { ConfigError } from "./config-error.ts";

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  readonly loopback: boolean;
}

/** Parses `host:port`, `[::1]:port`, `:port` or `port`. Throws ConfigError. */
export function parseListen(flag: string, text: string): ListenAddress {
  const match = /^(?:(\[[^\]]+\]|[^:]*):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match || port > 65_535)
    throw new ConfigError([
      `${flag}: "${text.slice(0, 80)}" is not an address; expected host:port, for example 127.0.0.1:8080.`,
    ]);
  const host = (match[1] || "127.0.0.1").replace(/^\[|\]$/g, "");
  return { host, port, loopback: isLoopback(host) };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
