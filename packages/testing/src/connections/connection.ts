/** One attempt of a process to reach something outside of itself. */
export interface Connection {
  /** `dns`: a query for a name; `unix`: a socket of this machine. */
  readonly kind: "tcp" | "udp" | "dns" | "unix";
  /** `address:port`, the name that was asked for, or the path of a socket. */
  readonly target: string;
}

/** Servers of this machine that resolve names for others: asking them is a query. */
const RESOLVERS = ["/run/systemd/resolve/", "/var/run/nscd/", "/run/nscd/"];

/** A DNS query is one by its port or its resolver, whatever carries it. */
export function classified(kind: "tcp" | "udp" | "unix", target: string): Connection {
  const isQuery =
    kind === "unix"
      ? RESOLVERS.some((prefix) => target.startsWith(prefix))
      : [":53", ":853", ":5353"].some((port) => target.endsWith(port));
  return { kind: isQuery ? "dns" : kind, target };
}
