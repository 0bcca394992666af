import type { Answers } from "../answers/answers.ts";
import type { Level } from "../kinds.ts";
import { licenceText } from "./licence.ts";
import { standaloneManifest, workspaceManifest } from "./manifest.ts";
import { type Part, selectLines } from "./select-lines.ts";
import type { Files, Template, Templates } from "./template.ts";
import { workspaceFiles } from "./workspace-files.ts";

/** What a description of an API says to the template's own files; remembered for upgrades. */
export interface DescribedApi {
  /** `--url`'s default. */
  readonly url?: string | undefined;
  /** How the credential is sent; `undefined`: the API wants none. */
  readonly credential?: { readonly header: string; readonly prefix: string } | undefined;
  /** What `--check` asks for. */
  readonly checkPath?: string | undefined;
  /** Most tokens of the tool list. */
  readonly budget: number;
}

/** Tools that stand in place of the template's samples, with their files. */
export interface GeneratedTools {
  readonly files: Files;
  readonly api: DescribedApi;
  /** What the author should know. */
  readonly notes: readonly string[];
}

export interface RenderOptions {
  readonly answers: Answers;
  /** A project of its own, or a folder of servers/ in the workspace. */
  readonly place: "standalone" | "workspace";
  readonly generated?: GeneratedTools | undefined;
  /** The year of the licence. */
  readonly year: number;
}

/** Every file of a new server, by path, in memory: what is written is all of it or nothing. Pure. */
export function render(templates: Templates, { answers, place, generated, year }: RenderOptions): Files {
  const template = templates.kinds[answers.kind];
  if (!template) throw new Error(`There is no template ${answers.kind}.`);
  const parts = partsOf(answers.access, generated);
  const dropped = droppedFiles(template, answers.access, generated !== undefined);
  const common = { ...templates.server, ...(place === "standalone" && templates.standalone) };
  const files = new Map<string, string>();
  for (const [path, text] of Object.entries({ ...template.files, ...common })) {
    if (dropped(path) || path === "package.json") continue;
    const selected =
      path === "src/tools/index.ts" ? withoutTools(text, template, answers.access) : selectLines(text, parts);
    const shown = path === "README.md" ? withoutSections(selected) : selected;
    files.set(path.replace(/(^|\/)_(?=git)/, "$1."), withNames(shown, answers));
  }
  const source = JSON.parse(withNames(template.files["package.json"] ?? "", answers)) as Record<string, unknown>;
  if (place === "standalone") {
    const added = JSON.parse(templates.standalone["package.json"] ?? "{}") as Record<string, unknown>;
    files.set("package.json", jsonFile(standaloneManifest(source, added, answers, templates.ranges)));
    files.set("LICENSE", licenceText(templates.licences, answers, year));
  } else {
    files.set("package.json", jsonFile(workspaceManifest(source, answers)));
    for (const [path, text] of Object.entries(workspaceFiles(answers))) files.set(path, text);
  }
  if (generated) applyGenerated(files, generated);
  if (answers.description !== undefined) describe(files, answers.description);
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Puts the author's words in place of the template's: in package.json, and where the README begins. */
function describe(files: Map<string, string>, description: string): void {
  const manifest = JSON.parse(files.get("package.json") ?? "{}") as { readonly description: string };
  files.set("package.json", jsonFile({ ...manifest, description }));
  files.set(
    "README.md",
    (files.get("README.md") ?? "").replace(manifest.description, () => description),
  );
}

function applyGenerated(files: Map<string, string>, { files: more, api }: GeneratedTools): void {
  for (const [path, text] of more) files.set(path, text);
  const change = (path: string, from: string | RegExp, to: string) => {
    const before = files.get(path) ?? "";
    const after = before.replace(from, () => to);
    if (after === before) throw new Error(`${path} has nothing like ${String(from)}.`);
    files.set(path, after);
  };
  const { url, credential, checkPath, budget } = api;
  if (url !== undefined) change("src/options.ts", /"https:[^"]*"/, JSON.stringify(url));
  if (credential && (credential.header !== "authorization" || credential.prefix !== "Bearer ")) {
    const { header, prefix } = credential;
    const sent = `{ from: config.token, header: ${JSON.stringify(header)}, prefix: ${JSON.stringify(prefix)} }`;
    change("src/main.ts", "{ from: config.token }", sent);
  }
  if (checkPath !== undefined) change("src/main.ts", /\n\}\);\n$/, `\n${checkCode(checkPath)}});\n`);
  change("test/surface.test.ts", /const BUDGET = [\d_]+;/, `const BUDGET = ${budget};`);
}

function checkCode(path: string): string {
  return `  async check({ api }) {
    await api.send({ method: "GET", path: ${JSON.stringify(path)}, signal: AbortSignal.timeout(15_000) });
    return [{ name: "service", ok: true, detail: "answers" }];
  },
`;
}

function partsOf(access: Level, generated: GeneratedTools | undefined): ReadonlySet<Part> {
  const byLevel: Readonly<Record<Level, readonly Part[]>> = { read: [], write: ["write"], full: ["write", "full"] };
  if (!generated) return new Set<Part>([...byLevel[access], "samples", "auth"]);
  return new Set<Part>([...byLevel[access], ...(generated.api.credential ? ["auth" as const] : [])]);
}

function offered(access: Level): readonly string[] {
  return { read: ["read"], write: ["read", "write"], full: ["read", "write", "full"] }[access];
}

/** Files of tools above the level, or of all samples. */
function droppedFiles({ tools }: Template, access: Level, isGenerated: boolean): (path: string) => boolean {
  const gone = tools.filter((tool) => isGenerated || !offered(access).includes(tool.access));
  const files = new Set(
    gone.flatMap(({ name, file }) => [
      `src/tools/${file}.ts`,
      `test/tools/${file}.test.ts`,
      `test/__surface__/${name}.json`,
    ]),
  );
  // Both follow from the code, and the first run of tests and docs writes them as it is then.
  for (const written of ["test/__surface__/server.surface.json", "server.json", "manifest.json"]) files.add(written);
  const samples =
    /^(?:src|test)\/(?:resources|prompts)\/|^src\/tickets\.ts$|^test\/tickets\.|^src\/tools\/index\.ts$|^SKILL\.md$|^test\/(?:sample\.ts|service\.mjs)$/;
  return (path) => files.has(path) || (isGenerated && samples.test(path));
}

function withoutTools(index: string, { tools }: Template, access: Level): string {
  const gone = tools.filter((tool) => !offered(access).includes(tool.access)).map(({ constant }) => constant);
  return index
    .split("\n")
    .filter((line) => !gone.some((constant) => line.startsWith(`import { ${constant} }`)))
    .map((line) =>
      line.startsWith("export const tools = ")
        ? `export const tools = [${line
            .slice(line.indexOf("[") + 1, line.indexOf("]"))
            .split(", ")
            .filter((each) => !gone.includes(each))
            .join(", ")}];`
        : line,
    )
    .join("\n");
}

/** Replaces the template's name in all its forms; at once, since the new name may have "example" in it. */
function withNames(
  text: string,
  { names, token = `${names.variable}_TOKEN` }: Pick<Answers, "names" | "token">,
): string {
  return text.replaceAll(
    /@mooring\/template-(?:http-api|database|local)|EXAMPLE_TOKEN|EXAMPLE|Example|example/g,
    (form) => {
      if (form === "EXAMPLE_TOKEN") return token;
      if (form === "EXAMPLE") return names.variable;
      if (form === "Example") return names.title;
      return form === "example" ? names.server : names.package;
    },
  );
}

/** The tables follow from the code, and its first `npm test` writes them as it is then. */
function withoutSections(page: string): string {
  return page.replaceAll(/(<!-- begin:([\w-]+) -->\n)[\s\S]*?(<!-- end:\2 -->)/g, "$1$3");
}

function jsonFile(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
