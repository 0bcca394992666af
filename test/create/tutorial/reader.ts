import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { connectStdio, type Session } from "@mooring/testing";
import { type } from "../author.ts";
import type { Registry } from "../registry.ts";
import type { Block } from "./blocks.ts";
import { patternOf, printed } from "./expected.ts";
import { replaceOnce, replacementsOf } from "./replacements.ts";

/** Somebody who does what a page says, block after block. */
export interface Reader extends AsyncDisposable {
  /** @throws Error that names the block, and says what came instead of what the page says */
  follow(block: Block): Promise<void>;
  /** Files as the page has them, by path. */
  readonly written: ReadonlyMap<string, string>;
  /** Commands that were left out, by where they stand. */
  readonly skipped: readonly string[];
}

interface HostConfiguration {
  readonly mcpServers: Readonly<Record<string, { command: string; args: string[]; env: Record<string, string> }>>;
}

/** A reader at the registry's home. `env` is what they have set; values of a host's configuration in <> are taken from it. */
export function startReader(registry: Registry, env: Readonly<Record<string, string>>): Reader {
  let folder = registry.home;
  let said: string | undefined;
  let host: Session | undefined;
  const skipped: string[] = [];
  const written = new Map<string, string>();

  async function run({ body }: Block): Promise<void> {
    const where = join(registry.home, ".folder");
    const script = `set -e\ncd '${folder}'\n${body}\npwd > '${where}'`;
    const done = await type(registry, folder, ["bash", "-c", script], env);
    if (done.status !== 0) throw new Error(`status ${done.status}\n${printed(done.said).slice(-6_000)}`);
    folder = readFileSync(where, "utf8").trim();
    said = printed(done.said);
  }

  async function configure({ body }: Block): Promise<void> {
    const [server] = Object.values((JSON.parse(body) as HostConfiguration).mcpServers);
    if (!server) throw new Error("no server is configured");
    await host?.close();
    const args = server.args.map((arg) => arg.replace(/^\/path\/to\/[\w-]+/, folder));
    const own = Object.fromEntries(
      Object.entries(server.env).map(([name, value]) => [name, value.startsWith("<") ? (env[name] ?? "") : value]),
    );
    host = await connectStdio(server.command, args, {
      era: "2025",
      env: { ...registry.env, ...env, ...own } as Record<string, string>,
    });
  }

  // What a save changes may take a moment: a person who asks again waits that long, too.
  async function call(tool: string, expected: string): Promise<void> {
    const until = performance.now() + 5_000;
    for (;;) {
      const { content } = (await host?.call(tool)) ?? { content: [] };
      said = content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
      if (patternOf(expected).test(said) || performance.now() > until) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  function write(path: string, text: string): void {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    written.set(file, text);
  }

  async function act(block: Block): Promise<void> {
    const { language, info, body } = block;
    if (language === "sh" && "skip" in info) skipped.push(block.at);
    else if (language === "sh") await run(block);
    else if (language === "diff")
      for (const each of replacementsOf(body))
        write(each.path, replaceOnce(readFileSync(join(folder, each.path), "utf8"), each));
    else if (info["file"] !== undefined) write(info["file"], body);
    else if ("host" in info) await configure(block);
    else if (language === "text") {
      if (info["call"] !== undefined) await call(info["call"], body);
      if (!patternOf(body).test(said ?? "")) throw new Error(`the page says\n${body}\nand this came:\n${said}`);
    } else throw new Error("nothing is known of such a block");
  }

  return {
    skipped,
    written,
    async follow(block) {
      try {
        await act(block);
      } catch (cause) {
        throw new Error(`${block.at}: ${(cause as Error).message}`, { cause });
      }
    },
    async [Symbol.asyncDispose]() {
      await host?.close();
    },
  };
}
