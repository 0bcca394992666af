import { query } from "./query.ts";

export const tools = [query];
