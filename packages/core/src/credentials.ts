import { createHash } from "node:crypto";
import { constants, open } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import * as z from "zod";
import { runCommand } from "./credential-command.ts";
import { ToolError } from "./errors.ts";
import type { WarnLog } from "./state.ts";

/** A secret of the service and where it comes from. Nothing is read or run before the first `get`. */
export interface Credential {
  /** The service's name for it: `GITHUB_TOKEN`. */
  readonly name: string;
  /** Where the next value comes from ("GITHUB_TOKEN_FILE", "login"); `undefined` when it is not configured. */
  source(): string | undefined;
  /** Whether it is configured at all. */
  readonly present: boolean;
  /** Tells credentials apart without holding them: a short hash of what configures this one; `undefined` when nothing does. */
  readonly key: string | undefined;
  /** The value; kept until it is rejected or expires, one flight for all who ask. Throws `unauthenticated` saying what to set. */
  get(signal?: AbortSignal): Promise<string>;
  /** Tells that the service refused this value (401): the next `get` asks the source again, once. */
  reject(value: string): void;
  /** What is wrong with the configuration, for `--check` and the log; never contains the value. */
  readonly problem: string | undefined;
}

export interface CredentialOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Gets every value as soon as it is known, so that it can be masked everywhere. */
  readonly onSecret: (value: string) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly log?: WarnLog | undefined;
  /** Asked when no variable is set: what `login` stored. */
  readonly fallback?: Credential | undefined;
  /** The entry of the configuration file that names the secret (see {@link secretMembers}), instead of variables. */
  readonly from?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The members by which an entry of the configuration file names a secret: `token` (as "${VARIABLE}"), `tokenFile`, or
 * `tokenCommand` (words, or an argument vector). For the schema of an option: `z.strictObject({ ...secretMembers("token") })`.
 */
export function secretMembers<const N extends string>(name: N) {
  const text = z.string().min(1).optional();
  const command = z.union([z.string().min(1), z.array(z.string()).min(1)]).optional();
  return { [name]: text, [`${name}File`]: text, [`${name}Command`]: command } as {
    readonly [K in N | `${N}File`]: typeof text;
  } & { readonly [K in `${N}Command`]: typeof command };
}

interface Value {
  readonly text: string;
  /** Milliseconds since the epoch at which the source is asked again. */
  readonly until: number;
}

/** A value that expires is replaced so long before. */
const EARLY_MS = 60_000;
/** A source that gave a refused value again is left alone so long: a wrong password must not run a command per call. */
const REPEAT_MS = 30_000;
const LARGEST_FILE = 65_536;

/** The three places of a secret, by the names that people know them by. */
interface Places {
  readonly value: string;
  readonly file: string;
  readonly command: string;
  text(place: string): string | undefined;
}

function inVariables(name: string, env: NodeJS.ProcessEnv): Places {
  return { value: name, file: `${name}_FILE`, command: `${name}_COMMAND`, text: (variable) => env[variable] };
}

// "accounts.acme.token" is the member "token" of the entry.
function inEntry(path: string, entry: Readonly<Record<string, unknown>>): Places {
  const prefix = path.length - (path.split(".").at(-1) ?? "").length;
  const text = (place: string) => {
    const value = entry[place.slice(prefix)];
    return Array.isArray(value) ? JSON.stringify(value) : typeof value === "string" ? value : undefined;
  };
  return { value: path, file: `${path}File`, command: `${path}Command`, text };
}

/**
 * The credential behind a variable: `<NAME>`, else `<NAME>_FILE`, else `<NAME>_COMMAND`, else the fallback. With `from`, `name`
 * is the path of the member in the configuration file: `accounts.acme.token`.
 * A command may print the bare secret or `{"token": "…", "expires_at": "<RFC 3339 or seconds since the epoch>"}`.
 */
export function resolveCredential(name: string, options: CredentialOptions): Credential {
  const { env, onSecret, now = Date.now, log, fallback, from } = options;
  const places = from ? inEntry(name, from) : inVariables(name, env);
  const { file: fileVariable, command: commandVariable } = places;
  const set = (place: string) => places.text(place)?.trim() || undefined;
  const own = set(name);
  const origin = [name, fileVariable, commandVariable].find((place) => {
    const value = set(place);
    return value !== undefined && !isUnexpanded(value);
  });
  const unexpanded = [name, fileVariable, commandVariable].find((place) => isUnexpanded(set(place) ?? ""));
  // Nobody who wrote ${NAME} wanted another account's login instead.
  const other = origin === undefined && unexpanded === undefined && fallback?.present ? fallback : undefined;
  if (origin === name && own) onSecret(own);

  let kept: Value | undefined;
  let refused: { readonly text: string; readonly at: number } | undefined;
  let flight: Promise<Value> | undefined;
  let warned = false;

  async function fetchValue(): Promise<Value> {
    if (origin === name && own) return { text: own, until: Number.POSITIVE_INFINITY };
    const value =
      origin === fileVariable
        ? { text: await readSecret(set(fileVariable) ?? ""), until: Number.POSITIVE_INFINITY }
        : ofOutput(await runCommand(commandVariable, set(commandVariable) ?? "", env));
    onSecret(value.text);
    return value;
  }

  async function readSecret(path: string): Promise<string> {
    const { text, isOpen } = await readSecretFile(fileVariable, path);
    if (isOpen && !warned)
      log?.warn(`The file named by ${fileVariable} can be read by other users of this machine; chmod 600 closes it.`);
    warned ||= isOpen;
    return text;
  }

  function ofOutput(output: string): Value {
    if (!output.startsWith("{")) return { text: output, until: Number.POSITIVE_INFINITY };
    const { token, expiresAt } = parseOutput(commandVariable, output);
    // A clock that is wrong must not run the command for each call.
    return { text: token, until: Math.max(expiresAt - EARLY_MS, now() + 5_000) };
  }

  return {
    name,
    source: () => other?.source() ?? origin,
    get present() {
      return origin !== undefined || other !== undefined;
    },
    get key() {
      return origin === undefined ? other?.key : keyOf(origin, set(origin) ?? "");
    },
    get problem() {
      if (origin !== undefined) return undefined;
      if (unexpanded !== undefined)
        return `${unexpanded} is literally ${places.text(unexpanded)?.trim()}: the host did not expand it`;
      const empty = [name, fileVariable, commandVariable].find((place) => places.text(place)?.trim() === "");
      if (empty !== undefined && !other) return `${empty} is empty: the host did not expand it, or it was left out`;
      return other?.problem;
    },
    async get(signal) {
      signal?.throwIfAborted();
      if (other) return await other.get(signal);
      if (origin === undefined) throw missing(places, this.problem, { fallback, from });
      if (kept && now() < kept.until) return kept.text;
      flight ??= fetchValue()
        .then((value) => (kept = value))
        .finally(() => (flight = undefined));
      return (await abortable(flight, signal)).text;
    },
    reject(value) {
      if (other) return other.reject(value);
      if (kept?.text !== value) return;
      if (refused?.text === value && now() - refused.at < REPEAT_MS) return;
      refused = { text: value, at: now() };
      kept = undefined;
    },
  };
}

function missing(
  { value, file, command }: Places,
  problem: string | undefined,
  { fallback, from }: Pick<CredentialOptions, "fallback" | "from">,
): ToolError {
  const where = from ? "the configuration file" : "the server's environment";
  return new ToolError("unauthenticated", `${problem ?? `${value} is not set`}.`, {
    hint: `Set ${value}, ${file} or ${command} in ${where}${fallback ? ", or run its login command" : ""}.`,
  });
}

/** A {@link Credential.key}. */
export function keyOf(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}

/** `${NAME}`, `${env:NAME}`, `${input:name}`: hosts differ in what they expand, and pass on what they do not. */
function isUnexpanded(value: string): boolean {
  return /^\$\{[^{}]*\}$/.test(value);
}

async function readSecretFile(variable: string, path: string): Promise<{ text: string; isOpen: boolean }> {
  const problem = (what: string) =>
    new ToolError("unauthenticated", `The file named by ${variable} ${what}.`, {
      hint: `Let ${variable} name a readable file that holds the secret and nothing else.`,
    });
  let text: string;
  let isOpen: boolean;
  try {
    // Without O_NONBLOCK a pipe that nobody writes to would hold the call for ever.
    const file = await open(
      path.startsWith("~/") ? join(homedir(), path.slice(2)) : path,
      constants.O_RDONLY | (constants.O_NONBLOCK ?? 0),
    );
    try {
      const stats = await file.stat();
      if (!stats.isFile()) throw problem("is not a regular file");
      isOpen = process.platform !== "win32" && (stats.mode & 0o077) !== 0;
      const buffer = Buffer.alloc(LARGEST_FILE + 1);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      if (bytesRead > LARGEST_FILE) throw problem("is far larger than a secret");
      text = buffer
        .toString("utf8", 0, bytesRead)
        .replace(/^\uFEFF/, "")
        .trim();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw problem(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  if (text === "") throw problem("is empty");
  return { text, isOpen };
}

function parseOutput(variable: string, output: string): { token: string; expiresAt: number } {
  const malformed = () =>
    new ToolError(
      "unauthenticated",
      `The command in ${variable} printed JSON that is not {"token": …, "expires_at": …}.`,
      {
        hint: "Let it print the bare secret, or that object.",
      },
    );
  let value: { token?: unknown; expires_at?: unknown };
  try {
    value = JSON.parse(output) as typeof value;
  } catch {
    throw malformed();
  }
  const { token, expires_at: expires } = value;
  if (typeof token !== "string" || token.trim() === "") throw malformed();
  if (expires === undefined || expires === null) return { token: token.trim(), expiresAt: Number.POSITIVE_INFINITY };
  const expiresAt =
    typeof expires === "number" ? expires * 1_000 : typeof expires === "string" ? Date.parse(expires) : Number.NaN;
  if (Number.isNaN(expiresAt)) throw malformed();
  return { token: token.trim(), expiresAt };
}

/** The shared flight goes on for the others when one caller leaves. */
export async function abortable<T>(flight: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await flight;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () => reject(signal.reason as Error);
  signal.addEventListener("abort", leave, { once: true });
  try {
    return await Promise.race([flight, promise]);
  } finally {
    signal.removeEventListener("abort", leave);
    flight.catch(() => undefined);
  }
}
