import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import * as z from "zod";
import { ConfigError } from "./config-error.ts";
import { type ConfigOf, flagOf, kindOf, type Option, type Options, variableOf, variablePrefix } from "./options.ts";
import type { Credential } from "./credentials.ts";
import { REPORT, reason } from "./explain-input.ts";
import { createRedactor } from "./redact.ts";
import { nearest } from "./nearest.ts";

export interface Sources {
  readonly server: string;
  /** Without the program and the script. */
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Resolves the credential behind a variable's name. */
  credential(variable: string): Credential;
}

/**
 * Reads a server's options: file, then environment, then flags win.
 * @throws ConfigError with every problem at once.
 */
export function loadOptions<O extends Options>(options: O, sources: Sources): ConfigOf<O> {
  const { server, env } = sources;
  const problems: string[] = [];
  const { flags, positionals } = readFlags(options, sources.argv, problems);
  const configPath = configFile(options, sources, flags);
  const file = configPath === undefined ? {} : readFile(configPath, options, env, problems);
  const config: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(options)) {
    const variable = variableOf(server, key, option);
    if (option.credential) {
      config[key] = sources.credential(variable);
      continue;
    }
    const kind = kindOf(option.schema);
    const fromEnv = env[variable] === undefined || env[variable] === "" ? undefined : textToValue(env[variable], kind);
    const fromFlag = option.positional ? (positionals.length > 0 ? positionals : undefined) : flags[key];
    const given = fromFlag ?? fromEnv ?? file[key];
    const parsed = option.schema.safeParse(given, REPORT);
    if (parsed.success) config[key] = parsed.data;
    else {
      const flag = flagOf(key, option);
      const where =
        fromFlag !== undefined
          ? flag
            ? `--${flag}`
            : `${option.valueName ?? key}`
          : fromEnv !== undefined
            ? variable
            : file[key] !== undefined
              ? `${key} in ${configPath}`
              : flag
                ? `--${flag} (or ${variable})`
                : variable;
      problems.push(`${where}: ${given === undefined ? "is required" : explain(parsed.error, given)}.`);
    }
  }
  problems.push(...unknownVariables(options, sources));
  if (problems.length > 0) throw new ConfigError(problems);
  return config as ConfigOf<O>;
}

// A misspelt variable must not leave open what it was to close.
function unknownVariables(options: Options, { server, env }: Sources): string[] {
  const known = Object.entries(options).flatMap(([key, option]) => {
    const variable = variableOf(server, key, option);
    return option.credential ? [variable, `${variable}_FILE`, `${variable}_COMMAND`] : [variable];
  });
  const prefix = variablePrefix(server);
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !known.includes(name))
    .map((name) => {
      const near = nearest(name, known);
      return `Unknown variable ${name}.${near ? ` Did you mean ${near}?` : " `--help` lists them."}`;
    });
}

function configFile(options: Options, { server, env }: Sources, flags: Record<string, unknown>): string | undefined {
  const option = options["config"];
  const given = option && (flags["config"] ?? env[variableOf(server, "config", option)]);
  return typeof given === "string" && given !== "" ? given : undefined;
}

function explain(error: z.ZodError, given: unknown): string {
  // Masked before it is cut: whatever was meant for a credential may stand in a wrong place.
  const shown = typeof given === "string" ? ` (given: "${createRedactor("own").record(given).slice(0, 80)}")` : "";
  return (
    error.issues
      .map((issue) => `${issue.path.length > 0 ? `${issue.path.join(".")}: ` : ""}${plain(issue)}`)
      .join("; ") + shown
  );
}

// On a command line values stand without quotes.
function plain(issue: z.core.$ZodIssue): string {
  return issue.code === "invalid_value" ? `expected one of ${issue.values.map(String).join(", ")}` : reason(issue);
}

function readFlags(options: Options, argv: readonly string[], problems: string[]) {
  const byFlag = new Map<string, string>();
  const spec: Record<string, { type: "string" | "boolean"; multiple: true }> = {};
  for (const [key, option] of Object.entries(options)) {
    const flag = flagOf(key, option);
    if (!flag) continue;
    byFlag.set(flag, key);
    spec[flag] = { type: kindOf(option.schema) === "boolean" ? "boolean" : "string", multiple: true };
  }
  // Tokens instead of strict parsing: strict mode throws at the first problem, and a person wants to hear all of them.
  const { tokens } = parseArgs({
    args: [...argv],
    options: spec,
    strict: false,
    allowPositionals: true,
    allowNegative: true,
    tokens: true,
  });
  const flags: Record<string, unknown> = {};
  const positionals: string[] = [];
  const takesPositionals = Object.values(options).some((option) => option.positional);
  let unknownAt = -2;
  for (const token of tokens) {
    if (token.kind === "positional") {
      // What follows an unknown option was most likely its value.
      if (token.index === unknownAt + 1) continue;
      if (takesPositionals) positionals.push(token.value);
      else problems.push(`"${token.value}" is not expected: this server takes no arguments besides options.`);
    }
    if (token.kind !== "option") continue;
    const negated = token.rawName.startsWith("--no-") && !byFlag.has(token.name);
    const flag = negated ? token.name.replace(/^no-/, "") : token.name;
    const key = token.rawName.startsWith("--") ? byFlag.get(flag) : undefined;
    if (key === undefined) {
      if (token.value === undefined) unknownAt = token.index;
      problems.push(`Unknown option ${token.rawName}.${suggestion(token.name, [...byFlag.keys()])}`);
      continue;
    }
    const kind = kindOf((options[key] as Option).schema);
    if (kind === "boolean") {
      if (token.value === undefined) flags[key] = !negated;
      else if (token.value === "true" || token.value === "false") flags[key] = token.value === "true";
      else problems.push(`--${flag}: takes no value (given: "${token.value}").`);
    } else if (negated) problems.push(`Unknown option ${token.rawName}.`);
    else if (token.value === undefined) problems.push(`--${flag}: needs a value.`);
    else {
      const value = textToValue(token.value, kind);
      flags[key] =
        kind === "list" && Array.isArray(flags[key]) ? [...(flags[key] as unknown[]), ...(value as unknown[])] : value;
    }
  }
  return { flags, positionals };
}

function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near ? ` Did you mean --${near}?` : " `--help` lists the options.";
}

function textToValue(text: string, kind: ReturnType<typeof kindOf>): unknown {
  if (kind === "boolean")
    return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : text;
  if (kind === "number") return text.trim() === "" ? text : Number.isNaN(Number(text)) ? text : Number(text);
  if (kind === "list")
    return text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "");
  if (kind === "object") {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  }
  return text;
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist: correct --config",
  EACCES: "may not be read by this user: change its permissions",
  EISDIR: "is a folder: name the file in it",
};

function readFile(path: string, options: Options, env: NodeJS.ProcessEnv, problems: string[]): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { code = "unknown reason" } = error as NodeJS.ErrnoException;
    problems.push(`The configuration file ${path} ${FILE_PROBLEMS[code] ?? `cannot be read (${code})`}.`);
    return {};
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    // The parser's own message quotes the text, which may hold secrets: only the place is said.
    const place = /position (\d+)/.exec((error as Error).message)?.[1];
    const line = place === undefined ? "" : ` near line ${text.slice(0, Number(place)).split("\n").length}`;
    problems.push(`The configuration file ${path} is not valid JSON${line}: mend it, a JSON checker shows where.`);
    return {};
  }
  if (data === null || typeof data !== "object" || Array.isArray(data)) {
    problems.push(`The configuration file ${path} must hold one JSON object.`);
    return {};
  }
  const config: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(data)) {
    const option = Object.hasOwn(options, key) ? options[key] : undefined;
    if (!option || key === "config") {
      const near = nearest(key, Object.keys(options));
      problems.push(`Unknown key "${key}" in ${path}.${near ? ` Did you mean "${near}"?` : ""}`);
    } else if (option.credential)
      problems.push(`"${key}" in ${path} is a secret: set its variable, or the variable with _FILE or _COMMAND added.`);
    else config[key] = expand(value, key, path, env, problems);
  }
  return config;
}

// `${NAME}` in any string of the file; unset is a problem, since a host that does not expand it would send it literally.
function expand(value: unknown, key: string, path: string, env: NodeJS.ProcessEnv, problems: string[]): unknown {
  if (typeof value === "string")
    return value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => {
      const found = env[name];
      if (found === undefined) problems.push(`${key} in ${path} names \${${name}}, which is not set.`);
      return found ?? whole;
    });
  if (Array.isArray(value)) return value.map((item) => expand(item, key, path, env, problems));
  if (value !== null && typeof value === "object")
    return Object.fromEntries(
      Object.entries(value).map(([k, v]) => [k, expand(v, `${key}.${k}`, path, env, problems)]),
    );
  return value;
}
