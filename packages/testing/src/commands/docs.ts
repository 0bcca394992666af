import type { Command } from "./command.ts";

export const docs: Command = { usage: "", help: "", run: async () => 0 };
