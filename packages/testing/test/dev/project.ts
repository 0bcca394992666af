import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** What is run: the command from its source, so that no build is needed or can be stale. */
export const bin = fileURLToPath(new URL("../../src/bin.ts", import.meta.url));

const core = realpathSync(fileURLToPath(new URL("../../node_modules/@mooring/core", import.meta.url)));

/** A server project in a folder of its own, made of @mooring/core; its files can be saved in the ways of editors. */
export interface Project extends Disposable {
  readonly dir: string;
  save(path: string, text: string): void;
  /** As vim and many others do: a new file takes the name. */
  saveByRenaming(path: string, text: string): void;
  remove(path: string): void;
}

/** The tool `greet`, which says `text`. */
export const greet = (text: string, name = "greet") => `import * as z from "zod";
import { tool } from "../tool.ts";

export const ${name} = tool({
  name: "${name}",
  title: "Greet",
  description: "Greets.",
  access: "read",
  input: z.strictObject({}),
  run: () => ({ text: ${JSON.stringify(text)} }),
  render: ({ text }) => text,
});
`;

export const index = (...names: readonly string[]) =>
  [
    ...names.map((name) => `import { ${name} } from "./${name}.ts";`),
    `export const tools = [${names.join(", ")}];`,
    "",
  ].join("\n");

const files: Readonly<Record<string, string>> = {
  "package.json": `{ "name": "example", "version": "1.0.0", "type": "module" }\n`,
  "src/bin.ts": `await import("./main.ts");\n`,
  "src/tool.ts": `import { toolFactory } from "@mooring/core";
export const tool = toolFactory<object>();
`,
  "src/main.ts": `import { runServer } from "@mooring/core/stdio";
import { example } from "./server.ts";

await runServer(example, { options: {}, connect: () => ({}) });
`,
  "src/server.ts": `import { readFileSync, watch } from "node:fs";
import { defineServer, promptFactory, resourceFactory } from "@mooring/core";
import * as z from "zod";
import { tools } from "./tools/index.ts";

const note = resourceFactory<object>()({
  name: "note",
  title: "Note",
  description: "A note.",
  uri: "example://note",
  read: () => [{ uri: "example://note", text: readFileSync("note.txt", "utf8") }],
  watch(_uri, changed) {
    const watcher = watch("note.txt", changed);
    return () => watcher.close();
  },
});

export const example = defineServer<object>({
  name: "example",
  title: "Example",
  version: "1.0.0",
  tools,
  resources: [note],
});
`,
  "src/tools/index.ts": index("greet", "slow", "remove", "crash"),
  "src/tools/greet.ts": greet("Hello"),
  "src/tools/slow.ts": `import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { tool } from "../tool.ts";

export const slow = tool({
  name: "slow",
  title: "Take time",
  description: "Takes as long as asked.",
  access: "read",
  input: z.strictObject({ ms: z.number() }),
  async run({ ms }, { signal, progress }) {
    progress(1, 2);
    await pause(ms, undefined, { signal });
    return { text: "slept in version 1" };
  },
  render: ({ text }) => text,
});
`,
  "src/tools/remove.ts": `import * as z from "zod";
import { tool } from "../tool.ts";

export const remove = tool({
  name: "remove",
  title: "Remove",
  description: "Removes it, asking first.",
  access: "destructive",
  input: z.strictObject({}),
  question: () => ({ target: "it", effect: "Removes it as version 1 does." }),
  run: () => ({ text: "removed by version 1" }),
  render: ({ text }) => text,
});
`,
  "src/tools/crash.ts": `import * as z from "zod";
import { tool } from "../tool.ts";

export const crash = tool({
  name: "crash",
  title: "Crash",
  description: "Ends the process.",
  access: "read",
  input: z.strictObject({}),
  run: () => process.exit(7),
  render: () => "",
});
`,
  "note.txt": "first\n",
};

export function makeProject(others: Readonly<Record<string, string>> = {}): Project {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "mooring-dev-")));
  const save = (path: string, text: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  for (const [path, text] of Object.entries({ ...files, ...others })) save(path, text);
  // As an install would: the packages are where Node looks for them, whatever the folder.
  mkdirSync(join(dir, "node_modules/@mooring"), { recursive: true });
  symlinkSync(core, join(dir, "node_modules/@mooring/core"));
  symlinkSync(realpathSync(join(core, "node_modules/zod")), join(dir, "node_modules/zod"));
  return {
    dir,
    save,
    saveByRenaming(path, text) {
      save(`${path}.new~`, text);
      renameSync(join(dir, `${path}.new~`), join(dir, path));
    },
    remove: (path) => rmSync(join(dir, path)),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}
