import { advise } from "./advise.ts";
import { explain } from "./explain.ts";
import { health } from "./health.ts";
import { migrate } from "./migrate.ts";
import { query } from "./query.ts";
import { schema } from "./schema.ts";
import { write } from "./write.ts";

export const tools = [query, schema, explain, advise, health, write, migrate];
