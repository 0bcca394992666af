import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import * as z from "zod";
import type { Answers } from "../answers/answers.ts";
import { namesOf } from "../answers/names.ts";
import { kinds, levels, licences } from "../kinds.ts";
import { Problem } from "../problem.ts";
import type { GeneratedTools } from "./render.ts";
import type { Files } from "./template.ts";

/** Where a project remembers what it was made of, so that an upgrade can tell the template's changes from its author's. */
export const RECORD = ".mooring/template.json";

// Below the project, in the form that templates have: a record may come from anywhere.
const path = z.string().regex(/^(?!.*(?:^|\/)\.{0,2}(?:\/|$))[^\\:]+$/);

const recordSchema = z.object({
  version: z.string(),
  year: z.number(),
  name: z.string(),
  kind: z.enum(Object.keys(kinds) as [keyof typeof kinds]),
  access: z.enum(Object.keys(levels) as [keyof typeof levels]),
  licence: z.enum(Object.keys(licences) as [keyof typeof licences]),
  author: z.string(),
  description: z.string().optional(),
  token: z.string().optional(),
  generated: z
    .object({
      url: z.string().optional(),
      credential: z.object({ header: z.string(), prefix: z.string() }).optional(),
      checkPath: z.string().optional(),
      budget: z.number(),
    })
    .optional(),
  base: z.base64(),
});

/** What a project was made of. */
export interface Recorded {
  /** Of @mooring/create-server. */
  readonly version: string;
  /** Of the licence. */
  readonly year: number;
  readonly answers: Answers;
  /** The tools came from a description of the API: what of it the template's files hold. */
  readonly generated: GeneratedTools | undefined;
  /** The template's files as they were written then; files made from the description are not among them. */
  readonly base: Files;
}

/** The file to write. */
export function writeRecord({ version, year, answers, generated, base }: Recorded): string {
  const { names, ...rest } = answers;
  const own = [...base].filter(([path]) => !generated?.files.has(path));
  const packed = brotliCompressSync(JSON.stringify(Object.fromEntries(own))).toString("base64");
  return `${JSON.stringify({ version, year, name: names.package, ...rest, ...(generated && { generated: generated.api }), base: packed }, undefined, 2)}\n`;
}

/** @throws Problem for a text that is no such record */
export function readRecord(text: string): Recorded {
  try {
    const { version, year, name, base, generated, ...rest } = recordSchema.parse(JSON.parse(text));
    const files = z.record(path, z.string()).parse(JSON.parse(unpacked(base)));
    return {
      version,
      year,
      answers: { ...rest, names: namesOf(name) },
      generated: generated && { files: new Map(), api: generated, notes: [] },
      base: new Map(Object.entries(files)),
    };
  } catch {
    throw new Problem(`${RECORD} cannot be read. Take it back from your version control.`);
  }
}

// What an author commits is a few dozen kilobytes; more is no record of ours.
function unpacked(base: string): string {
  return brotliDecompressSync(Buffer.from(base, "base64"), { maxOutputLength: 20_000_000 }).toString("utf8");
}
