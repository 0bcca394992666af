import { edit } from "./edit.ts";
import { list } from "./list.ts";
import { move } from "./move.ts";
import { read } from "./read.ts";
import { remove } from "./delete.ts";
import { search } from "./search.ts";
import { undo } from "./undo.ts";
import { write } from "./write.ts";

export const tools = [read, list, search, edit, write, move, remove, undo];
