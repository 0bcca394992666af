// docs/core.md names every export and shows it at work: what it says is compiled, run and compared.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { formatWithOptions } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { errorKinds } from "../src/errors.ts";
import { compile } from "./support/compile.ts";
import { exported, undocumented } from "./support/exported.ts";

const page = readFileSync(new URL("../../../docs/core.md", import.meta.url), "utf8");
// Inside the package, so that what it depends on is found.
const folder = fileURLToPath(new URL("../artifacts/core-docs/", import.meta.url));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Example {
  readonly file: string;
  readonly code: string;
  /** What it prints, as the block of text behind it says; `undefined`: it is not run. */
  readonly output: string | undefined;
}

const examples: Example[] = [...page.matchAll(/^```ts(?: (\S+))?\n([^]*?)^```\n(?:\n```text\n([^]*?)^```$)?/gm)].map(
  ([, kind = "", code = "", output], i) => ({
    file: kind.startsWith("file=") ? kind.slice("file=".length) : `example-${i}.ts`,
    code,
    output: kind === "run" ? (output ?? "") : undefined,
  }),
);

const { exports } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  exports: Record<string, unknown>;
};
const subpaths = Object.keys(exports)
  .filter((path) => path !== "./package.json")
  .map((path) => ({ path: `@mooring/core${path.slice(1)}`, entry: path === "." ? "index" : path.slice(2) }));

/** The names in the first column of the tables that a subpath heads, in their order on the page. */
function named(path: string): string[] {
  const tables = page.split(`| \`${path}\` | |\n|---|---|\n`).slice(1);
  return tables.flatMap((rest) =>
    [...(/^(?:\|.*\n)*/.exec(rest)?.[0] ?? "").matchAll(/^\| `(\w+)` \| \S/gm)].map(([, name = ""]) => name),
  );
}

/** The names that an example imports from a subpath; the compiler refuses those that it does not use. */
function imported(path: string, code: string): string[] {
  return [...code.matchAll(/^import (?:type )?\{([^}]*)\} from "(.*)";$/gm)]
    .filter(([, , from]) => from === path)
    .flatMap(([, names = ""]) => names.split(","))
    .map((name) => name.trim().replace(/^type /, ""));
}

test.for(subpaths)("$path: the page names each export once, and nothing else", ({ path, entry }) => {
  const names = exported(entry).map((name) => name.replace(/^type /, ""));
  expect(named(path).toSorted()).toEqual(names.toSorted());
});

test.for(subpaths)("$path: each export is used in an example", ({ path }) => {
  const shown = new Set(examples.flatMap(({ code }) => imported(path, code)));
  expect(named(path).filter((name) => !shown.has(name))).toEqual([]);
});

test.for(subpaths)("$path: each export has a docstring", ({ entry }) => {
  expect(undocumented(entry)).toEqual([]);
});

test("types begin with a capital, values do not, but for the classes that the page names", () => {
  const names = subpaths.flatMap(({ entry }) => exported(entry));
  const [, classes = ""] = /except the classes (.*)\.$/m.exec(page) ?? [];
  expect(
    names
      .filter((name) => /^[A-Z]/.test(name))
      .map((name) => `\`${name}\``)
      .toSorted(),
  ).toEqual(classes.split(", "));
  expect(names.filter((name) => /^type [^A-Z]/.test(name))).toEqual([]);
});

test("the kinds of errors are all explained", () => {
  const [, rows = ""] = page.split("| Kind | When | Repeat as it is |\n|---|---|---|\n");
  const kinds = [...(/^(?:\|.*\n)*/.exec(rows)?.[0] ?? "").matchAll(/^\| `(\w+)`/gm)].map(([, kind]) => kind);
  expect(kinds).toEqual([...errorKinds]);
});

test("the examples compile", { timeout: 60_000 }, () => {
  expect(page.match(/^```ts/gm)).toHaveLength(examples.length);
  expect(page.match(/^```text/gm)).toHaveLength(examples.filter(({ output }) => output !== undefined).length);
  const files = new Map(examples.map(({ file, code }) => [file, code]));
  expect(files.size).toBe(examples.length);
  expect(compile(`${folder}compiled`, files)).toEqual({ status: 0, stdout: "" });
});

beforeAll(() => {
  mkdirSync(`${folder}run`, { recursive: true });
  for (const { file, code } of examples)
    writeFileSync(
      `${folder}run/${file}`,
      code.replaceAll(/"@mooring\/core(?:\/(\w+))?"/g, (_, entry = "index") => `"../../../src/${entry}.ts"`),
    );
});

test.for(examples.filter(({ output }) => output !== undefined))(
  "$file prints what the page says",
  async ({ file, output }) => {
    const printed: string[] = [];
    const log = vi.spyOn(console, "log").mockImplementation((...args: unknown[]) => {
      printed.push(formatWithOptions({ breakLength: 120 }, ...args));
    });
    try {
      await import(/* @vite-ignore */ pathToFileURL(`${folder}run/${file}`).href);
    } finally {
      log.mockRestore();
    }
    const text = printed
      .join("\n")
      // What is random in each run.
      .replaceAll(/untrusted [\w-]{22}/g, "untrusted ID")
      .replaceAll(/ref [\w-]{36}/g, "ref REF")
      .replaceAll(/cursor "\w+\.[\w-]{22}"/g, 'cursor "CURSOR"');
    expect(`${text}\n`).toBe(output);
  },
);
