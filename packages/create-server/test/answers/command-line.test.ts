import { describe, expect, test } from "vitest";
import { readCommandLine, USAGE } from "../../src/answers/command-line.ts";
import { Problem } from "../../src/problem.ts";

const NOTHING = { upgrade: false, apply: false, yes: false, help: false, version: false };

describe("the command line", () => {
  test.for([
    [[], {}],
    [["weather"], { directory: "weather" }],
    [["@acme/weather"], { directory: "@acme/weather" }],
    [["--name", "weather"], { name: "weather" }],
    [["--name="], { name: "" }],
    [["--kind", "local"], { kind: "local" }],
    [["--access=read"], { access: "read" }],
    [["--licence", "MIT"], { licence: "MIT" }],
    [["--license", "MIT"], { licence: "MIT" }],
    [["--license", "MIT", "--licence", "UNLICENSED"], { licence: "UNLICENSED" }],
    [["--author", "Ada Lovelace"], { author: "Ada Lovelace" }],
    [["--description", "The weather."], { description: "The weather." }],
    [["--token", "GITHUB_TOKEN"], { token: "GITHUB_TOKEN" }],
    [["--openapi", "api.json"], { openapi: "api.json" }],
    [["--openapi=api.json", "--operations", " a, b,,c "], { openapi: "api.json", operations: ["a", "b", "c"] }],
    [["--upgrade"], { upgrade: true }],
    [["--upgrade", "--apply", "weather"], { upgrade: true, apply: true, directory: "weather" }],
    [["--yes"], { yes: true }],
    [["-y"], { yes: true }],
    [["--help"], { help: true }],
    [["-h"], { help: true }],
    [["--version"], { version: true }],
    // pnpm passes the hyphens on that npm takes away.
    [["weather", "--", "--kind", "local", "-y"], { directory: "weather", kind: "local", yes: true }],
  ] as const)("%j", ([argv, said]) => {
    const { operations, ...rest } = readCommandLine(argv);
    const given = Object.entries({ ...rest, operations }).filter(([, value]) => value !== undefined);
    expect(Object.fromEntries(given)).toEqual({ ...NOTHING, ...said });
  });

  test.for([
    [["--kin", "x"], 'There is no option "--kin"; did you mean --kind? --help lists the options.'],
    [["--nonsense"], 'There is no option "--nonsense". --help lists the options.'],
    [["--no\u200bnsense"], String.raw`There is no option "--no\u{200b}nsense". --help lists the options.`],
    [["-x"], 'There is no option "-x". --help lists the options.'],
    [["--kind"], "--kind wants a value after it. --help lists the options."],
    [["--kind", "--yes"], "--kind wants a value after it. --help lists the options."],
    [["--yes=no"], "Option '-y, --yes' does not take an argument. --help lists the options."],
    [["a", "b", "c"], 'One directory is expected, and "b" is a second. --help lists the options.'],
    [[""], "The directory is empty: say where the new server goes."],
    [["--apply"], "--apply belongs to --upgrade."],
    [["--operations", "a"], "--operations names operations of --openapi FILE, which is missing."],
    [["--upgrade", "--license", "MIT"], "--upgrade keeps what the project was made of: leave out --license."],
    [["--upgrade", "--name", "x"], "--upgrade keeps what the project was made of: leave out --name."],
  ] as const)("%j is one line of what is wrong", ([argv, message]) => {
    expect(() => readCommandLine(argv)).toThrow(new Problem(message));
  });
});

test("the help names every option that is read, and each of them in no more than a screen's width", () => {
  for (const name of "name kind access licence author openapi operations yes upgrade apply version help".split(" "))
    expect(USAGE).toMatch(new RegExp(`^ +(?:--version  )?--${name}\\b`, "m"));
  expect(USAGE.split("\n").filter((line) => line.length > 110)).toEqual([]);
});
