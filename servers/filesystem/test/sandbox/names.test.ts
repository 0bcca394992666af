import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBytes, shownName, toBytes, toSystem, unescapeName } from "../../src/sandbox/names.ts";

describe("names", () => {
  it("gives every sequence of bytes its own component", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const latin1 = Buffer.from(bytes).toString("latin1");
        expect(toBytes(fromBytes(latin1))).toBe(latin1);
      }),
    );
  });

  it("passes bytes that are not UTF-8 to the system as they were", () => {
    expect(toSystem(fromBytes("\xff\xfe.bin"))).toEqual(Buffer.from([0xff, 0xfe, ...Buffer.from(".bin")]));
    expect(toSystem("plain ü")).toBe("plain ü");
  });

  it("keeps U+FFFD that is really in a name", () => {
    const bytes = Buffer.from("a\ufffdb").toString("latin1");
    expect(fromBytes(bytes)).toBe("a\ufffdb");
  });

  it.for([
    ["a\n[DIR] fake", "a\\n[DIR] fake"],
    ["evil\u202etxt.exe", "evil\\u202etxt.exe"],
    [fromBytes("\xff\xfe.bin"), "\\xff\\xfe.bin"],
    ["back\\slash", "back\\\\slash"],
    [" lead and trail ", "\\x20lead and trail\\x20"],
    ["tag\u{e0041}", "tag\\u{e0041}"],
    ["grüße 日本 👍", "grüße 日本 👍"],
  ] as const)("shows %j as %j", ([name, shown]) => {
    expect(shownName(name)).toBe(shown);
  });

  it("shows one line without invisible characters, and reads it back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const name = fromBytes(Buffer.from(bytes).toString("latin1"));
        const shown = shownName(name);
        // oxlint-disable-next-line no-control-regex
        expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\ud800-\udfff]/u);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown === name ? name : unescapeName(shown)).toBe(name);
      }),
    );
  });

  it.for(["no escape", "\\q", "\\x4", "\\u{110000}"])("does not read %j as an escape", (text) => {
    expect(unescapeName(text)).toBeUndefined();
  });
});
