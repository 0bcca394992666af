import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { checkServer, type CheckOptions } from "../check/check-server.ts";
import { formatJson } from "../check/format/json.ts";
import { formatJunit } from "../check/format/junit.ts";
import { formatText } from "../check/format/text.ts";
import { isLoopback } from "../check/http.ts";
import { type Group, groups, type Report } from "../check/report.ts";
import { type Command, UsageError } from "./command.ts";

export const check: Command = {
  usage: "[options] -- <command> [args…]",
  help: `Starts any MCP server on stdio, looks at how it starts, answers and ends, and prints a report.
The status is 0 when no check failed, 1 when one did, 2 for wrong use.

Options:
  --format text|json|junit  Default: text.
  --output FILE             Write the report into this file; what failed or warns is printed.
  --max-tokens N            Fail when listing the tools costs a model more than this.
  --env NAME[=VALUE]        Pass a variable on to the server, besides the few that hosts pass on. Repeatable.
  --timeout SECONDS         How long a start may take; an answer may take a quarter of it. Default: 20.
  --url URL                 Check what answers there over Streamable HTTP, with or without a command.
  --allow-remote            Let --url be on another machine.
  --http                    Start the command once more with --http and check the URL that it prints on stderr.
  --skip GROUP              Leave out ${groups.join(", ")}. Repeatable.`,
  async run(args) {
    const { format, output, ...options } = readArguments(args);
    process.once("SIGINT", stop).once("SIGTERM", stop);
    let report: Report;
    try {
      report = await checkServer({ ...options, ...progress() });
    } finally {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      clearProgress();
    }
    const colour = process.stdout.isTTY === true && !process.env["NO_COLOR"];
    if (output === undefined) process.stdout.write(formats[format](report, colour));
    else {
      writeWhole(output, formats[format](report, false));
      process.stdout.write(formatText(report, { colour, isShort: true }));
    }
    return report.ok ? 0 : 1;
  },
};

const formats = {
  text: (report: Report, colour: boolean) => formatText(report, { colour }),
  json: formatJson,
  junit: formatJunit,
};
type Format = keyof typeof formats;

interface Arguments extends CheckOptions {
  readonly format: Format;
  readonly output?: string;
}

function readArguments(args: readonly string[]): Arguments {
  const end = args.indexOf("--");
  const own = end === -1 ? args : args.slice(0, end);
  const [command, ...rest] = end === -1 ? [] : args.slice(end + 1);
  const { values, positionals } = parse(own);
  if (positionals[0] !== undefined)
    throw new UsageError(`What is "${positionals[0]}"? The server's command stands behind "--".`);
  const { url, http = false, output, format = "text" } = values;
  if (command === undefined && url === undefined)
    throw new UsageError('Name the server to check: its command behind "--", or --url.');
  if (command === undefined && http) throw new UsageError("--http needs a command to start.");
  if (!isFormat(format))
    throw new UsageError(`There is no format "${format}". There are: ${Object.keys(formats).join(", ")}.`);
  if (url !== undefined) checkUrl(url, values["allow-remote"] ?? false);
  return {
    ...(command !== undefined && { command, args: rest }),
    ...(url !== undefined && { url, allowRemote: values["allow-remote"] ?? false }),
    http,
    env: Object.fromEntries((values.env ?? []).map(readVariable)),
    skip: (values.skip ?? []).flatMap((names) => names.split(",")).map(readGroup),
    ...(values["max-tokens"] !== undefined && { maxTokens: readNumber("--max-tokens", values["max-tokens"]) }),
    ...(values.timeout !== undefined && { timeoutMs: readNumber("--timeout", values.timeout) * 1_000 }),
    format,
    ...(output !== undefined && { output }),
  };
}

function isFormat(name: string): name is Format {
  return Object.hasOwn(formats, name);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: "string" },
        output: { type: "string" },
        "max-tokens": { type: "string" },
        env: { type: "string", multiple: true },
        timeout: { type: "string" },
        url: { type: "string" },
        "allow-remote": { type: "boolean" },
        http: { type: "boolean" },
        skip: { type: "string", multiple: true },
      },
    });
  } catch (error) {
    // Node's own words name the option.
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function checkUrl(url: string, allowRemote: boolean): void {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new UsageError(`--url takes a URL as http://127.0.0.1:3000/mcp, not "${url}".`);
  if (!allowRemote && !isLoopback(url))
    throw new UsageError(`${url} is on another machine. Say that this is meant with --allow-remote.`);
}

function readVariable(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  const name = at === -1 ? text : text.slice(0, at);
  if (name === "") throw new UsageError(`--env takes NAME or NAME=VALUE, not "${text}".`);
  const value = at === -1 ? process.env[name] : text.slice(at + 1);
  if (value === undefined)
    throw new UsageError(`The variable ${name} is not set here. Set it, or use --env ${name}=VALUE.`);
  return [name, value];
}

function readGroup(name: string): Group {
  const group = groups.find((known) => known === name);
  if (group === undefined) throw new UsageError(`There is no group "${name}". There are: ${groups.join(", ")}.`);
  return group;
}

function readNumber(option: string, text: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number) || number <= 0)
    throw new UsageError(`${option} takes a number above 0, not "${text}".`);
  return number;
}

function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  writeFileSync(draft, text);
  renameSync(draft, file);
}

function progress(): Pick<CheckOptions, "onProgress"> {
  if (!process.stderr.isTTY) return {};
  return { onProgress: (what) => void process.stderr.write(`\r\u001b[K${what} …`) };
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}

/** Leaves by `exit`, at which what was started is ended. */
function stop(signal: NodeJS.Signals): void {
  clearProgress();
  process.exit(signal === "SIGINT" ? 130 : 143);
}
