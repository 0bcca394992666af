import type { Command } from "./command.ts";

export const dev: Command = { usage: "", help: "", run: async () => 0 };
