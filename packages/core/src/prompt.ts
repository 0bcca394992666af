import type { PromptMessage } from "@modelcontextprotocol/server";
import type * as z from "zod";
import type { Completers } from "./resource.ts";
import type { ToolContext } from "./tool.ts";

/** A prompt a person picks in the host. Arguments are strings, as the protocol has them. */
export interface PromptDefinition<Deps, In extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input?: In;
  /** Arguments that the configuration has decided (see `limitArgument`): not listed, refused when given. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  /** Completion of each argument; at most 100 values are sent. */
  readonly complete?: Completers<Deps>;
  messages(input: z.output<In>, context: ToolContext<Deps>): Promise<PromptMessage[]> | PromptMessage[];
}

/** Binds the dependencies that a server's prompts share. */
export function promptFactory<Deps>() {
  return <In extends z.ZodObject>(definition: PromptDefinition<Deps, In>): PromptDefinition<Deps, In> => definition;
}
