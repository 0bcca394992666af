import { list } from "./list.ts";
import { read } from "./read.ts";
import { search } from "./search.ts";

export const tools = [read, list, search];
