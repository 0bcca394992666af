import type { Command } from "./command.ts";

export const check: Command = { usage: "", help: "", run: async () => 0 };
