import { list } from "./list.ts";
import { edit } from "./edit.ts";
import { move } from "./move.ts";
import { read } from "./read.ts";
import { remove } from "./delete.ts";
import { search } from "./search.ts";
import { undo } from "./undo.ts";
import { write } from "./write.ts";

/** In the order in which they are listed. */
export const tools = [read, list, search, edit, write, move, remove, undo];
