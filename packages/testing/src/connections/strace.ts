import { classified, type Connection } from "./connection.ts";

/** The system calls by which a Linux process reaches anything; `-yy` names the protocol of each descriptor. */
export const straceArgs = [
  "-f",
  "-qq",
  "-yy",
  "-s",
  "0",
  "-e",
  "trace=connect,sendto,sendmsg,sendmmsg",
  "-e",
  "signal=none",
];

// connect(18<TCP:[12345]>, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")}, 16) = -1 EINPROGRESS
const CALL = /\b(connect|sendto|sendmsg|sendmmsg)\(\d+<([\w-]+):/;
const IPV4 = /sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)/g;
const IPV6 = /sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([^"]+)"/g;
const UNIX = /sun_path=@?"([^"]+)"/;

/** What a trace made with {@link straceArgs} says a process tried to reach, in order. */
export function parseStrace(trace: string): Connection[] {
  return wholeCalls(trace.split("\n")).flatMap(parseCall);
}

/** Puts the halves of a call together that another thread's line has torn apart; what was never resumed stands last. */
function wholeCalls(lines: readonly string[]): string[] {
  const begun = new Map<string, string>();
  const whole: string[] = [];
  for (const line of lines) {
    const thread = line.split(" ", 1)[0] ?? "";
    const torn = line.indexOf(" <unfinished ...>");
    if (torn >= 0) begun.set(thread, line.slice(0, torn));
    else if (line.includes(" resumed>")) {
      whole.push((begun.get(thread) ?? "") + line.slice(line.indexOf(" resumed>") + " resumed>".length));
      begun.delete(thread);
    } else whole.push(line);
  }
  return [...whole, ...begun.values()];
}

function parseCall(line: string): Connection[] {
  const [, call, protocol = ""] = CALL.exec(line) ?? [];
  if (call === undefined) return [];
  if (protocol.startsWith("UNIX")) {
    const path = UNIX.exec(line)?.[1];
    // What is not there was not reached: libc looks for a name-service cache before most things it does.
    return path === undefined || line.includes(" = -1 ENOENT") ? [] : [classified("unix", path)];
  }
  const kind = protocol.startsWith("UDP") ? "udp" : "tcp";
  const ports = kind === "udp" && call === "connect" ? (port: string) => port !== "0" : () => true;
  const targets = [
    ...[...line.matchAll(IPV4)].map(([, port = "", address]) => ({ port, target: `${address}:${port}` })),
    ...[...line.matchAll(IPV6)].map(([, port = "", address]) => ({ port, target: `[${address}]:${port}` })),
  ];
  // libc connects UDP sockets to port 0 to sort addresses; nothing is sent.
  return targets.filter(({ port }) => ports(port)).map(({ target }) => classified(kind, target));
}
