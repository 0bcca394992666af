import { homedir } from "node:os";
import { ToolError } from "./errors.ts";

const TIMEOUT_MS = 30_000;

/**
 * The argument vector in `<NAME>_COMMAND`: a JSON array of strings, or words separated by blanks, where quotes hold a word
 * together. No shell is involved: `|`, `$` and `~` stand for themselves. `undefined` when the text is neither.
 */
export function parseCommand(text: string): [string, ...string[]] | undefined {
  const [file, ...rest] = text.trim().startsWith("[") ? (wordsOfJson(text) ?? []) : (wordsOf(text) ?? []);
  return file ? [file, ...rest] : undefined;
}

function wordsOfJson(text: string): string[] | undefined {
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) && words.every((word) => typeof word === "string" && !word.includes("\0"))
      ? words
      : undefined;
  } catch {
    return undefined;
  }
}

function wordsOf(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (const character of text) {
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (word !== undefined) words.push(word);
  return quote === undefined ? words : undefined;
}

/**
 * What the command printed, trimmed. Run without a shell and without input, for 30 s at most.
 * Throws `unauthenticated` naming the variable; of the command's own words only the first line of stderr, masked.
 */
export async function runCommand(variable: string, text: string, env: NodeJS.ProcessEnv): Promise<string> {
  const command = parseCommand(text);
  if (!command)
    throw new ToolError("unauthenticated", `${variable} is not a command.`, {
      hint: 'Write it as words or as a JSON array: ["program", "argument"].',
    });
  const [file, ...args] = command;
  const { execFile } = await import("node:child_process");
  const output = await new Promise<string>((resolve, reject) => {
    const options = {
      env,
      cwd: homedir(),
      timeout: TIMEOUT_MS,
      killSignal: "SIGKILL",
      maxBuffer: 65_536,
      windowsHide: true,
    } as const;
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error) reject(failed(variable, error, stderr));
      else resolve(stdout.trim());
    });
    child.stdin?.end();
  });
  if (output !== "") return output;
  throw new ToolError("unauthenticated", `The command in ${variable} printed nothing.`, {
    hint: "Run it by hand: it has to print the secret on stdout.",
  });
}

function failed(variable: string, error: Error & { code?: unknown; killed?: boolean }, stderr: string): ToolError {
  const said = firstLine(stderr);
  const how =
    error.code === "ENOENT"
      ? "was not found"
      : error.code === "EACCES"
        ? "cannot be executed"
        : error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER"
          ? "printed far more than a secret"
          : error.killed
            ? `did not end within ${TIMEOUT_MS / 1000} s`
            : typeof error.code === "number"
              ? `failed with exit code ${error.code}`
              : "was ended by a signal";
  // The error itself holds the whole command line and its output, so it is no cause.
  return new ToolError("unauthenticated", `The command in ${variable} ${how}${said && `: ${said}`}.`, {
    hint: "Run it by hand to see why; it is started without a shell.",
  });
}

/** The first line, cut where it may hold a secret: behind a word that announces one, and in words that look like one. */
function firstLine(stderr: string): string {
  const line = stderr.trim().split(/[\r\n]/, 1)[0] ?? "";
  return line
    .slice(0, 200)
    .replace(/\p{C}/gu, "")
    .replace(/((?:token|secret|passw|passphrase|key|auth|bearer|credential)[\w-]*).+$/i, "$1 …")
    .replace(/:\/\/[^\s/@]*@/g, "://…@")
    .replace(/\S{20,}/g, "…")
    .replace(/(?<!\S)(?=\S*\d)(?=\S*[A-Za-z])\S{6,}/g, "…")
    .replace(/\.$/, "");
}
