import { fileURLToPath } from "node:url";
import { onFreePort } from "./free-port.ts";
import { modeFor, variable } from "./mode.ts";
import { programContainer } from "./program-container.ts";
import { programProcess } from "./program-process.ts";
import { type Service, service } from "./service.ts";

export interface ProgramOptions {
  /** One JavaScript file without dependencies that listens on `process.env.PORT`, at the address `process.env.HOST`. */
  readonly file: string | URL;
  /** Set for the program, which otherwise only knows PORT, HOST and PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** The path that answers below 500 once the program is ready. Default: `/`. */
  readonly ready?: string;
  /** Milliseconds it may take to get ready. Default: 20,000. */
  readonly timeoutMs?: number;
  /** Default: `TEST_IMAGE_NODE`, else `node:24-alpine`. */
  readonly image?: string;
}

/** What both ways of running a program are told. */
export interface Program extends Required<Omit<ProgramOptions, "file" | "image">> {
  readonly name: string;
  readonly file: string;
}

/**
 * Runs a stand-in for a service that is a small HTTP server of your own, in a container or as a process as `TEST_SERVICES`
 * says. `name` names its log. Throws, with the program's output, when it ends or does not get ready.
 */
export async function startProgram(
  name: string,
  { file, env = {}, ready = "/", timeoutMs = 20_000, image: wanted }: ProgramOptions,
): Promise<Service> {
  const path = typeof file === "string" ? file : fileURLToPath(file);
  const program: Program = { name, file: path, env, ready, timeoutMs };
  const image = wanted ?? variable("TEST_IMAGE_NODE") ?? "node:24-alpine";
  const { mode } = await modeFor(image);
  return service(
    name,
    await onFreePort((port) =>
      mode === "containers" ? programContainer(program, image, port) : programProcess(program, port),
    ),
  );
}
