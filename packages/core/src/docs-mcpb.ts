import type { ServerDefinition } from "./definition.ts";
import { binOf, DocumentError, forgeOf, type PackageManifest } from "./docs-package.ts";
import { pathKind, type Setting, settings } from "./docs-settings.ts";
import type { Options } from "./options.ts";

/** A field of the form that a host shows when the bundle is installed. */
export interface McpbField {
  readonly type: "string" | "number" | "boolean" | "directory" | "file";
  readonly title: string;
  readonly description: string;
  readonly required?: true;
  readonly default?: string | number | boolean | readonly string[];
  readonly multiple?: true;
  readonly sensitive?: true;
  readonly min?: number;
  readonly max?: number;
}

/** manifest.json of an MCP bundle (`.mcpb`) that runs on Node. Source: MCPB manifest 0.3. */
export interface McpbManifest {
  readonly manifest_version: "0.3";
  readonly name: string;
  readonly display_name: string;
  readonly version: string;
  readonly description: string;
  readonly author: { readonly name: string; readonly email?: string; readonly url?: string };
  readonly repository?: { readonly type: "git"; readonly url: string };
  readonly homepage?: string;
  readonly license?: string;
  readonly keywords?: readonly string[];
  readonly server: {
    readonly type: "node";
    readonly entry_point: string;
    readonly mcp_config: {
      readonly command: "node";
      readonly args: readonly string[];
      readonly env?: Readonly<Record<string, string>>;
    };
  };
  readonly tools: readonly { readonly name: string; readonly description: string }[];
  readonly prompts_generated?: true;
  readonly compatibility: { readonly runtimes: { readonly node: string } };
  readonly user_config?: Readonly<Record<string, McpbField>>;
}

/**
 * What a server's manifest.json holds.
 * @throws DocumentError when package.json names no author or no command
 */
export function mcpbManifest<Deps>(
  definition: ServerDefinition<Deps>,
  options: Options,
  manifest: PackageManifest,
): McpbManifest {
  const { version, description, repository, homepage, license, keywords, engines } = manifest;
  const { command: name, file } = binOf(manifest);
  const asked = settings(definition, options);
  const onLine = asked.filter(({ option }) => option.positional);
  const variables = asked.filter(({ option }) => !option.positional);
  return {
    manifest_version: "0.3",
    name,
    display_name: definition.title,
    version,
    description,
    author: authorOf(manifest),
    ...(repository && /^https?:/.test(repository.url) && { repository: { type: "git" as const, url: repository.url } }),
    ...(homepage && { homepage }),
    ...(license && { license }),
    ...(keywords && { keywords }),
    server: {
      type: "node",
      entry_point: file,
      mcp_config: {
        command: "node",
        args: [`\${__dirname}/${file}`, ...onLine.map(reference)],
        ...(variables.length > 0 && {
          env: Object.fromEntries(variables.map((setting) => [setting.variable, reference(setting)])),
        }),
      },
    },
    tools: definition.tools.map((tool) => ({ name: tool.name, description: tool.description })),
    // The format wants the text of a prompt; ours is written when it is asked for.
    ...(definition.prompts?.length && { prompts_generated: true as const }),
    compatibility: { runtimes: { node: engines?.node ?? ">=22.12" } },
    ...(asked.length > 0 && { user_config: Object.fromEntries(asked.map((setting) => [setting.key, field(setting)])) }),
  };
}

function reference({ key }: Setting): string {
  return `\${user_config.${key}}`;
}

/**
 * Claude Desktop leaves the text `${user_config.x}` in place of a field that is empty and has no default (modelcontextprotocol/mcpb#250),
 * and most options refuse it, so that the server would not start. So every field has a default or is required. An empty default becomes
 * an empty variable, which core reads as one that is not set (a credential then is named as missing by the call that needs it); only a
 * text can be empty, so a number or a path that may be left out is asked for as text.
 */
function field(setting: Setting): McpbField {
  const { option, kind, values, fallback, required } = setting;
  const path = pathKind(option);
  const canBeEmpty = !required && fallback === undefined;
  const base = { title: title(setting), description: explained(setting) };
  if (option.positional && path) {
    const several = kind === "list";
    const standard = several ? fallback?.split(",") : fallback;
    return {
      type: path,
      ...base,
      ...(required && { required }),
      ...(several && { multiple: true }),
      ...(standard !== undefined && { default: standard }),
    };
  }
  if (kind === "boolean") return { type: "boolean", ...base, default: fallback === "true" };
  if (kind === "number" && !canBeEmpty)
    return {
      type: "number",
      ...base,
      ...(required ? { required } : { default: Number(fallback) }),
      ...bounds(option.schema),
    };
  return {
    type: path && !canBeEmpty && !values ? path : "string",
    ...base,
    ...(required ? { required } : { default: fallback ?? "" }),
    ...(option.credential && { sensitive: true }),
  };
}

function explained({ option, kind, values, description }: Setting): string {
  if (values && !values.every((value) => description.includes(`"${value}"`)))
    return `${description} One of: ${values.join(", ")}.`;
  return kind === "list" && !option.positional ? `${description} Separated by commas.` : description;
}

const ABBREVIATIONS = /^(?:api|ca|gb|http|id|ip|kb|mb|ssh|ssl|tls|url)$/;

// "journalMb" → "Journal MB".
function title({ key }: Setting): string {
  const words = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).split(" ");
  const spelt = words.map((word) => (ABBREVIATIONS.test(word) ? word.toUpperCase() : word)).join(" ");
  return spelt.charAt(0).toUpperCase() + spelt.slice(1);
}

// Zod's own bounds of whole numbers are no news to anybody.
function bounds(schema: unknown): { min?: number; max?: number } {
  const { minValue, maxValue, def } = schema as {
    minValue?: number | null;
    maxValue?: number | null;
    def?: { innerType?: unknown; in?: unknown };
  };
  const inner = def?.innerType ?? def?.in;
  if (inner !== undefined) return bounds(inner);
  const says = (bound: number | null | undefined): bound is number =>
    typeof bound === "number" && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  return { ...(says(minValue) && { min: minValue }), ...(says(maxValue) && { max: maxValue }) };
}

function authorOf(manifest: PackageManifest): McpbManifest["author"] {
  const { author } = manifest;
  const name = author?.name ?? forgeOf(manifest)?.owner;
  if (name === undefined)
    throw new DocumentError(
      'package.json has neither "author" nor a "repository" on GitHub or GitLab, and a bundle names its author: add "author": "Your Name".',
    );
  const { email, url } = author ?? {};
  // People write "n/a" and the like; the format takes only what is one.
  return {
    name,
    ...(email && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email) && { email }),
    ...(url && URL.canParse(url) && { url }),
  };
}
