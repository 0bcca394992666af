import type { ServerDefinition } from "./definition.ts";
import { DocumentError, forgeOf, type PackageManifest } from "./docs-package.ts";
import { pathKind, type Setting, settings } from "./docs-settings.ts";
import type { Options } from "./options.ts";

const LONGEST = 100;

/** A value that the client asks a person for. */
export interface RegistryInput {
  readonly description: string;
  readonly isRequired?: true;
  readonly isSecret?: true;
  readonly format?: "number" | "boolean" | "filepath";
  readonly default?: string;
  readonly choices?: readonly string[];
}

/** server.json of the MCP registry for a package on npm. Source: its schema of 2025-12-11. */
export interface ServerJson {
  readonly $schema: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly version: string;
  readonly websiteUrl?: string;
  readonly repository?: { readonly url: string; readonly source: string; readonly subfolder?: string };
  readonly packages: readonly {
    readonly registryType: "npm";
    readonly identifier: string;
    readonly version: string;
    readonly runtimeHint: "npx";
    readonly transport: { readonly type: "stdio" };
    readonly packageArguments?: readonly (RegistryInput & {
      readonly type: "positional";
      readonly valueHint: string;
      readonly isRepeated?: true;
    })[];
    readonly environmentVariables?: readonly (RegistryInput & { readonly name: string })[];
  }[];
}

/**
 * What a server's server.json holds.
 * @throws DocumentError when package.json gives no name for the registry, or no description that it takes
 */
export function serverJson<Deps>(
  definition: ServerDefinition<Deps>,
  options: Options,
  manifest: PackageManifest,
): ServerJson {
  const forge = forgeOf(manifest);
  const { repository, homepage, name: identifier, version } = manifest;
  const asked = settings(definition, options);
  const onLine = asked.filter(({ option }) => option.positional);
  const variables = asked.filter(({ option }) => !option.positional);
  return {
    $schema: "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
    name: registryName(manifest, definition.name),
    title: definition.title,
    description: shortDescription(manifest.description),
    version,
    ...(homepage && { websiteUrl: homepage }),
    ...(repository &&
      forge && {
        repository: {
          url: repository.url,
          source: forge.source,
          ...(repository.directory && { subfolder: repository.directory }),
        },
      }),
    packages: [
      {
        registryType: "npm",
        identifier,
        version,
        runtimeHint: "npx",
        transport: { type: "stdio" },
        ...(onLine.length > 0 && {
          packageArguments: onLine.map((setting) => ({
            type: "positional" as const,
            valueHint: setting.key,
            ...(setting.kind === "list" && { isRepeated: true as const }),
            ...input(setting),
          })),
        }),
        ...(variables.length > 0 && {
          environmentVariables: variables.map((setting) => ({ name: setting.variable, ...input(setting) })),
        }),
      },
    ],
  };
}

// The registry takes the npm package only when its package.json holds the same name as `mcpName`.
function registryName(manifest: PackageManifest, server: string): string {
  const { mcpName, repository } = manifest;
  if (mcpName !== undefined) {
    if (/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/.test(mcpName) && mcpName.length <= 200) return mcpName;
    throw new DocumentError(
      `package.json: "mcpName" is "${mcpName}", but the registry takes a reverse-DNS name with one slash, such as io.github.owner/${server}.`,
    );
  }
  const forge = forgeOf(manifest);
  // One repository may hold several servers; then the folder is said, and the repository's name would fit none of them.
  if (forge?.source === "github") return `io.github.${forge.owner}/${repository?.directory ? server : forge.name}`;
  throw new DocumentError(
    `package.json has neither "mcpName" nor a "repository" on GitHub, so the registry has no name for the server: add "mcpName": "io.github.<owner>/${server}".`,
  );
}

// As many whole sentences as fit.
function shortDescription(description: string): string {
  if (description.length <= LONGEST) return description;
  const sentences = description.match(/[^.!?]+(?:[.!?]+(?=\s|$)|[.!?])*/g) ?? [];
  let short = "";
  for (const sentence of sentences) {
    if ((short + sentence).trimEnd().length > LONGEST) break;
    short += sentence;
  }
  if (/[.!?]\s*$/.test(short)) return short.trim();
  throw new DocumentError(
    `package.json: "description" has no first sentence of at most ${LONGEST} characters, the registry's limit: shorten it.`,
  );
}

function input({ option, kind, values, fallback, required, description }: Setting): RegistryInput {
  const isList = kind === "list" && !option.positional;
  const format = kind === "number" || kind === "boolean" ? kind : pathKind(option) && "filepath";
  return {
    description: isList ? `${description} Separated by commas.` : description,
    ...(required && { isRequired: true }),
    ...(option.credential && { isSecret: true }),
    ...(format && { format }),
    ...(fallback !== undefined && { default: fallback }),
    ...(values && { choices: values }),
  };
}
