import { describe, expect, test } from "vitest";
import { archiving } from "../../../src/health/checks/archiving.ts";
import { autovacuum } from "../../../src/health/checks/autovacuum.ts";
import { bloatedIndexes } from "../../../src/health/checks/bloated-indexes.ts";
import { cacheHits } from "../../../src/health/checks/cache-hits.ts";
import { checkpoints } from "../../../src/health/checks/checkpoints.ts";
import { checksums } from "../../../src/health/checks/checksums.ts";
import { connectionCount } from "../../../src/health/checks/connection-count.ts";
import { foreignKeyIndexes } from "../../../src/health/checks/foreign-key-indexes.ts";
import { idleTransactions } from "../../../src/health/checks/idle-transactions.ts";
import { integerKeys } from "../../../src/health/checks/integer-keys.ts";
import { invalidIndexes } from "../../../src/health/checks/invalid-indexes.ts";
import { longQueries } from "../../../src/health/checks/long-queries.ts";
import { memorySettings } from "../../../src/health/checks/memory-settings.ts";
import { multixacts } from "../../../src/health/checks/multixacts.ts";
import { plannerSettings } from "../../../src/health/checks/planner-settings.ts";
import { policyIndexes } from "../../../src/health/checks/policy-indexes.ts";
import { primaryKeys } from "../../../src/health/checks/primary-keys.ts";
import { replicationLag } from "../../../src/health/checks/replication-lag.ts";
import { replicationSlots } from "../../../src/health/checks/replication-slots.ts";
import { sequences } from "../../../src/health/checks/sequences.ts";
import { statistics } from "../../../src/health/checks/statistics.ts";
import { tempFiles } from "../../../src/health/checks/temp-files.ts";
import { transactionIds } from "../../../src/health/checks/transaction-ids.ts";
import { unusedIndexes } from "../../../src/health/checks/unused-indexes.ts";
import { vacuumBlockers } from "../../../src/health/checks/vacuum-blockers.ts";
import { walRetained } from "../../../src/health/checks/wal-retained.ts";
import type { QueryCheck } from "../../../src/health/check.ts";
import type { Value } from "../../../src/row-set.ts";
import { context, judge } from "./rows.ts";

const GB = 2 ** 30;
const MB = 2 ** 20;
const text = (amount: number) => String(amount);

type Row = Readonly<Record<string, Value>>;
type Edge = readonly [row: Row, severity: string | undefined];

/** Values at both sides of each bound. */
const edges: readonly (readonly [QueryCheck<never>, readonly Edge[]])[] = [
  [
    connectionCount as never,
    [
      [{ used: "69", most: "100", limit: "-1" }, undefined],
      [{ used: "70", most: "100", limit: "-1" }, "medium"],
      [{ used: "85", most: "100", limit: "-1" }, "high"],
      [{ used: "95", most: "100", limit: "-1" }, "critical"],
      [{ used: "1", most: "100", here: "9", limit: "10" }, "high"],
    ],
  ],
  [
    idleTransactions as never,
    [
      [{ idle: "3", blocked: "0" }, "low"],
      [{ idle: "59.9", blocked: "0" }, "low"],
      [{ idle: "60", blocked: "0" }, "medium"],
      [{ idle: "600", blocked: "0" }, "high"],
      [{ idle: "3", blocked: "1" }, "medium"],
      [{ idle: "60", blocked: "1" }, "high"],
    ],
  ],
  [
    longQueries as never,
    [
      [{ running: "59" }, undefined],
      [{ running: "60" }, "low"],
      [{ running: "300" }, "medium"],
      [{ running: "3600" }, "high"],
    ],
  ],
  [
    transactionIds as never,
    [
      [{ age: "399999999", freeze: "200000000" }, undefined],
      [{ age: "400000000", freeze: "200000000" }, "medium"],
      [{ age: "1000000000", freeze: "200000000" }, "high"],
      [{ age: "1600000000", freeze: "1500000000" }, "critical"],
    ],
  ],
  [multixacts as never, [[{ age: "800000000", freeze: "400000000" }, "medium"]]],
  [
    vacuumBlockers as never,
    [
      [{ kind: "transaction", age: "10", seconds: "299" }, undefined],
      [{ kind: "transaction", age: "10", seconds: "300" }, "low"],
      [{ kind: "transaction", age: "10", seconds: "3600" }, "medium"],
      [{ kind: "transaction", age: "10", seconds: "21600" }, "high"],
      [{ kind: "transaction", age: "100000000", seconds: "1" }, "high"],
      [{ kind: "prepared", age: "1", seconds: "1" }, "low"],
      [{ kind: "prepared", age: "1", seconds: "300" }, "medium"],
      [{ kind: "prepared", age: "1", seconds: "3600" }, "high"],
      [{ kind: "slot", age: "99999" }, undefined],
      [{ kind: "slot", age: "100000" }, "low"],
      [{ kind: "standby", age: "1000000" }, "medium"],
    ],
  ],
  [
    autovacuum as never,
    [
      [{ dead: "999", live: "0", due: "50", off: "false" }, undefined],
      [{ dead: "1000", live: "0", due: "501", off: "false" }, undefined],
      [{ dead: "1000", live: "0", due: "500", off: "false" }, "low"],
      [{ dead: "100000", live: "400000", due: "500", off: "false" }, "medium"],
      [{ dead: "100000", live: "400001", due: "500", off: "false" }, "low"],
      [{ dead: "1000000", live: "1000000", due: "500", off: "false" }, "high"],
      [{ dead: "0", live: "0", due: "50", off: "true" }, "medium"],
    ],
  ],
  [
    replicationSlots as never,
    [
      [{ active: "true", retained: text(9 * GB), status: "extended" }, undefined],
      [{ active: "true", retained: text(10 * GB), status: "extended" }, "medium"],
      [{ active: "false", retained: "0", status: "reserved", bound: "-1" }, "low"],
      [{ active: "false", retained: text(100 * MB), status: "reserved", bound: "-1" }, "medium"],
      [{ active: "false", retained: text(GB), status: "reserved", bound: "-1" }, "high"],
      [{ active: "false", retained: text(GB), status: "reserved", bound: "2GB" }, "medium"],
      [{ active: "true", retained: "0", status: "lost" }, "high"],
      [{ active: "true", retained: "0", status: "unreserved" }, "high"],
    ],
  ],
  [
    replicationLag as never,
    [
      [{ kind: "standby", bytes: text(15 * MB), seconds: "30" }, undefined],
      [{ kind: "standby", bytes: text(16 * MB), seconds: "10" }, "low"],
      [{ kind: "standby", bytes: text(MB), seconds: "60" }, "medium"],
      [{ kind: "standby", bytes: "0", seconds: "6000" }, undefined],
      [{ kind: "standby", bytes: text(10 * GB), seconds: "1" }, "high"],
      [{ kind: "self", bytes: "0", paused: "false", receiving: "true" }, undefined],
      [{ kind: "self", bytes: "0", paused: "true", receiving: "true" }, "medium"],
      [{ kind: "self", bytes: "0", paused: "false", receiving: "false" }, "medium"],
      [{ kind: "self", bytes: "1", seconds: "600", paused: "false", receiving: "true" }, "high"],
    ],
  ],
  [
    walRetained as never,
    [
      [{ bytes: text(GB - 1), expected: "1" }, undefined],
      [{ bytes: text(2 * GB), expected: text(GB + 1) }, undefined],
      [{ bytes: text(2 * GB), expected: text(GB) }, "medium"],
      [{ bytes: text(10 * GB), expected: text(GB) }, "high"],
    ],
  ],
  [
    archiving as never,
    [
      [{ mode: "off", unset: "true" }, undefined],
      [{ mode: "on", recovering: "true", unset: "true" }, undefined],
      [{ mode: "always", recovering: "true", unset: "true" }, "high"],
      [{ mode: "on", recovering: "false", unset: "false", failing: "true", since: "5", failed: "3" }, "high"],
      [{ mode: "on", recovering: "false", unset: "false", failing: "false", since: "86399", failed: "3" }, "low"],
      [{ mode: "on", recovering: "false", unset: "false", failing: "false", since: "86400", failed: "3" }, undefined],
      [{ mode: "on", recovering: "false", unset: "false" }, undefined],
    ],
  ],
  [
    cacheHits as never,
    [
      [{ hit: "0", read: "99999" }, undefined],
      [{ hit: "98000", read: "2000" }, undefined],
      [{ hit: "97000", read: "3000" }, "low"],
      [{ hit: "90000", read: "10000" }, "medium"],
    ],
  ],
  [
    tempFiles as never,
    [
      [{ bytes: text(9 * GB) }, undefined],
      [{ bytes: text(10 * GB) }, "low"],
      [{ bytes: text(100 * GB) }, "medium"],
    ],
  ],
  [
    checkpoints as never,
    [
      [{ timed: "0", requested: "9", seconds: "100", size: text(GB) }, undefined],
      [{ timed: "11", requested: "10", seconds: "100", size: text(GB) }, undefined],
      [{ timed: "10", requested: "10", seconds: "2999", size: text(GB) }, "medium"],
      [{ timed: "10", requested: "10", seconds: "3000", size: text(GB) }, "low"],
    ],
  ],
  [checksums as never, [[{ failures: "1", seconds: "60" }, "critical"]]],
  [
    sequences as never,
    [
      [{ used: "0.4999" }, undefined],
      [{ used: "0.5" }, "medium"],
      [{ used: "0.75" }, "high"],
      [{ used: "0.9" }, "critical"],
    ],
  ],
  [integerKeys as never, [[{ rows: "1073741824", bound: "2147483647" }, "medium"]]],
  [
    foreignKeyIndexes as never,
    [
      [{ rows: "9999", deleted: "5" }, "info"],
      [{ rows: "10000", deleted: "0" }, "low"],
      [{ rows: "10000", deleted: "1" }, "medium"],
      [{ rows: "1000000", deleted: "0" }, "medium"],
      [{ rows: "1000000", deleted: "1" }, "high"],
    ],
  ],
  [
    unusedIndexes as never,
    [
      [{ bytes: text(GB - 1) }, "low"],
      [{ bytes: text(GB) }, "medium"],
    ],
  ],
  [
    bloatedIndexes as never,
    [
      [{ bytes: text(2 * GB), wasted: text(GB - 1) }, "low"],
      [{ bytes: text(2 * GB), wasted: text(GB) }, "medium"],
    ],
  ],
  [
    invalidIndexes as never,
    [
      [{ kind: "i", building: "true" }, "info"],
      [{ kind: "I", building: "false" }, "medium"],
      [{ kind: "i", building: "false" }, "high"],
    ],
  ],
  [
    primaryKeys as never,
    [
      [{ rows: "9999", published: "false" }, "low"],
      [{ rows: "10000", published: "false" }, "medium"],
      [{ rows: "0", published: "true" }, "high"],
    ],
  ],
  [
    statistics as never,
    [
      [{ never: "true", kind: "r", rows: "1000" }, "medium"],
      [{ never: "true", kind: "p", rows: "0" }, "low"],
      [{ never: "false", rows: "5000", changed: "4999" }, "low"],
      [{ never: "false", rows: "5000", changed: "5000" }, "medium"],
    ],
  ],
  [
    policyIndexes as never,
    [
      [{ rows: "99999" }, "low"],
      [{ rows: "100000" }, "medium"],
    ],
  ],
  [
    memorySettings as never,
    [
      [
        { work: text(4 * MB), connections: "100", cache: text(4 * GB), buffers: text(GB), size: text(100 * GB) },
        undefined,
      ],
      [{ work: text(41 * MB), connections: "100", cache: text(4 * GB), buffers: text(GB), size: "0" }, "low"],
      [{ work: text(164 * MB), connections: "100", cache: text(4 * GB), buffers: text(GB), size: "0" }, "medium"],
      [{ work: text(4 * MB), connections: "100", cache: text(4 * GB), buffers: text(128 * MB), size: text(GB) }, "low"],
      [
        { work: text(4 * MB), connections: "100", cache: text(4 * GB), buffers: text(128 * MB), size: text(GB - 1) },
        undefined,
      ],
    ],
  ],
  [
    plannerSettings as never,
    [
      [{ name: "random_page_cost", setting: "3.9" }, undefined],
      [{ name: "random_page_cost", setting: "4" }, "info"],
      [{ name: "default_statistics_target", setting: "100" }, undefined],
      [{ name: "default_statistics_target", setting: "99" }, "low"],
      [{ name: "enable_seqscan", setting: "on" }, undefined],
      [{ name: "enable_seqscan", setting: "off" }, "medium"],
    ],
  ],
];

for (const [check, cases] of edges)
  describe(`${check.name}`, () => {
    test.each(cases)("%o is %s", async (row, severity) => {
      expect((await judge(check, [row as never]))[0]?.severity).toBe(severity);
    });
  });

test("counters of less than a week are no reason to drop an index", async () => {
  const young = { surroundings: { ...context.surroundings, countedSeconds: 604_799 } };
  expect(await judge(unusedIndexes, [{ bytes: text(2 * GB) }], young)).toMatchObject([{ severity: "info" }]);
});

test("temporary files of a young counter are not taken for a flood", async () => {
  const young = { surroundings: { ...context.surroundings, countedSeconds: 1 } };
  expect(await judge(tempFiles, [{ bytes: text(40 * MB) }], young)).toEqual([]);
});

test("settings are only mended where ALTER SYSTEM has the last word", async () => {
  const fix = async (source: string) =>
    (await judge(plannerSettings, [{ name: "enable_sort", setting: "off", source }]))[0]?.fix;
  expect(await fix("configuration file")).toBe("ALTER SYSTEM SET enable_sort = on; SELECT pg_reload_conf();");
  expect([await fix("command line"), await fix("database"), await fix("user")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
