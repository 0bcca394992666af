import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A call that needs nothing but the sample folder, and what its answer must hold. */
export interface SampleCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly contains: string;
}

/** What the cross-server suites know of a server; found by folder, so that a new server joins with no file edited here. */
export interface ProductServer {
  readonly name: string;
  /** The built launcher. */
  readonly bin: string;
  readonly call: SampleCall;
  /** A fresh folder with sample files, the arguments for a run on it, and an environment of its own. */
  sample(): Sample;
}

export interface Sample extends Disposable {
  readonly folder: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface TestFacts {
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly call: SampleCall;
}

const servers = fileURLToPath(new URL("../servers", import.meta.url));

export const productServers: readonly ProductServer[] = readdirSync(servers, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => {
    const manifest = JSON.parse(readFileSync(join(servers, name, "package.json"), "utf8")) as {
      bin: Record<string, string>;
      mooring: { test: TestFacts };
    };
    const { args, files = {}, call } = manifest.mooring.test;
    return {
      name,
      bin: join(servers, name, Object.values(manifest.bin)[0] as string),
      call,
      sample() {
        const base = mkdtempSync(join(tmpdir(), `mooring-${name}-`));
        const folder = mkdtempSync(join(base, "files-"));
        for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
        return {
          folder,
          args: args.map((argument) => argument.replaceAll("$DIR", folder)),
          env: { PATH: process.env["PATH"] ?? "", HOME: base, XDG_STATE_HOME: join(base, "state") },
          [Symbol.dispose]: () => rmSync(base, { recursive: true, force: true }),
        };
      },
    };
  });

/** Serves a sample over HTTP on a free port until it is disposed of. */
export async function serveOverHttp(
  { name, bin }: ProductServer,
  sample: Sample,
): Promise<AsyncDisposable & { readonly url: string }> {
  const child = spawn(process.execPath, [bin, "--http", ...sample.args], {
    env: sample.env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const found = /http:\/\/\S+/.exec(said);
      if (found) resolve(found[0]);
    });
    child.once("exit", () => reject(new Error(`${name} ended: ${said}`)));
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill();
      await gone;
    },
  };
}
