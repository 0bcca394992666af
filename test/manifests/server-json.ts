import * as z from "zod";

// The schema of 2025-12-11 is not on npm: this says of it what a package on npm can use, and refuses the rest.
const input = {
  description: z.string().min(1),
  isRequired: z.boolean().optional(),
  isSecret: z.boolean().optional(),
  format: z.enum(["string", "number", "boolean", "filepath"]).optional(),
  default: z.string().optional(),
  placeholder: z.string().optional(),
  choices: z.array(z.string()).min(1).optional(),
};
const version = z
  .string()
  .max(255)
  .regex(/^\d+\.\d+\.\d+(?:[-+][\w.+-]+)?$/, "an exact version");

/** server.json as the MCP registry takes it, for a server that is published on npm and runs over stdio. */
export const serverJsonSchema = z.strictObject({
  $schema: z.literal("https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version,
  websiteUrl: z.url().optional(),
  repository: z
    .strictObject({
      url: z.url(),
      source: z.enum(["github", "gitlab"]),
      subfolder: z
        .string()
        .regex(/^[^./][^:]*[^/]$/)
        .optional(),
    })
    .optional(),
  packages: z
    .array(
      z.strictObject({
        registryType: z.literal("npm"),
        identifier: z.string(),
        version,
        runtimeHint: z.literal("npx"),
        transport: z.strictObject({ type: z.literal("stdio") }),
        packageArguments: z
          .array(
            z.strictObject({
              type: z.literal("positional"),
              valueHint: z.string().min(1),
              isRepeated: z.boolean().optional(),
              ...input,
            }),
          )
          .optional(),
        environmentVariables: z
          .array(z.strictObject({ name: z.string().regex(/^[A-Z][A-Z0-9_]*$/), ...input }))
          .optional(),
      }),
    )
    .length(1),
});
