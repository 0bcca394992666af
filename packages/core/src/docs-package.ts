import * as z from "zod";

/** Why a document cannot be made, in one sentence for the author of the server. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
}

// What npm writes for "not said yet" counts as not said.
const text = z
  .string()
  .optional()
  .transform((value) => value?.trim() || undefined);

const manifestSchema = z.object({
  name: z.string().min(1),
  version: z.string().min(1),
  description: z.string().min(1),
  private: z.boolean().optional(),
  mcpName: text,
  license: text,
  homepage: text.refine((value) => value === undefined || URL.canParse(value)),
  keywords: z.array(z.string()).optional(),
  author: z
    .union([text, z.object({ name: z.string().min(1), email: text, url: text })])
    .optional()
    .transform((author) => (typeof author === "string" ? person(author) : author)),
  repository: z
    .union([text, z.object({ url: z.string().min(1), directory: text })])
    .optional()
    .transform((repository) => {
      if (repository === undefined) return undefined;
      const { url, directory } =
        typeof repository === "string" ? { url: repository, directory: undefined } : repository;
      return { url: browsable(url), directory };
    }),
  bin: z.union([z.string(), z.record(z.string(), z.string())]).optional(),
  engines: z.object({ node: text }).optional(),
  scripts: z.record(z.string(), z.string()).optional(),
});

/** What a server's package.json says, as far as its documents need it. `repository.url` is one that a browser opens. */
export type PackageManifest = z.output<typeof manifestSchema>;

/**
 * Reads the text of a package.json.
 * @throws DocumentError naming every field that is missing or of another type
 */
export function readPackageManifest(json: string): PackageManifest {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new DocumentError(`package.json is not valid JSON: ${(error as Error).message}.`);
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = new Set(parsed.error.issues.map(({ path }) => path.join(".") || "the whole"));
  throw new DocumentError(`package.json: missing, empty or of the wrong type: ${[...fields].join(", ")}.`);
}

/** The owner and the name of a repository of GitHub or GitLab. */
export function forgeOf({ repository }: PackageManifest) {
  const [, host, owner, name] = /^https:\/\/(github|gitlab)\.com\/([^/]+)\/(.+)$/.exec(repository?.url ?? "") ?? [];
  return host && owner && name ? { source: host, owner, name: name.split("/").at(-1) as string } : undefined;
}

/** The file that starts the server and the command's name, from the first entry of `bin`. @throws DocumentError */
export function binOf({ name, bin }: PackageManifest): { readonly command: string; readonly file: string } {
  const entries =
    typeof bin === "string" ? [[name.split("/").at(-1) as string, bin] as const] : Object.entries(bin ?? {});
  const [first] = entries;
  if (!first) throw new DocumentError('package.json has no "bin": name the file that starts the server.');
  return { command: first[0], file: first[1].replace(/^\.\//, "") };
}

// npm's short form: "Name <mail> (address)".
function person(author: string): { name: string; email: string | undefined; url: string | undefined } | undefined {
  const [, name = "", email, url] = /^([^<(]*?)\s*(?:<([^>]*)>)?\s*(?:\(([^)]*)\))?$/.exec(author) ?? [
    undefined,
    author,
  ];
  return name === "" ? undefined : { name, email, url };
}

// npm takes "owner/name", "gitlab:owner/name", "git+https://….git" and "git@host:owner/name.git" too.
function browsable(url: string): string {
  const short = /^(?:(github|gitlab):)?([\w.-]+\/[\w.-]+)$/.exec(url);
  if (short) return `https://${short[1] ?? "github"}.com/${short[2]}`;
  return url
    .replace(/^git\+/, "")
    .replace(/^(?:ssh:\/\/)?git@([^:/]+)[:/]/, "https://$1/")
    .replace(/^git:\/\//, "https://")
    .replace(/(?:\.git)?\/?(?:#.*)?$/, "");
}
