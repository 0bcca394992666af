import type { Command } from "./command.ts";

export const compare: Command = { usage: "", help: "", run: async () => 0 };
