import { addItem } from "./add-item.ts";
import { listItems } from "./list-items.ts";
import { removeItem } from "./remove-item.ts";

export const tools = [listItems, addItem, removeItem];
