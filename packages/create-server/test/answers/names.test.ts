import { describe, expect, test } from "vitest";
import { namesOf } from "../../src/answers/names.ts";
import { Problem } from "../../src/problem.ts";

describe("a name in all its forms", () => {
  test.for([
    ["weather", { package: "weather", server: "weather", title: "Weather", variable: "WEATHER" }],
    [
      "@acme/weather-station",
      {
        package: "@acme/weather-station",
        server: "weather-station",
        title: "Weather Station",
        variable: "WEATHER_STATION",
      },
    ],
    ["a", { package: "a", server: "a", title: "A", variable: "A" }],
    ["w3-4you", { package: "w3-4you", server: "w3-4you", title: "W3 4you", variable: "W3_4YOU" }],
    ["@1.a_b-c/x", { package: "@1.a_b-c/x", server: "x", title: "X", variable: "X" }],
    // With a scope it is no module of Node.
    ["@acme/fs", { package: "@acme/fs", server: "fs", title: "Fs", variable: "FS" }],
    ["console-log", { package: "console-log", server: "console-log", title: "Console Log", variable: "CONSOLE_LOG" }],
  ] as const)("%s", ([name, names]) => {
    expect(namesOf(name)).toEqual(names);
  });

  test("forty characters are not too many", () => {
    expect(namesOf(`@acme/${"x".repeat(40)}`).server).toHaveLength(40);
  });
});

const LETTERS = "is not made of small letters, digits and single hyphens, with a letter first";
const SCOPE = "has a scope that npm does not take";

describe("a name that cannot be used", () => {
  test.for([
    ["", "is empty"],
    ["@acme/", "is empty"],
    ["Weather", LETTERS],
    ["weatherMap", LETTERS],
    ["weather.map", LETTERS],
    ["weather_map", LETTERS],
    ["weather map", LETTERS],
    [" weather", LETTERS],
    ["weather\n", LETTERS],
    ["weather\u200b", LETTERS],
    ["w\u0435ather", LETTERS],
    ["wetter-ü", LETTERS],
    ["⛅", LETTERS],
    ["3weather", LETTERS],
    ["-weather", LETTERS],
    ["weather-", LETTERS],
    ["weather--map", LETTERS],
    [".", LETTERS],
    ["..", LETTERS],
    ["../weather", LETTERS],
    ["a/b", LETTERS],
    ["/etc/passwd", LETTERS],
    ["@acme/../weather", LETTERS],
    ["@acme/a/b", LETTERS],
    ["@acme", LETTERS],
    ["node_modules", LETTERS],
    ["favicon.ico", LETTERS],
    ["$(id)", LETTERS],
    ["a`b", LETTERS],
    ["@/weather", SCOPE],
    ["@Acme/weather", SCOPE],
    ["@../weather", SCOPE],
    ["@.acme/weather", SCOPE],
    ["@ac me/weather", SCOPE],
    ["@ac\u202eme/weather", SCOPE],
    ["con", "is a device on Windows"],
    ["@acme/nul", "is a device on Windows"],
    ["com1", "is a device on Windows"],
    ["fs", "is taken by a module of Node itself"],
    ["http", "is taken by a module of Node itself"],
    ["x".repeat(41), "has more than 40 characters"],
    [`@${"a".repeat(210)}/weather`, "has more than 214 characters"],
  ] as const)("%j", ([name, why]) => {
    const refused = () => namesOf(name);
    expect(refused).toThrow(Problem);
    expect(refused).toThrow(`${why}. Use something like weather or @acme/weather.`);
  });

  test("is shown in one line of what can be seen", () => {
    expect(() => namesOf("a\u200b\n")).toThrow(String.raw`The name "a\u{200b}\n" is not made`);
  });
});
