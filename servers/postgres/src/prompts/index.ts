import { investigateSlowQuery } from "./investigate-slow-query.ts";
import { reviewMigration } from "./review-migration.ts";

export const prompts = [investigateSlowQuery, reviewMigration];
