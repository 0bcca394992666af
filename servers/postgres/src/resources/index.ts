import { schema } from "./schema.ts";
import { table } from "./table.ts";

export const resources = [schema, table];
