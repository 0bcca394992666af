import { describe, expect, test } from "vitest";
import { answersOf, type Questions } from "../../src/answers/answers.ts";
import { type CommandLine, readCommandLine } from "../../src/answers/command-line.ts";
import type { Place } from "../../src/place.ts";
import { Problem } from "../../src/problem.ts";

/** A place without a file system: "taken" is taken. */
function placeFor(name: string | undefined): Place {
  return {
    name,
    packageOf: (called) => called,
    directoryOf({ server }) {
      if (server === "taken") throw new Problem("taken is not empty.");
      return `/home/${server}`;
    },
  };
}

/** A person who has these answers ready; what they were asked is remembered. */
function person(...answers: string[]) {
  const asked: string[] = [];
  const refused: string[] = [];
  const questions: Questions = {
    async text(question, standard, read) {
      for (;;) {
        asked.push(question);
        try {
          return read(answers.shift() ?? standard);
        } catch (error) {
          refused.push((error as Problem).message);
        }
      }
    },
    async choice(question, choices, standard) {
      asked.push(question);
      const answer = answers.shift() ?? standard;
      expect(Object.keys(choices)).toContain(answer);
      return answer as typeof standard;
    },
  };
  return { questions, asked, refused };
}

const decide = (argv: readonly string[], questions?: Questions, name?: string) => {
  const line: CommandLine = readCommandLine(argv);
  return answersOf(line, { questions, place: placeFor(name ?? line.directory) });
};

describe("asked is what was not said", () => {
  const questions = ["Name of the package", "What does it wrap?", "How far may its tools go?", "Licence"];

  test.for([
    [[], [...questions]],
    [["weather"], questions.slice(1)],
    [["--name", "weather"], questions.slice(1)],
    [["weather", "--kind", "local"], questions.slice(2)],
    [["weather", "--kind", "local", "--access", "read"], questions.slice(3)],
    [["weather", "--kind", "local", "--access", "read", "--licence", "MIT"], []],
    [["weather", "--openapi", "api.json"], ["Licence"]],
    [["weather", "--token", "WEATHER_KEY"], questions.slice(2)],
  ] as const)("%j", async ([argv, expected]) => {
    const { questions: someone, asked } = person();
    await decide(argv, someone);
    expect(asked).toEqual(expected);
  });

  test("and what is answered counts", async () => {
    const { questions: someone } = person("@acme/weather", "database", "write", "Apache-2.0");
    expect(await decide(["--author", "Ada"], someone)).toEqual({
      directory: "/home/weather",
      answers: {
        names: { package: "@acme/weather", server: "weather", title: "Weather", variable: "WEATHER" },
        kind: "database",
        access: "write",
        licence: "Apache-2.0",
        author: "Ada",
      },
    });
  });

  test("until the name is one, and its folder is free", async () => {
    const { questions: someone, asked, refused } = person("Weather", "taken", "weather");
    expect((await decide([], someone)).directory).toBe("/home/weather");
    expect(asked.filter((question) => question === "Name of the package")).toHaveLength(3);
    expect(refused).toEqual([expect.stringContaining('The name "Weather"'), "taken is not empty."]);
  });
});

describe("where nobody can be asked", () => {
  test("what was not said has its default", async () => {
    const { answers } = await decide(["weather"]);
    expect(answers).toMatchObject({ kind: "http-api", access: "full", licence: "MIT", author: "" });
  });

  test("what was said counts, whatever its case", async () => {
    const said = ["weather", "--kind", "Local", "--access", "READ", "--license", "apache-2.0"];
    expect((await decide(said)).answers).toMatchObject({ kind: "local", access: "read", licence: "Apache-2.0" });
  });

  test("--name wins over the directory's", async () => {
    expect((await decide(["folder", "--name", "@acme/weather"])).answers.names.package).toBe("@acme/weather");
  });

  test("a name is needed", async () => {
    await expect(decide([])).rejects.toThrow(
      new Problem("Say where the new server goes: npm create @mooring/server weather."),
    );
  });
});

describe("refused before the first question:", () => {
  test.for([
    [["w", "--kind", "locl"], '--kind "locl": expected http-api, database, local; did you mean local?'],
    [["w", "--kind", "ftp"], '--kind "ftp": expected http-api, database, local.'],
    [["w", "--kind="], '--kind "": expected http-api, database, local.'],
    [["w", "--kind", "constructor"], '--kind "constructor": expected http-api, database, local.'],
    [["w", "--access", "ful"], '--access "ful": expected read, write, full; did you mean full?'],
    [["w", "--access", "destructive"], '--access "destructive": expected read, write, full.'],
    [["w", "--license", "mit2"], '--licence "mit2": expected MIT, Apache-2.0, UNLICENSED; did you mean MIT?'],
    [["w", "--author", "Ada\nLovelace"], String.raw`--author "Ada\nLovelace": expected a name in one line.`],
    [["w", "--description", " "], '--description " ": expected one line of at most 200 characters.'],
    [["w", "--description", "a\nb"], String.raw`--description "a\nb": expected one line`],
    [["w", "--description", "a".repeat(201)], "expected one line of at most 200 characters."],
    [["w", "--token", "github-token"], '--token "github-token": expected the name of a variable'],
    [["w", "--token", `A${"B".repeat(46)}`], "at most 46 characters."],
    [["w", "--token", "A_TOKEN", "--kind", "local"], "--token is for --kind http-api."],
    [["w", "--openapi", "a.json", "--kind", "database"], "--openapi is for --kind http-api."],
    [["Weather"], 'The name "Weather" is not made of'],
    [["w", "--name", ""], 'The name "" is empty.'],
    [["taken"], "taken is not empty."],
  ] as const)("%j", async ([argv, message]) => {
    const { questions, asked } = person();
    const refused = decide(argv, questions);
    await expect(refused).rejects.toThrow(Problem);
    await expect(refused).rejects.toThrow(message);
    expect(asked).toEqual([]);
  });
});
