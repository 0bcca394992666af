import { isRecord } from "../json-rpc.ts";
import { compileSchema } from "../schema.ts";

/** A call that a server must refuse. */
export interface WrongCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Values that no conversion makes right, for each type that an argument can have. */
const misfits: Readonly<Record<string, unknown>> = {
  string: { mooring: ["no string"] },
  number: "no number",
  integer: "no number",
  boolean: { mooring: "no boolean" },
  array: { mooring: "no array" },
  object: "no object",
};

/** The first read-only tool for which its own schema proves some arguments wrong; others are never called. */
export async function wrongArguments(tools: readonly unknown[]): Promise<WrongCall | undefined> {
  for (const tool of tools) {
    if (!isRecord(tool) || typeof tool["name"] !== "string" || !isRecord(tool["inputSchema"])) continue;
    const { name, annotations, inputSchema } = tool;
    if (!isRecord(annotations) || annotations["readOnlyHint"] !== true) continue;
    const compiled = await compileSchema(inputSchema);
    if ("problem" in compiled) continue;
    const candidate = misfit(inputSchema);
    if (candidate && !compiled.fits(candidate)) return { name: String(name), arguments: candidate };
  }
  return undefined;
}

function misfit({ properties, required }: Record<string, unknown>): Record<string, unknown> | undefined {
  if (!isRecord(properties)) return undefined;
  const wrong = Object.entries(properties).flatMap(([name, property]) => {
    const type = isRecord(property) ? property["type"] : undefined;
    return typeof type === "string" && type in misfits ? [[name, misfits[type]] as const] : [];
  });
  if (wrong.length > 0) return Object.fromEntries(wrong);
  return Array.isArray(required) && required.length > 0 ? {} : undefined;
}
