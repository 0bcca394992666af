import { spawn } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { RunningSample, Sample, SampleCall } from "@mooring/testing";

/** A server that the cross-server suites try; found by folder, so that a new one joins with no file edited here. */
export interface ProductServer {
  /** As test titles name it: `filesystem`, or `template-local` of a template. */
  readonly name: string;
  readonly isTemplate: boolean;
  /** The built launcher. */
  readonly bin: string;
  /** What its test/sample.ts starts, in a fresh folder. Throws, with what to add, where there is none. */
  sample(): Promise<StartedSample>;
}

export interface StartedSample extends Required<RunningSample> {
  readonly folder: string;
  readonly call: SampleCall;
}

const root = fileURLToPath(new URL("..", import.meta.url));

/** The servers of `servers/`, then the templates that new ones are made from. */
export const productServers: readonly ProductServer[] = [
  ...globSync("servers/*/package.json", { cwd: root }).sort(),
  ...globSync("packages/create-server/templates/*/package.json", { cwd: root }).sort(),
].map((manifest) => productServer(join(root, dirname(manifest))));

export function productServer(folder: string): ProductServer {
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { bin: Record<string, string> };
  const isTemplate = basename(dirname(folder)) === "templates";
  const name = isTemplate ? `template-${basename(folder)}` : basename(folder);
  return {
    name,
    isTemplate,
    bin: join(folder, Object.values(bin)[0] as string),
    async sample() {
      const { call, start } = await loadSample(folder);
      const base = mkdtempSync(join(tmpdir(), `mooring-${name}-`));
      const remove = () => rmSync(base, { recursive: true, force: true });
      try {
        const files = join(base, "files");
        mkdirSync(files);
        const running = await start(files);
        const { args, env = {}, services = [] } = running;
        return {
          folder: files,
          call,
          args,
          services,
          env: { PATH: process.env["PATH"] ?? "", HOME: base, XDG_STATE_HOME: join(base, "state"), ...env },
          [Symbol.asyncDispose]: async () => {
            await running[Symbol.asyncDispose]();
            remove();
          },
        };
      } catch (error) {
        remove();
        throw error;
      }
    },
  };
}

async function loadSample(folder: string): Promise<Sample> {
  const file = join(folder, "test/sample.ts");
  const found = existsSync(file) ? ((await import(pathToFileURL(file).href)) as { sample?: Sample }) : {};
  if (found.sample) return found.sample;
  throw new Error(
    `${relative(root, folder)} exports no sample: add test/sample.ts with \`export const sample: Sample = { call, start }\`, ` +
      "a call that needs nothing else and what the server runs on (type Sample of @mooring/testing).",
  );
}

/** A server that answers over HTTP on a free port, and what it runs on; both end together. */
export interface Serving extends AsyncDisposable {
  readonly url: string;
  readonly sample: StartedSample;
}

export async function serveOverHttp(server: ProductServer): Promise<Serving> {
  const sample = await server.sample();
  const child = spawn(process.execPath, [server.bin, "--http", ...sample.args], {
    env: sample.env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const end = async () => {
    child.kill();
    await gone;
    await sample[Symbol.asyncDispose]();
  };
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        const found = /http:\/\/\S+/.exec(said);
        if (found) resolve(found[0]);
      });
      child.once("exit", () => reject(new Error(`${server.name} ended: ${said}`)));
    });
    return { url, sample, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}
