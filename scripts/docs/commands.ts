import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commonOptions, informationFlags } from "@mooring/core/docs";
import { root } from "../workspace.mjs";
import type { DocumentedServer } from "./servers.ts";

/** Programs that the documentation may name and that are not ours. */
const FOREIGN = new Set(["cd", "git", "docker", "claude", "code", "codex", "curl", "export", "rm", "perl"]);

/** Packages of others that the documentation runs with npx. */
const FOREIGN_PACKAGES = new Set(["@anthropic-ai/mcpb"]);

/** What npm does itself, whatever the scripts. */
const NPM_COMMANDS = new Set(["install", "i", "exec", "pack", "pkg"]);

/** The members of the workspace, and what a generated project gets instead of a member's manifest. */
const MEMBERS = [
  "packages/*/package.json",
  "packages/create-server/templates/*/package.json",
  "packages/create-server/common/standalone/package.json",
  "servers/*/package.json",
];

interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/** Commands in ```sh blocks that could not work: missing scripts, files, packages, servers or options. */
export function commandProblems(page: string, text: string, servers: readonly DocumentedServer[]): string[] {
  const known = workspace();
  return commandsIn(text).flatMap((command) =>
    [problemOf(command, known, servers), ...unknownFlags(command, servers)]
      .filter((problem) => problem !== undefined)
      .map((problem) => `${page}: \`${command}\`: ${problem}`),
  );
}

function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/^```(?:sh|bash|console)\n([\s\S]*?)^```/gm)].map(([, body]) => body as string);
  return blocks
    .flatMap((block) => block.replaceAll("\\\n", " ").split("\n"))
    .map((line) =>
      line
        .replace(/^\$ /, "")
        .replace(/\s#.*$/, "")
        .trim(),
    )
    .filter((line) => line !== "" && !line.startsWith("#"));
}

function problemOf(
  command: string,
  known: ReturnType<typeof workspace>,
  servers: readonly DocumentedServer[],
): string | undefined {
  const words = command.split(/\s+/).filter((word) => !/^[A-Z_][A-Z0-9_]*=/.test(word));
  const [program = "", ...args] = words;
  const plain = args.filter((arg) => !arg.startsWith("-"));
  if (program === "npm" || program === "pnpm") {
    const script = plain[0] === "run" ? plain[1] : plain[0];
    if (plain[0] !== "run" && NPM_COMMANDS.has(script ?? "")) return undefined;
    if (script === "create" || script === "init") return unknownInitializer(plain[1], known);
    if (script === undefined || !known.scripts.has(script)) return `package.json has no script "${script}"`;
    return script === "start"
      ? unknownServer(args.slice(args.indexOf("--") + 1 || args.length)[0], servers)
      : undefined;
  }
  if (program === "npx") {
    const [named = ""] = plain;
    if (named.startsWith("pnpm@")) return undefined;
    const name = withoutVersion(named);
    return known.packages.has(name) || known.bins.has(name) || FOREIGN_PACKAGES.has(name)
      ? undefined
      : `the workspace has no package ${named}`;
  }
  if (program === "node") {
    if (plain[0] === undefined || !existsSync(join(root, plain[0]))) return `${plain[0]} does not exist`;
    return plain[0] === "scripts/start.mjs" ? unknownServer(plain[1], servers) : undefined;
  }
  if (program.includes("/")) return existsSync(join(root, program)) ? undefined : `${program} does not exist`;
  if (program.startsWith("mooring-"))
    return known.bins.has(program) ? undefined : `no package has the command ${program}`;
  return FOREIGN.has(program) ? undefined : `${program} is not a command that the docs check knows`;
}

// npm's rule: `npm create @scope/name` runs @scope/create-name.
function unknownInitializer(named = "", known: ReturnType<typeof workspace>): string | undefined {
  const id = withoutVersion(named).replace(/^(@[^/]+\/)?/, "$1create-");
  return known.packages.has(id) ? undefined : `the workspace has no package ${id}`;
}

function withoutVersion(named: string): string {
  return named.replace(/(?<=.)@[^@/]*$/, "");
}

function unknownServer(name: string | undefined, servers: readonly DocumentedServer[]): string | undefined {
  if (name === undefined || name.startsWith("<") || servers.some((server) => server.name === name)) return undefined;
  return `there is no server ${name}`;
}

// Only where the command runs one of our servers: what stands after its name are its options.
function unknownFlags(command: string, servers: readonly DocumentedServer[]): string[] {
  const server = servers.find(
    ({ name, definition, manifest }) =>
      command.includes(manifest.name) ||
      new RegExp(`mooring-${definition.name}\\b|(start\\.mjs |start (--silent )?-- )${name}\\b`).test(command),
  );
  if (!server) return [];
  // A host's own flags stand before the "--".
  const start = /^(?:claude|codex) /.test(command) ? command.slice(command.indexOf(" -- ")) : command;
  const [, after = ""] = start.split(
    new RegExp(`(?:${server.manifest.name}|\\b(?:${server.name}|${server.definition.name}))(?=\\s|$)`),
  );
  const flags = [...after.matchAll(/(?:^|\s)--([a-z][a-z-]*)/g)].map(([, flag]) => flag as string);
  const options = { ...commonOptions({ redact: "own" }), ...server.options };
  const valid = new Set([
    ...Object.keys(options).map((key) => key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)),
    ...Object.keys(informationFlags),
    ...Object.keys(server.answers),
  ]);
  return flags.filter((flag) => !valid.has(flag)).map((flag) => `${server.name} has no option --${flag}`);
}

function workspace() {
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest;
  const files = globSync(MEMBERS, { cwd: root });
  const manifests = files.map(read);
  // Pages on a generated server say what its author types, in a folder of its own.
  const generated = files.filter((file) => file.startsWith("packages/create-server/")).map(read);
  return {
    scripts: new Set([read("package.json"), ...generated].flatMap(({ scripts }) => Object.keys(scripts ?? {}))),
    packages: new Set(manifests.map(({ name }) => name)),
    bins: new Set(manifests.flatMap(({ bin }) => Object.keys(bin ?? {}))),
  };
}
