import { accesses } from "./access.ts";
import type { Credential } from "./credentials.ts";
import { deepText } from "./deep-text.ts";
import { type ErrorMapper, mapped, ToolError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { unfenced } from "./fence.ts";
import { outboundProblems } from "./fetch.ts";
import type { CheckLine, Host } from "./host.ts";
import { isSecretName } from "./log-fields.ts";
import { asWritten, type Options } from "./options.ts";
import type { Redactor } from "./redact.ts";
import type { Prepared } from "./server.ts";
import type { AnyTool } from "./tool.ts";

/** Flags that answer and end; every server has them. */
export const informationFlags: Readonly<Record<string, string>> = {
  help: "Show this and exit.",
  version: "Show the version and exit.",
  "list-tools": "List the tools that these options leave and exit.",
  "print-config": "Show the effective configuration, without secrets, and exit.",
  check:
    "Check configuration, credentials and the service, say what to fix, and exit (0, or 3 when something is wrong).",
};

/** Information flags of a server's own, without dashes, and what each does. */
export type Answers = Readonly<Record<string, { readonly description: string }>>;

/** All of them: those that every server has, and a server's own. */
export function informationOf(answers: Answers): [flag: string, description: string][] {
  return [
    ...Object.entries(informationFlags),
    ...Object.entries(answers).map(([flag, { description }]): [string, string] => [flag, description]),
  ];
}

/** Those of them that a command line has, with their dashes. */
export function information(argv: readonly string[], answers: Answers): ReadonlySet<string> {
  const flags = new Set(informationOf(answers).map(([flag]) => `--${flag}`));
  return new Set(argv.filter((argument) => flags.has(argument)));
}

/** `--print-config`: of a credential only where it comes from, of other values nothing that is or is called a secret. What is not set is left out. */
export function printedConfig(options: Options, config: Readonly<Record<string, unknown>>, redactor: Redactor): string {
  const shown = Object.entries(config).map(([key, value]) => {
    const option = options[key];
    if (option?.credential) return [key, (value as Credential).source()];
    return [key, withoutSecrets(option ? asWritten(option, value) : value, redactor)];
  });
  return `${JSON.stringify(Object.fromEntries(shown), null, 2)}\n`;
}

function withoutSecrets(value: unknown, redactor: Redactor): unknown {
  return deepText(value, (text, member) =>
    member !== undefined && isSecretName(member) ? "⟨masked:field⟩" : redactor.record(text),
  );
}

/** `--list-tools`: one line a tool, then what is not offered and why. */
export function listedTools<Deps>(
  tools: readonly AnyTool<Deps>[],
  { tools: listed, instructions }: Prepared,
  prefix = "",
): string {
  const width = Math.max(0, ...listed.map(({ name }) => name.length));
  const lines = listed.map(({ name, title = "" }) => {
    const own = tools.find((each) => prefix + each.name === name);
    const access = own ? [...new Set(accesses(own.access))].join("/") : "";
    return `${name.padEnd(width)}  ${access.padEnd(22)}  ${title}`;
  });
  const off = instructions.split("\n").filter((line) => /^(?:Switched off|Not offered)/.test(line));
  return `${[...lines, ...off].join("\n")}\n`;
}

/**
 * `--check`: asks, prints a line for each finding, and resolves to the exit status. `hidden` is asked after the service was, so
 * that it says what the next run will hide.
 */
export async function runCheck(
  { log, redactor, env }: Pick<Host, "log" | "redactor" | "env">,
  configuration: string,
  check: () => Promise<readonly CheckLine[]>,
  hidden: () => Promise<ReadonlyMap<string, string>>,
  mapError: ErrorMapper = () => undefined,
): Promise<number> {
  const lines: CheckLine[] = [{ name: "configuration", ok: true, detail: configuration }];
  try {
    const outbound = await outboundProblems(env);
    lines.push(...outbound.map((detail) => ({ name: "outbound", ok: false, detail })), ...(await check()));
  } catch (error) {
    log.debug("check", { error });
    const known = error instanceof ToolError ? error : mapped(error, mapError);
    const detail = known?.message ?? (error instanceof Error ? error.message : String(error));
    const fix = known?.hint;
    lines.push({ name: "check", ok: false, detail, ...(fix !== undefined && { fix }) });
  }
  for (const [name, why] of await hidden()) lines.push({ name: "hidden", ok: true, detail: `${name}: ${why}` });
  for (const { name, ok, detail, fix } of lines)
    process.stdout.write(
      redactor.record(unfenced(`${ok ? "ok  " : "FAIL"} ${name}: ${detail}${!ok && fix ? `\n     ${fix}` : ""}\n`)),
    );
  return lines.every(({ ok }) => ok) ? exitCodes.done : exitCodes.check;
}
