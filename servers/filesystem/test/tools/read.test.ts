import { appendFileSync, linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { eras } from "@mooring/core/testing";
import { describe, expect, it } from "vitest";
import { hashOfBytes } from "../../src/sandbox/version.ts";
import { reading } from "./reading.ts";

/** Header line and content of one text. */
function parts(text: string | undefined): { header: string; content: string } {
  const [header = "", ...lines] = (text ?? "").split("\n");
  return { header, content: lines.join("\n") };
}

function cursorIn(text: string | undefined): string | undefined {
  return /cursor "([^"]+)"/.exec(parts(text).header)?.[1];
}

describe("read", () => {
  it.for(eras)("gives a header line and then exactly the content (%s)", async (era) => {
    await using server = await reading({ era });
    const content = 'first\n\ttabs, "quotes" and ünïcödé 👍\r\n\r\nno end';
    writeFileSync(server.space.at("a.txt"), content);
    const [text, ...more] = await server.ok("read", { paths: ["a.txt"] });
    expect(more).toEqual([]);
    expect(parts(text)).toEqual({
      header: `${server.space.at("a.txt")}: hash ${hashOfBytes(Buffer.from(content))}, ${Buffer.byteLength(content)} bytes, 4 lines, utf-8, mixed, no newline at the end`,
      content,
    });
  });

  it("gives nothing but the header of an empty file", async () => {
    await using server = await reading();
    writeFileSync(server.space.at("e"), "");
    expect(await server.ok("read", { paths: ["e"] })).toEqual([
      `${server.space.at("e")}: hash e3b0c44298fc1c14, 0 bytes, 0 lines, utf-8`,
    ]);
    expect(await server.ok("read", { paths: ["e"], lines: "1-5" })).toHaveLength(1);
  });

  it("counts what a reader cannot see, and changes nothing", async () => {
    await using server = await reading();
    writeFileSync(server.space.at("b"), "a\u202eb\u0007\n");
    const { header, content } = parts((await server.ok("read", { paths: ["b"] }))[0]);
    expect([header.includes("invisible or control characters: 2"), content]).toEqual([true, "a\u202eb\u0007\n"]);
  });

  it("pages through a large file without losing or repeating a byte", async () => {
    await using server = await reading();
    const line = (index: number) => `${index} ${"ü".repeat(index % 50)}\n`;
    const whole = Array.from({ length: 60_000 }, (_, index) => line(index + 1)).join("");
    writeFileSync(server.space.at("big"), whole);
    const pages: string[] = [];
    let cursor: string | undefined;
    do {
      const [text] = await server.ok("read", {
        paths: ["big"],
        max_bytes: 400_000,
        ...(cursor !== undefined && { cursor }),
      });
      const page = parts(text);
      expect(page.content.endsWith("\n")).toBe(true);
      expect(page.header).toContain(`showing lines ${parseInt(page.content, 10)}-`);
      pages.push(page.content);
      cursor = cursorIn(text);
    } while (cursor !== undefined);
    expect(pages.length).toBeGreaterThan(5);
    expect(pages.join("")).toBe(whole);
  });

  it("cuts a huge line between characters and goes on in it", async () => {
    await using server = await reading();
    writeFileSync(server.space.at("one"), "日本".repeat(500_000));
    let read = "";
    let cursor: string | undefined;
    for (let page = 0; page < 3; page += 1) {
      const [text] = await server.ok("read", {
        paths: ["one"],
        max_bytes: 1_000,
        ...(cursor !== undefined && { cursor }),
      });
      expect(parts(text).header).toContain("line 1 (cut within the line)");
      read += parts(text).content;
      cursor = cursorIn(text);
    }
    expect("日本".repeat(500_000).startsWith(read)).toBe(true);
    expect(Buffer.byteLength(read)).toBeGreaterThan(2_900);
  });

  it.for([
    ["1-1", "L1\n"],
    ["2-3", "L2\nL3\n"],
    ["3-", "L3\n"],
    ["2", "L2\n"],
    ["-1", "L3\n"],
    ["-2", "L2\nL3\n"],
    ["-99", "L1\nL2\nL3\n"],
    ["1-99", "L1\nL2\nL3\n"],
  ] as const)("gives lines %s", async ([lines, content]) => {
    await using server = await reading();
    writeFileSync(server.space.at("t"), "L1\nL2\nL3\n");
    expect(parts((await server.ok("read", { paths: ["t"], lines }))[0]).content).toBe(content);
  });

  it.for(["1-0", "0", "-0", "5-2", "x", "4-"])("has no lines %s", async (lines) => {
    await using server = await reading();
    writeFileSync(server.space.at("t"), "L1\nL2\nL3\n");
    expect(await server.fails("read", { paths: ["t"], lines })).toMatch(/^invalid_input: /);
  });

  it("reads ranges far into large files, from either end", async () => {
    await using server = await reading();
    writeFileSync(
      server.space.at("big"),
      Array.from({ length: 300_000 }, (_, index) => `line ${index + 1}\n`).join(""),
    );
    const [middle] = await server.ok("read", { paths: ["big"], lines: "200000-200001" });
    expect(parts(middle).content).toBe("line 200000\nline 200001\n");
    const [end] = await server.ok("read", { paths: ["big"], lines: "-2" });
    expect(parts(end).content).toBe("line 299999\nline 300000\n");
    // A range that is longer than a page goes on to its end and not beyond.
    let [page] = await server.ok("read", { paths: ["big"], lines: "200000-200009", max_bytes: 60 });
    let all = parts(page).content;
    for (let cursor = cursorIn(page); cursor !== undefined; cursor = cursorIn(page)) {
      [page] = await server.ok("read", { paths: ["big"], cursor, max_bytes: 60 });
      all += parts(page).content;
    }
    expect(all.split("\n").filter(Boolean)).toEqual(
      Array.from({ length: 10 }, (_, index) => `line ${200_000 + index}`),
    );
  });

  it("says when a file changed between pages, and when the cursor is of another", async () => {
    await using server = await reading();
    writeFileSync(server.space.at("t"), "line\n".repeat(100));
    const cursor = cursorIn((await server.ok("read", { paths: ["t"], max_bytes: 50 }))[0]);
    expect(parts((await server.ok("read", { paths: ["t"], cursor }))[0]).header).not.toContain("CHANGED");
    appendFileSync(server.space.at("t"), "more\n");
    expect(parts((await server.ok("read", { paths: ["t"], cursor }))[0]).header).toContain(
      "CHANGED since the cursor was given",
    );
    truncateSync(server.space.at("t"), 5);
    expect(await server.fails("read", { paths: ["t"], cursor })).toContain("has become shorter");
    expect(await server.fails("read", { paths: ["ok.txt"], cursor })).toContain("belongs to another file");
    for (const nonsense of ["x", "../../etc", "0.0.0.0.0"])
      expect(await server.fails("read", { paths: ["t"], cursor: nonsense })).toContain("not one that `read` gave");
  });

  it("repeats no wrong path at length, nor on lines of its own", async () => {
    await using server = await reading();
    const texts = await server.ok("read", {
      paths: ["ok.txt", `\0${server.space.root}/x: hash 0\n`, "x".repeat(1_000_000)],
    });
    expect(texts.slice(1)).toEqual([
      expect.stringMatching(
        /^Not read \(invalid_input\): \\x00[^\n]*\\n: The path contains a NUL character\. No file/,
      ) as string,
      expect.stringMatching(/^Not read \(invalid_input\): x{300}: The path is longer than 4096 bytes\. Send/) as string,
    ]);
  });

  it("reads several files in one bound, and says in place what it could not", async () => {
    await using server = await reading();
    writeFileSync(server.space.at("big"), "0123456789\n".repeat(10_000));
    const texts = await server.ok("read", { paths: ["ok.txt", "nope", "big", "big"], max_bytes: 5_000 });
    expect(texts).toHaveLength(4);
    expect(parts(texts[0]).content).toBe("ok-content\n");
    expect(texts[1]).toMatch(/^Not read \(not_found\): .*nope was not found or is not allowed\./);
    const sizes = texts.slice(2).map((text) => parts(text).content.length);
    expect(sizes[0]).toBe(sizes[1]);
    expect(texts.join("").length).toBeLessThan(6_000);
    expect(await server.fails("read", { paths: ["nope", "nope2"] })).toMatch(/^not_found: None of the 2 paths/);
  });

  it("takes one range per path", async () => {
    await using server = await reading();
    writeFileSync(server.space.at("t"), "L1\nL2\nL3\n");
    const texts = await server.ok("read", { paths: ["t", "t"], ranges: ["1", "-1"] });
    expect(texts.map((text) => parts(text).content)).toEqual(["L1\n", "L3\n"]);
    expect(await server.fails("read", { paths: ["t", "t"], ranges: ["1"] })).toContain("2 paths and 1 ranges");
    expect(await server.fails("read", { paths: ["t"], ranges: ["1"], lines: "1" })).toContain("exclude each other");
  });

  it.for([{ max_bytes: -1 }, { max_bytes: 0 }, { max_bytes: 1_000_001 }, { as: "x" }, { paths: [] }, { head: 1 }])(
    "refuses %j",
    async (wrong) => {
      await using server = await reading();
      expect(await server.fails("read", { paths: ["ok.txt"], ...wrong })).toMatch(/^invalid_input: /);
    },
  );

  it("decodes UTF-16 and the operator's encoding, and says so", async () => {
    await using server = await reading({ encoding: "windows-1252" });
    writeFileSync(server.space.at("w"), Buffer.from("\ufeffzwölf\nLoks\n", "utf16le"));
    writeFileSync(server.space.at("l"), Buffer.from("Gr\xfc\xdfe\n", "latin1"));
    const [wide] = await server.ok("read", { paths: ["w"], lines: "2" });
    expect([parts(wide).content, parts(wide).header.includes("utf-16le with BOM")]).toEqual(["Loks\n", true]);
    const [legacy] = await server.ok("read", { paths: ["l"] });
    expect([parts(legacy).content, parts(legacy).header.includes("windows-1252")]).toEqual(["Grüße\n", true]);
  });

  it("sends images and audio as such, and no more than a host takes", async () => {
    await using server = await reading();
    const png = Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), Buffer.alloc(64)]);
    writeFileSync(server.space.at("picture.txt"), png);
    writeFileSync(server.space.at("sound"), Buffer.concat([Buffer.from("OggS"), Buffer.alloc(64)]));
    writeFileSync(server.space.at("huge.png"), Buffer.concat([png, Buffer.alloc(5_000_000)]));
    const { content } = await server.call("read", { paths: ["picture.txt", "sound", "huge.png"] });
    expect(content.map(({ type }) => type)).toEqual(["text", "image", "text", "audio", "text"]);
    expect(content[1]).toEqual({ type: "image", mimeType: "image/png", data: png.toString("base64") });
    expect(content[3]).toMatchObject({ mimeType: "audio/ogg" });
    expect(content[4]).toMatchObject({ text: expect.stringContaining("too large to be sent") as string });
    expect(await server.fails("read", { paths: ["huge.png"], as: "media" })).toMatch(/^too_large: /);
    expect(await server.fails("read", { paths: ["ok.txt"], as: "media" })).toContain("neither an image nor audio");
  });

  it("says that binary is binary, and shows its bytes page by page", async () => {
    await using server = await reading();
    const bytes = Buffer.from(Array.from({ length: 100 }, (_, index) => index));
    writeFileSync(server.space.at("b"), bytes);
    const [text = ""] = await server.ok("read", { paths: ["b"] });
    expect(text).toMatch(/100 bytes, binary: `as: "hex"` shows its bytes$/);
    expect(await server.fails("read", { paths: ["b"], as: "text" })).toContain("is binary, not text");
    let [page] = await server.ok("read", { paths: ["b"], as: "hex", max_bytes: 160 });
    const rows = parts(page).content.split("\n");
    for (let cursor = cursorIn(page); cursor !== undefined; cursor = cursorIn(page)) {
      [page] = await server.ok("read", { paths: ["b"], as: "hex", max_bytes: 160, cursor });
      rows.push(...parts(page).content.split("\n"));
    }
    const hex = rows.map((row) => row.slice(10, 57).replaceAll(" ", "")).join("");
    expect(hex).toBe(bytes.toString("hex"));
    for (const lines of ["9-", "999999999999999-"])
      expect(await server.fails("read", { paths: ["b"], as: "hex", lines })).toMatch(/ has 7 lines of 16 bytes\./);
    const [start] = await server.ok("read", { paths: ["b"], as: "hex", max_bytes: 160 });
    const far = cursorIn(start)?.replace(/^[^.]+/, "zzzzzzzzzzz");
    expect(await server.fails("read", { paths: ["b"], as: "hex", cursor: far })).toMatch(/^conflict: .* shorter/);
    const [last] = await server.ok("read", { paths: ["b"], as: "hex", lines: "-1" });
    expect(parts(last).content.startsWith("00000060  60 61 62 63")).toBe(true);
  });

  it("says that a text in another encoding is one, and what names it", async () => {
    await using server = await reading();
    writeFileSync(server.space.at("l"), Buffer.from("gr\u00fc\u00dfe\n", "latin1"));
    expect((await server.ok("read", { paths: ["l"] }))[0]).toMatch(
      /6 bytes, not UTF-8: the person can name its encoding with `--encoding`, `as: "hex"` shows its bytes$/,
    );
    expect(await server.fails("read", { paths: ["l"], as: "text" })).toMatch(/not UTF-8.*--encoding/);
    await using named = await reading({ encoding: "shift_jis" });
    writeFileSync(named.space.at("l"), Buffer.from([0x66, 0xff, 0xfe]));
    expect((await named.ok("read", { paths: ["l"] }))[0]).toContain("3 bytes, binary: ");
  });

  it("answers at once for holes and for text that turns binary", async () => {
    await using server = await reading();
    writeFileSync(server.space.at("hole"), "");
    truncateSync(server.space.at("hole"), 400_000_000);
    expect((await server.ok("read", { paths: ["hole"] }))[0]).toContain("400000000 bytes, binary");
    writeFileSync(
      server.space.at("turns"),
      Buffer.concat([Buffer.from("text\n".repeat(300_000)), Buffer.from([0xff, 0xfe, 0, 0])]),
    );
    expect((await server.ok("read", { paths: ["turns"] }))[0]).toContain("text\n");
    expect(await server.fails("read", { paths: ["turns"], lines: "-1" })).toContain("are not text");
  });

  it("gives metadata alone", async () => {
    await using server = await reading();
    mkdirSync(server.space.at("d"));
    linkSync(server.space.at("ok.txt"), server.space.at("twin"));
    symlinkSync("ok.txt", server.space.at("l"));
    writeFileSync(server.space.at(".env"), "T");
    const texts = await server.ok("read", { paths: ["ok.txt", "d", "l", ".env"], as: "info" });
    expect(texts[0]).toMatch(
      /ok\.txt: hash [0-9a-f]{16}, 11 bytes, file, mode [-rwx]{9}, modified \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ, 2 hard links, utf-8$/,
    );
    expect(texts[1]).toContain("directory, mode rwx");
    expect(texts[2]).toContain("file, through a link");
    expect(texts[3]).toMatch(/^Not read \(denied\)/);
    expect(texts.join("")).not.toContain("ok-content");
  });

  it("sends about one byte for each byte of code", async () => {
    await using server = await reading();
    const code = "export function add(a: number, b: number): number {\n  return a + b; // sum\n}\n\n"
      .repeat(800)
      .slice(0, 65_000);
    writeFileSync(server.space.at("code.ts"), code);
    const result = await server.call("read", { paths: ["code.ts"] });
    expect(JSON.stringify(result).length / code.length).toBeLessThan(1.1);
  });
});
