import { health } from "./health.ts";
import { plan } from "./plan.ts";
import { queryStatistics } from "./query-statistics.ts";
import { schema } from "./schema.ts";
import { table } from "./table.ts";

export const resources = [schema, table, health, queryStatistics, plan];
