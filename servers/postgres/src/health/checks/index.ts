import type { Check } from "../check.ts";
import { archiving } from "./archiving.ts";
import { autovacuumSettings } from "./autovacuum-settings.ts";
import { autovacuum } from "./autovacuum.ts";
import { bloatedIndexes } from "./bloated-indexes.ts";
import { cacheHits } from "./cache-hits.ts";
import { checkpoints } from "./checkpoints.ts";
import { checksums } from "./checksums.ts";
import { connectionCount } from "./connection-count.ts";
import { definerFunctions } from "./definer-functions.ts";
import { duplicateIndexes } from "./duplicate-indexes.ts";
import { durabilitySettings } from "./durability-settings.ts";
import { extensionUpdates } from "./extension-updates.ts";
import { foreignKeyIndexes } from "./foreign-key-indexes.ts";
import { idleTransactions } from "./idle-transactions.ts";
import { integerKeys } from "./integer-keys.ts";
import { invalidConstraints } from "./invalid-constraints.ts";
import { invalidIndexes } from "./invalid-indexes.ts";
import { locks } from "./locks.ts";
import { loginPrivileges } from "./login-privileges.ts";
import { longQueries } from "./long-queries.ts";
import { memorySettings } from "./memory-settings.ts";
import { migrationHistory } from "./migration-history.ts";
import { multixacts } from "./multixacts.ts";
import { pendingSettings } from "./pending-settings.ts";
import { plannerSettings } from "./planner-settings.ts";
import { policyIndexes } from "./policy-indexes.ts";
import { primaryKeys } from "./primary-keys.ts";
import { replicationLag } from "./replication-lag.ts";
import { replicationSlots } from "./replication-slots.ts";
import { rowSecurity } from "./row-security.ts";
import { sequences } from "./sequences.ts";
import { serverVersion } from "./server-version.ts";
import { statistics } from "./statistics.ts";
import { tempFiles } from "./temp-files.ts";
import { topQueries } from "./top-queries.ts";
import { transactionIds } from "./transaction-ids.ts";
import { unusedIndexes } from "./unused-indexes.ts";
import { vacuumBlockers } from "./vacuum-blockers.ts";
import { walRetained } from "./wal-retained.ts";

/** Every check, by urgency: the order of findings that are equally severe. */
export const checks: readonly Check[] = [
  locks,
  idleTransactions,
  longQueries,
  connectionCount,
  checksums,
  durabilitySettings,
  transactionIds,
  multixacts,
  vacuumBlockers,
  autovacuumSettings,
  autovacuum,
  replicationSlots,
  replicationLag,
  walRetained,
  archiving,
  sequences,
  integerKeys,
  rowSecurity,
  definerFunctions,
  policyIndexes,
  loginPrivileges,
  extensionUpdates,
  migrationHistory,
  invalidIndexes,
  duplicateIndexes,
  foreignKeyIndexes,
  unusedIndexes,
  bloatedIndexes,
  primaryKeys,
  invalidConstraints,
  statistics,
  cacheHits,
  tempFiles,
  checkpoints,
  serverVersion,
  memorySettings,
  plannerSettings,
  pendingSettings,
  topQueries,
];
