import { describe, expect, it } from "vitest";
import { pathOfUri, uriOfPath } from "../../src/resources/file-uri.ts";

describe.runIf(process.platform !== "win32")("file URIs (not on win32)", () => {
  it.for([
    ["file:///srv/a.txt", "/srv/a.txt"],
    ["file:/srv/a.txt", "/srv/a.txt"],
    ["FILE://LocalHost/srv/a.txt", "/srv/a.txt"],
    ["file:///srv/a%20b.txt", "/srv/a b.txt"],
    ["file:///srv/%C3%A9 é", "/srv/é é"],
    ["file:///srv/a?b#c", "/srv/a?b#c"],
    ["file:///srv/%252e%252e/x", "/srv/%2e%2e/x"],
    ["file:///srv/%2e%2e/x", "/srv/../x"],
    ["file:///srv/%ff", "/srv/\udcff"],
    ["file:///srv/a%5Cb", "/srv/a\\b"],
    ["file:////srv/a", "//srv/a"],
  ] as const)("%s names %s", ([uri, path]) => {
    expect(pathOfUri(uri)).toBe(path);
  });

  it.for([
    ["https://srv/a", "no file URI"],
    ["/srv/a", "no file URI"],
    ["file:srv/a", "no file URI"],
    ["file://", "no file URI"],
    ["file://evil.example/srv/a", "another host"],
    ["file://localhost.evil.example/srv/a", "another host"],
    ["file://user@localhost/srv/a", "another host"],
    ["file://%2fsrv/a", "another host"],
    ["file:///srv%2fa", "escaped slash or NUL"],
    ["file:///srv%2Fa", "escaped slash or NUL"],
    ["file:///srv/a%00.txt", "escaped slash or NUL"],
    ["file:///srv/%", "begins no escape"],
    ["file:///srv/%2", "begins no escape"],
    ["file:///srv/%zz", "begins no escape"],
  ] as const)("%s is refused: %s", ([uri, reason]) => {
    expect(() => pathOfUri(uri)).toThrow(reason);
  });

  it.for(["/srv/a b", "/srv/100%", "/srv/%2e", "/srv/a?b#c[d]", "/srv/é", "/srv/\udcff", "/srv/a\nb", "/"])(
    "what is named for %j is that again",
    (path) => {
      const uri = uriOfPath(path);
      expect(uri).toMatch(/^file:\/\/\/[!-~]*$/);
      expect(pathOfUri(uri)).toBe(path);
    },
  );
});
