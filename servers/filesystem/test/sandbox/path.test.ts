import { ToolError } from "@mooring/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type NamedRoot, nameRoot, type PathRules, parsePath } from "../../src/sandbox/path.ts";

const posix: PathRules = { windows: false, foldsCase: false };
const windows: PathRules = { windows: true, foldsCase: true };

const named = (rules: PathRules, ...paths: string[]): NamedRoot[] =>
  paths.map((path, id) => nameRoot({ id, path }, path, rules));

function refusal(path: string, roots: NamedRoot[], rules: PathRules): ToolError {
  try {
    parsePath(path, roots, rules);
  } catch (error) {
    if (error instanceof ToolError) return error;
    throw error;
  }
  throw new Error(`${path} was accepted`);
}

describe("paths on POSIX", () => {
  const roots = named(posix, "/srv/data", "/srv/data/inner", "/home/u");

  it.for([
    ["/srv/data/a/b.txt", 0, ["a", "b.txt"]],
    ["/srv/data", 0, []],
    ["/srv/data/", 0, []],
    ["/srv/data/./a//b", 0, ["a", "b"]],
    ["/srv/data/x/../a", 0, ["a"]],
    ["a/b", 0, ["a", "b"]],
    [".", 0, []],
    ["/srv/data/inner/z", 1, ["z"]],
    ["/home/u/%2e%2e/x", 2, ["%2e%2e", "x"]],
    ["/home/u/ spaced ", 2, [" spaced "]],
    ["./~/x", 0, ["~", "x"]],
    ["/home/u/cafe\u0301", 2, ["cafe\u0301"]],
    ["C:file", 0, ["C:file"]],
  ] as const)("reads %s", ([path, root, components]) => {
    const place = parsePath(path, roots, posix);
    expect([place.root.id, place.components]).toEqual([root, components]);
  });

  it.for([
    "../x",
    "nope/../..",
    "a/../../x",
    "/srv/dataevil/x",
    "/srv",
    "/",
    "/etc/passwd",
    "/srv/data/../x",
    "/srv/data/nope/../../x",
  ])("has the answer of a missing file for %s", (path) => {
    const error = refusal(path, roots, posix);
    expect(error.kind).toBe("not_found");
    expect(error.message).toBe(`${path} was not found or is not allowed.`);
  });

  it.for([
    "",
    "a\0b",
    "C:\\x",
    "c:/x",
    "file:///srv/data/a",
    "FILE:/x",
    "http://x/y",
    "~",
    "~/.bashrc",
    "~root/x",
    "x".repeat(256),
    "a/".repeat(2049),
  ])("refuses %j as no path", (path) => {
    expect(refusal(path, roots, posix).kind).toBe("invalid_input");
  });

  it("counts bytes, not characters", () => {
    expect(refusal("ü".repeat(128), roots, posix).message).toContain("longer than 255 bytes");
    expect(parsePath("ü".repeat(127), roots, posix).components).toHaveLength(1);
  });

  // Nothing for what is refused; any other error fails the test.
  function accepted(path: string): readonly string[] {
    try {
      return parsePath(path, roots, posix).components;
    } catch (error) {
      if (error instanceof ToolError) return [];
      throw error;
    }
  }

  it("never leaves the root, whatever is sent", () => {
    const part = fc.oneof(
      fc.constantFrom("..", ".", "", "a", "...", "..a", " ", "\\", "%2e%2e"),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.boolean(), (parts, absolute) => {
        const path = (absolute ? "/srv/data/" : "") + parts.join("/");
        const components = accepted(path);
        const bad = components.filter((name) => name === "" || name === "." || name === ".." || /[/\0]/.test(name));
        expect(bad).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("paths on Windows", () => {
  const roots = named(windows, "C:\\data", "D:\\work\\src");

  it.for([
    ["C:\\data\\ok.txt", 0, ["ok.txt"]],
    ["c:\\DATA\\OK.TXT", 0, ["OK.TXT"]],
    ["C:/data/sub/ok.txt", 0, ["sub", "ok.txt"]],
    ["D:\\work\\src", 1, []],
    ["sub\\a", 0, ["sub", "a"]],
  ] as const)("reads %s", ([path, root, components]) => {
    const place = parsePath(path, roots, windows);
    expect([place.root.id, place.components]).toEqual([root, components]);
  });

  it.for([
    "C:\\data\\ok.txt::$DATA",
    "C:\\data\\ok.txt:stream",
    "C:\\data\\CON",
    "C:\\data\\NUL.txt",
    "C:\\data\\com1",
    "C:\\data\\LPT9.log",
    "C:\\data\\COM¹",
    "C:\\data\\aux .txt",
    "C:\\data\\ok.txt.",
    "C:\\data\\ok.txt ",
    "C:\\OUTSID~1\\secret.txt",
    "C:\\data\\PROGRA~2",
    "\\\\?\\GLOBALROOT\\Device\\HarddiskVolume1\\x",
    "\\\\.\\PhysicalDrive0",
    "\\\\attacker\\share\\x",
    "//attacker/share/x",
    "C:relative",
    "C:\\data\\a|b",
    "C:\\data\\a*",
  ])("refuses %s before any I/O", (path) => {
    expect(refusal(path, roots, windows).kind).toBe("invalid_input");
  });

  it.for(["C:\\datax\\a", "C:\\data\\..\\x", "\\data\\ok.txt", "E:\\data\\x"])(
    "has the answer of a missing file for %s",
    (path) => {
      expect(refusal(path, roots, windows).kind).toBe("not_found");
    },
  );

  it("prints with single backslashes", () => {
    expect(parsePath("C:/data/sub/ok.txt", roots, windows).shown).toBe("C:\\data\\sub\\ok.txt");
  });
});
