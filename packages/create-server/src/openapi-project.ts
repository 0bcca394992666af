import type { Answers } from "./answers/answers.ts";
import type { GeneratedTools } from "./project/render.ts";

export function toolsOfApi(_t: string, _f: string, _o: readonly string[], _a: Answers): GeneratedTools {
  throw new Error("not yet");
}
