export { exitCodes } from "./exit-codes.ts";
export type { CheckLine, Host } from "./host.ts";
export { type Answer, type Command, runServer, type RunOptions } from "./run-server.ts";
