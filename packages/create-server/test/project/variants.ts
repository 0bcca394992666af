import { type Answers } from "../../src/answers/answers.ts";
import { namesOf } from "../../src/answers/names.ts";
import { type Kind, kinds, type Level, levels } from "../../src/kinds.ts";
import { render, type RenderOptions } from "../../src/project/render.ts";
import type { Files } from "../../src/project/template.ts";
import { readTemplates } from "../../src/vendor/read-templates.ts";

export const templates = readTemplates();

/** One choice of what decides which files there are. */
export interface Variant {
  readonly kind: Kind;
  readonly access: Level;
  readonly place: RenderOptions["place"];
}

export const variants: readonly Variant[] = (Object.keys(kinds) as Kind[]).flatMap((kind) =>
  (Object.keys(levels) as Level[]).flatMap((access) =>
    (["standalone", "workspace"] as const).map((place) => ({ kind, access, place })),
  ),
);

export function answersFor({ kind, access, place }: Variant, name = "weather"): Answers {
  const names = namesOf(place === "workspace" ? `@mooring/${name}` : name);
  return { names, kind, access, licence: "MIT", author: "Ada Lovelace" };
}

export function rendered(variant: Variant, name?: string): Files {
  return render(templates, { answers: answersFor(variant, name), place: variant.place, year: 2031 });
}
