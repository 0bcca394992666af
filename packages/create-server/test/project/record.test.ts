import { brotliCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Answers } from "../../src/answers/answers.ts";
import { namesOf } from "../../src/answers/names.ts";
import { Problem } from "../../src/problem.ts";
import { type Recorded, readRecord, writeRecord } from "../../src/project/record.ts";

const answers: Answers = {
  names: namesOf("@acme/weather"),
  kind: "database",
  access: "write",
  licence: "Apache-2.0",
  author: 'Zoë "Z" <z@acme.test>',
};
const base = new Map([
  ["README.md", "# Wetter ⛅\n"],
  [".github/workflows/ci.yml", "on: push\n"],
]);
const recorded: Recorded = { version: "1.2.3", year: 2031, answers, generated: undefined, base };
const written = () => JSON.parse(writeRecord(recorded)) as Record<string, unknown>;
const packed = (value: unknown) => brotliCompressSync(JSON.stringify(value)).toString("base64");

describe("a record", () => {
  test("is read as it was written", () => {
    expect(readRecord(writeRecord(recorded))).toEqual(recorded);
  });

  test("says in plain text what was chosen, ends in a newline, and is small", () => {
    const text = writeRecord({ ...recorded, base: new Map([["long.txt", "the same line\n".repeat(10_000)]]) });
    expect(JSON.parse(text)).toMatchObject({
      version: "1.2.3",
      year: 2031,
      name: "@acme/weather",
      kind: "database",
      access: "write",
      licence: "Apache-2.0",
    });
    expect(text.endsWith("}\n")).toBe(true);
    expect(text.length).toBeLessThan(1_000);
  });

  test("is read with the line ends of Windows too", () => {
    expect(readRecord(writeRecord(recorded).replaceAll("\n", "\r\n"))).toEqual(recorded);
  });

  test("keeps the author's words and variable", () => {
    const said = { ...recorded, answers: { ...answers, description: "The weather.", token: "WEATHER_KEY" } };
    expect(readRecord(writeRecord(said))).toEqual(said);
  });

  test("of tools made from a description has the template's files alone", () => {
    const generated = {
      files: new Map([["src/tools/get-pet.ts", "own"]]),
      api: {
        url: "https://pets.test",
        credential: { header: "x-key", prefix: "" },
        checkPath: "/pets",
        budget: 500,
      },
      notes: ["One part was left out."],
    };
    const all = new Map([...base, ...generated.files]);
    const { generated: read, base: files } = readRecord(writeRecord({ ...recorded, generated, base: all }));
    expect(files).toEqual(base);
    expect(read).toEqual({ api: generated.api, files: new Map(), notes: [] });
  });
});

describe("no record is", () => {
  const wrong: readonly (readonly [string, () => string])[] = [
    ["an empty file", () => ""],
    ["half a file", () => writeRecord(recorded).slice(0, 100)],
    ["a merge conflict", () => `<<<<<<< HEAD\n${writeRecord(recorded)}`],
    ["JSON of something else", () => "[]"],
    ["one of another kind", () => JSON.stringify({ ...written(), kind: "ftp" })],
    ["one of a name that is none", () => JSON.stringify({ ...written(), name: "../weather" })],
    ["one without files", () => JSON.stringify({ ...written(), base: undefined })],
    ["one whose files were cut", () => JSON.stringify({ ...written(), base: String(written()["base"]).slice(0, 40) })],
    ["one whose files are no base64", () => JSON.stringify({ ...written(), base: "§§§" })],
    ["one whose files are no texts", () => JSON.stringify({ ...written(), base: packed({ a: 1 }) })],
    ["one that leads above the project", () => JSON.stringify({ ...written(), base: packed({ "../a": "" }) })],
    ["one that leads out in between", () => JSON.stringify({ ...written(), base: packed({ "a/../../b": "" }) })],
    ["one that leads to the root", () => JSON.stringify({ ...written(), base: packed({ "/etc/passwd": "" }) })],
    ["one that leads to a drive", () => JSON.stringify({ ...written(), base: packed({ "C:\\a": "" }) })],
  ];

  test.for(wrong)("%s", ([, text]) => {
    expect(() => readRecord(text())).toThrow(
      new Problem(".mooring/template.json cannot be read. Take it back from your version control."),
    );
  });
});
