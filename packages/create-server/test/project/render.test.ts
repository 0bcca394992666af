import { dirname, join, posix } from "node:path";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { namesOf } from "../../src/answers/names.ts";
import { type Kind, kinds, type Level } from "../../src/kinds.ts";
import { render } from "../../src/project/render.ts";
import type { Files } from "../../src/project/template.ts";
import { answersFor, rendered, templates, type Variant, variants } from "./variants.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

const rank: Readonly<Record<Level, number>> = { read: 0, write: 1, full: 2 };

/** Places in files, as `path: text`, for a message that says where. */
function found(files: Files, pattern: RegExp): string[] {
  return [...files].flatMap(([path, text]) =>
    text
      .split("\n")
      .filter((line) => pattern.test(line))
      .map((line) => `${path}: ${line.trim()}`),
  );
}

interface Manifest {
  readonly name: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly devDependencies: Readonly<Record<string, string>>;
}
const manifestOf = (files: Files) => JSON.parse(files.get("package.json") ?? "") as Manifest;

/** Packages that code of a project may import. */
function declared(files: Files, place: Variant["place"]): Set<string> {
  const { devDependencies } = manifestOf(files);
  if (place === "standalone") return new Set(Object.keys(devDependencies));
  const shared = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  return new Set([...Object.keys(devDependencies), ...Object.keys(shared.devDependencies)]);
}

/** What a file names in imports, and relative to itself in URLs. */
function named(text: string): string[] {
  const imports = text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*"([^"\n]+)"/g);
  const urls = text.matchAll(/new URL\("([^"\n]+)", import\.meta\.url\)/g);
  return [...imports, ...urls].map(([, name = ""]) => (/^[\w.-]+\.mjs$/.test(name) ? `./${name}` : name));
}

describe.for(variants)("$kind at $access, $place", (variant) => {
  const files = rendered(variant);
  const { kind, access, place } = variant;

  test("is the same every time, whatever the order of the template's files", () => {
    const backwards = (record: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(record).toReversed());
    const template = templates.kinds[kind] as (typeof templates.kinds)[string];
    const other = render(
      {
        ...templates,
        kinds: { [kind]: { ...template, files: backwards(template.files) } },
        server: backwards(templates.server),
        standalone: backwards(templates.standalone),
      },
      { answers: answersFor(variant), place, year: 2031 },
    );
    expect([...other]).toEqual([...files]);
  });

  test("has nothing of the template's name or marks in it", () => {
    const { LICENSE: _text, ...own } = Object.fromEntries(files);
    expect(found(new Map(Object.entries(own)), /example|template-/i)).toEqual([]);
    expect(found(files, /^\s*(?:\/\/|#) (?:begin|end):|<!-- only:/)).toEqual([]);
    expect([...files.keys()].filter((path) => /example|(?:^|\/)_[a-z]/i.test(path))).toEqual([]);
  });

  test("has every file of a server", () => {
    const here = (paths: readonly string[]) => paths.filter((path) => files.has(path));
    const both = [
      ".dockerignore",
      "Dockerfile",
      "README.md",
      "SKILL.md",
      "package.json",
      "src/bin.ts",
      "src/errors.ts",
      "src/main.ts",
      "src/options.ts",
      "src/server.ts",
      "src/tool.ts",
      "src/tools/index.ts",
      "test/bin.test.ts",
      "test/errors.test.ts",
      "test/sample.ts",
      "test/surface.test.ts",
      "tsconfig.json",
      "tsdown.config.ts",
      "vitest.config.ts",
      "vitest.services.config.ts",
    ];
    const own = [
      ".changeset/config.json",
      ".changeset/first.md",
      ".gitattributes",
      ".github/dependabot.yml",
      ".github/workflows/ci.yml",
      ".github/workflows/release.yml",
      ".gitignore",
      ".mcpbignore",
      ".oxfmtrc.json",
      ".oxlintrc.json",
      "CONTRIBUTING.md",
      "LICENSE",
    ];
    expect(here(both)).toEqual(both);
    expect(here(own)).toEqual(place === "standalone" ? own : []);
    // They follow from the code, and are written by its first test run.
    expect(here(["server.json", "manifest.json", "test/__surface__/server.surface.json"])).toEqual([]);
    for (const path of files.keys()) expect(path).toBe(posix.normalize(path));
    expect([...files.values()].filter((text) => !text.endsWith("\n") || text.includes("\r"))).toEqual([]);
  });

  test("imports nothing that is not there", () => {
    const packages = declared(files, place);
    const folders = new Set([...files.keys()].map((path) => posix.dirname(path)));
    const missing = [...files].flatMap(([path, text]) =>
      /\.[mc]?[jt]s$/.test(path)
        ? named(text)
            .filter((name) => {
              if (name.startsWith("node:")) return false;
              if (!name.startsWith(".")) return !packages.has(name.split("/", name.startsWith("@") ? 2 : 1).join("/"));
              const to = posix.join(posix.dirname(path), name);
              if (/^\.\.\/\.\.\/[^/]+$/.test(to))
                return place === "standalone" || !readFileSync(join(root, posix.basename(to)));
              return !files.has(to) && !folders.has(to.replace(/\/$/, "")) && !to.startsWith("dist/");
            })
            .map((name) => `${path}: ${name}`)
        : [],
    );
    expect(missing).toEqual([]);
  });

  test("has every file that its own package.json, Dockerfile and configuration name", () => {
    const { bin } = manifestOf(files);
    expect(bin).toEqual({ "mooring-weather": "./dist/bin.js" });
    const shipped = manifestOf(files).files.filter((path) => path !== "dist");
    expect(shipped.filter((path) => !files.has(path))).toEqual([]);
    expect(files.get("tsdown.config.ts")).toContain('"src/bin.ts"');
    for (const [, path] of (files.get("Dockerfile") ?? "").matchAll(/(\S+\.(?:json|md)) /g))
      expect([...files.keys()]).toContain(path);
  });

  test("has no trace of a tool above its level", () => {
    const tools = templates.kinds[kind]?.tools ?? [];
    const above = tools.filter((tool) => rank[tool.access] > rank[access]);
    expect(above).toHaveLength(2 - rank[access]);
    for (const { name, file, constant } of above) {
      expect(found(files, new RegExp(`\\b(?:${name}|${file}|${constant})\\b`))).toEqual([]);
      expect([...files.keys()].filter((path) => path.includes(file) || path.includes(name))).toEqual([]);
    }
    const kept = tools.filter((tool) => rank[tool.access] <= rank[access]);
    for (const { name, file, constant } of kept) {
      for (const path of [`src/tools/${file}.ts`, `test/tools/${file}.test.ts`, `test/__surface__/${name}.json`])
        expect([...files.keys()]).toContain(path);
      expect(files.get("src/tools/index.ts")).toContain(`import { ${constant} } from "./${file}.ts";`);
      expect(files.get("src/tools/index.ts")).toMatch(
        new RegExp(`^export const tools = \\[.*\\b${constant}\\b.*\\];$`, "m"),
      );
      expect(files.get("SKILL.md")).toContain(`\`${name}\``);
    }
  });

  test("has tables that are yet to be written", () => {
    const page = files.get("README.md") ?? "";
    const sections = [...page.matchAll(/<!-- begin:([\w-]+) -->\n<!-- end:\1 -->/g)].map(([, name]) => name);
    expect(sections).toEqual(expect.arrayContaining(["tools", "hosts", "options", "common-options", "budgets"]));
    expect(page.match(/<!-- begin:/g)).toHaveLength(sections.length);
  });

  test("has JSON that is JSON and YAML that is YAML", () => {
    const wrong = [...files].filter(([path, text]) => {
      if (path.endsWith(".json")) return typeof JSON.parse(text) !== "object";
      return path.endsWith(".yml") && typeof parse(text) !== "object";
    });
    expect(wrong).toEqual([]);
  });
});

test.for(Object.keys(kinds) as Kind[])("an author of a server of kind %s sees its own code whole", (kind) => {
  const files = rendered({ kind, access: "full", place: "standalone" });
  const code = [...files].filter(([path]) => path.startsWith("src/"));
  expect(code.every(([path]) => path.endsWith(".ts"))).toBe(true);
  const lines = code.map(([path, text]) => [path, text.trimEnd().split("\n").length] as const);
  const total = lines.reduce((sum, [, count]) => sum + count, 0);
  expect(total).toBeLessThanOrEqual(250);
  expect(total).toBeGreaterThan(150);
});

describe("a name", () => {
  const variant = { kind: "http-api", access: "full", place: "standalone" } as const;
  const withName = (name: string) =>
    render(templates, { answers: { ...answersFor(variant), names: namesOf(name) }, place: "standalone", year: 2031 });

  test("stands in all its forms where the template's stood", () => {
    const files = withName("@acme/weather-map");
    expect(manifestOf(files)).toMatchObject({
      name: "@acme/weather-map",
      bin: { "mooring-weather-map": "./dist/bin.js" },
      mcpName: "io.github.acme/weather-map",
      description: expect.stringContaining("Weather Map"),
    });
    expect(files.get("src/server.ts")).toContain('  name: "weather-map",\n  title: "Weather Map",\n');
    expect(files.get("src/options.ts")).toContain('env: "WEATHER_MAP_TOKEN"');
    expect(files.get("src/resources/ticket.ts")).toContain('"weather-map://tickets/{id}"');
    expect(files.get(".changeset/first.md")).toBe('---\n"@acme/weather-map": minor\n---\n\nFirst release.\n');
  });

  test.for(["example", "my-example", "example-example", "@example/weather"])(
    "with the template's in it is replaced once (%s)",
    (name) => {
      const { package: id, server, title, variable } = namesOf(name);
      const files = withName(name);
      expect(manifestOf(files)).toMatchObject({ name: id, bin: { [`mooring-${server}`]: "./dist/bin.js" } });
      expect(files.get("src/server.ts")).toContain(`  name: "${server}",\n  title: "${title}",\n`);
      expect(files.get("src/options.ts")).toContain(`env: "${variable}_TOKEN"`);
      expect(files.get("README.md")).toContain(`# ${id}\n`);
    },
  );
});

test("the author's description and variable stand where the template's would", () => {
  const variant = { kind: "http-api", access: "full", place: "standalone" } as const;
  const answers = { ...answersFor(variant), description: "Says $& and the weather.", token: "WEATHER_KEY" };
  const files = render(templates, { answers, place: "standalone", year: 2031 });
  expect(manifestOf(files)).toMatchObject({ description: "Says $& and the weather." });
  expect(files.get("README.md")).toMatch(/^# weather\n\nSays \$& and the weather\.\n/);
  const texts = [...files].map(([path, text]) => [path, text.match(/\bWEATHER_(?:KEY|TOKEN)\b/g)] as const);
  const found = texts.flatMap(([, names]) => names ?? []);
  expect([...new Set(found)]).toEqual(["WEATHER_KEY"]);
  expect(texts.flatMap(([path, names]) => (names ? [path] : []))).toContain("src/options.ts");
});

test("a kind without a template is a fault of ours", () => {
  const answers = answersFor({ kind: "http-api", access: "full", place: "standalone" });
  expect(() => render({ ...templates, kinds: {} }, { answers, place: "standalone", year: 2031 })).toThrow(
    "There is no template http-api.",
  );
});

test("the workspace has no file of a project of its own", () => {
  const files = rendered({ kind: "http-api", access: "full", place: "workspace" });
  expect([...files.keys()].filter((path) => dirname(path).startsWith(".g"))).toEqual([]);
  expect(files.get("tsconfig.json")).toContain("../../tsconfig.base.json");
  expect(files.get("vitest.services.config.ts")).toContain('shared("weather", "services")');
});
