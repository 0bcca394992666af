import { expect, test } from "vitest";
import { parseStrace } from "../../src/connections/strace.ts";

const at = 'sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")';

test.for<[string, string, object[]]>([
  [
    "a connection",
    `7 connect(18<TCP:[12]>, {sa_family=AF_INET, ${at}}, 16) = -1 EINPROGRESS (Operation now in progress)`,
    [{ kind: "tcp", target: "192.0.2.1:443" }],
  ],
  [
    "a connection another thread interrupted",
    `7 connect(18<TCP:[12]>, {sa_family=AF_INET, ${at}}, 16 <unfinished ...>`,
    [{ kind: "tcp", target: "192.0.2.1:443" }],
  ],
  [
    "a connection by IPv6",
    '7 connect(18<TCPv6:[12]>, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = 0',
    [{ kind: "tcp", target: "[2001:db8::1]:80" }],
  ],
  [
    "a query",
    '7 connect(24<UDP:[12]>, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.53")}, 16) = 0',
    [{ kind: "dns", target: "192.0.2.53:53" }],
  ],
  [
    "what follows on a connected socket",
    '7 sendto(24<UDP:[192.0.2.2:4->192.0.2.53:53]>, ""..., 32, 0, NULL, 0) = 32',
    [],
  ],
  [
    "a datagram",
    `7 sendmsg(29<UDP:[0.0.0.0:44]>, {msg_name={sa_family=AF_INET, ${at}}, msg_namelen=16, msg_iov=[...]}, 0) = 1`,
    [{ kind: "udp", target: "192.0.2.1:443" }],
  ],
  [
    "sorting addresses",
    '7 connect(24<UDP:[12]>, {sa_family=AF_INET, sin_port=htons(0), sin_addr=inet_addr("192.0.2.1")}, 16) = 0',
    [],
  ],
  [
    "asking the kernel for its addresses",
    "7 sendto(22<NETLINK:[ROUTE:7]>, ..., 20, 0, {sa_family=AF_NETLINK, nl_pid=0, nl_groups=00000000}, 12) = 20",
    [],
  ],
  [
    "a cache that is not there",
    '7 connect(23<UNIX-STREAM:[5]>, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT (No such file or directory)',
    [],
  ],
  [
    "a resolver behind a socket",
    '7 connect(23<UNIX-STREAM:[5]>, {sa_family=AF_UNIX, sun_path="/run/systemd/resolve/io.systemd.Resolve"}, 110) = 0',
    [{ kind: "dns", target: "/run/systemd/resolve/io.systemd.Resolve" }],
  ],
  [
    "an abstract socket",
    '7 connect(23<UNIX-STREAM:[5]>, {sa_family=AF_UNIX, sun_path=@"agent"}, 110) = 0',
    [{ kind: "unix", target: "agent" }],
  ],
  ["the resumed half", "7 <... connect resumed>) = -1 EINPROGRESS (Operation now in progress)", []],
])("%s", ([, line, connections]) => {
  expect(parseStrace(line)).toEqual(connections);
});

test("the two halves of a call are read as one", () => {
  const trace = [
    '7 connect(23<UNIX-STREAM:[5]>, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110 <unfinished ...>',
    `8 connect(18<TCP:[12]>, {sa_family=AF_INET, ${at}}, 16 <unfinished ...>`,
    "7 <... connect resumed>) = -1 ENOENT (No such file or directory)",
    "8 <... connect resumed>) = -1 EINPROGRESS (Operation now in progress)",
  ];
  expect(parseStrace(trace.join("\n"))).toEqual([{ kind: "tcp", target: "192.0.2.1:443" }]);
});
