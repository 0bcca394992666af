import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { namesOf } from "../src/answers/names.ts";
import { placeOf } from "../src/place.ts";
import { Problem } from "../src/problem.ts";

let base: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "place-")));
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

/** Where a server goes, and as which package, when the command line says only this directory. */
function settled(directory: string | undefined, cwd = base, called?: string): [string, string] {
  const place = placeOf(directory, cwd);
  const names = namesOf(place.packageOf(called ?? place.name ?? ""));
  return [place.directoryOf(names), names.package];
}

describe("a project of its own", () => {
  test.for([
    ["weather", "weather", "weather"],
    ["a/weather/", "a/weather", "weather"],
    ["./weather", "weather", "weather"],
    // It names a package, and no folder above the project.
    ["@acme/weather", "weather", "@acme/weather"],
  ] as const)("goes for %s to %s", ([directory, folder, name]) => {
    expect(settled(directory)).toEqual([join(base, folder), name]);
  });

  test("goes into the folder that the person is in, for .", () => {
    mkdirSync(join(base, "weather"));
    expect(settled(".", join(base, "weather"))).toEqual([join(base, "weather"), "weather"]);
  });

  test("goes to the directory, and is called as it is called", () => {
    expect(settled("folder", base, "@acme/weather")).toEqual([join(base, "folder"), "@acme/weather"]);
    expect(settled(undefined, base, "@acme/weather")).toEqual([join(base, "weather"), "@acme/weather"]);
  });

  test("does not go where something is", () => {
    writeFileSync(join(base, "weather"), "");
    expect(() => settled("weather")).toThrow(`${join(base, "weather")} is a file.`);
    expect(() => settled("@acme/weather")).toThrow(`${join(base, "weather")} is a file.`);
    expect(() => settled(undefined, base, "weather")).toThrow(`${join(base, "weather")} is a file.`);
  });

  test("has no name where no directory is said", () => {
    expect(placeOf(undefined, base).name).toBeUndefined();
  });
});

describe("in the workspace", () => {
  beforeEach(() => {
    writeFileSync(join(base, "pnpm-workspace.yaml"), "packages: [servers/*]\n");
    writeFileSync(join(base, "package.json"), '{"name":"mooring"}');
    for (const folder of ["packages/core", "packages/create-server/templates/local", "servers/other", "test"])
      mkdirSync(join(base, folder), { recursive: true });
    writeFileSync(join(base, "packages/core/package.json"), '{"name":"@mooring/core"}');
    writeFileSync(
      join(base, "packages/create-server/templates/local/package.json"),
      '{"name":"@mooring/template-local"}',
    );
    writeFileSync(join(base, "test/package.json"), '{"name":"@mooring/test"}');
    // Half a package of somebody else's is none of our business.
    writeFileSync(join(base, "servers/other/package.json"), "{");
  });

  test.for([
    ["weather", ""],
    ["@mooring/weather", ""],
    ["servers/weather", ""],
    ["./weather", ""],
    ["weather", "servers"],
    ["weather", "packages/core"],
  ] as const)("%s, said in /%s, goes to servers/", ([directory, cwd]) => {
    expect(settled(directory, join(base, cwd))).toEqual([join(base, "servers/weather"), "@mooring/weather"]);
    expect(placeOf(directory, join(base, cwd)).workspace).toBe(base);
  });

  test("so does what is only called so", () => {
    expect(settled(undefined, base, "weather")).toEqual([join(base, "servers/weather"), "@mooring/weather"]);
  });

  test.for([
    ["packages/weather", "Servers of this workspace are in servers/, and not at packages/weather: say weather."],
    [
      "servers/deep/weather",
      "Servers of this workspace are in servers/, and not at servers/deep/weather: say weather.",
    ],
    ["@acme/weather", "Packages of this workspace are in @mooring: leave out the scope of @acme/weather."],
    ["core", "@mooring/core is the package in packages/core. Choose another name."],
    ["test", "@mooring/test is the package in test. Choose another name."],
    [
      "template-local",
      "@mooring/template-local is the package in packages/create-server/templates/local. Choose another name.",
    ],
  ] as const)("%s is refused", ([directory, message]) => {
    expect(() => settled(directory)).toThrow(new Problem(message));
  });

  test("a folder that is taken is refused", () => {
    expect(() => settled("other")).toThrow(/servers\/other is not empty/);
  });

  test("a directory elsewhere is a project of its own, and one in it said elsewhere is not", () => {
    const elsewhere = realpathSync(mkdtempSync(join(tmpdir(), "elsewhere-")));
    try {
      expect(settled(join(elsewhere, "weather"))).toEqual([join(elsewhere, "weather"), "weather"]);
      expect(settled(join(base, "servers/weather"), elsewhere)[1]).toBe("@mooring/weather");
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  test.for([
    ["package.json", '{"name":"another"}'],
    ["package.json", "no JSON"],
  ] as const)("of somebody else (%s: %s) it is a project like any other", ([file, text]) => {
    writeFileSync(join(base, file), text);
    expect(settled("weather")).toEqual([join(base, "weather"), "weather"]);
  });
});
