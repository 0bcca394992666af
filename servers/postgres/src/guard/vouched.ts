const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** System relations that hold credentials, server configuration or raw values of other tables. */
export const deniedRelations = words(`
  pg_authid pg_shadow pg_user_mapping pg_user_mappings pg_subscription pg_hba_file_rules pg_ident_file_mappings
  pg_file_settings pg_largeobject pg_statistic pg_statistic_ext_data user_mapping_options _pg_user_mappings
  pg_backend_memory_contexts pg_stats_ext_exprs pg_config`);

/** System relations that show values of columns: of no use where a column is masked. */
export const revealingRelations = words("pg_stats pg_stats_ext pg_stats_ext_exprs pg_statistic pg_statistic_ext_data");

/** System relations that hold settings and options, which may be secrets, and where they stand in them. */
export const settingRelations: ReadonlyMap<string, "settings" | "roles" | "options"> = new Map([
  ["pg_settings", "settings"],
  ["pg_db_role_setting", "roles"],
  ["pg_roles", "roles"],
  ["pg_user", "roles"],
  ["pg_foreign_server", "options"],
  ["pg_foreign_table", "options"],
  ["pg_foreign_data_wrapper", "options"],
  ["foreign_server_options", "options"],
  ["foreign_table_options", "options"],
  ["foreign_data_wrapper_options", "options"],
  ["_pg_foreign_servers", "options"],
  ["_pg_foreign_tables", "options"],
  ["_pg_foreign_data_wrappers", "options"],
]);

/**
 * Functions that run SQL from a string, name a relation by a string, reach files or other servers, take a transaction id, or
 * leave something in the session.
 * Denied although most of them are declared stable or even immutable.
 */
export const deniedFunctions =
  /^(database_to_xml|schema_to_xml|table_to_xml|query_to_xml|cursor_to_xml|txid_current$|pg_current_xact_id$|ts_stat$|ts_rewrite$|setseed$|dblink|crosstab|connectby$|xpath_table$|lo_|loread$|lowrite$|pg_read_|pg_ls_|pg_stat_file|pg_file_|pg_logdir|pg_hba_|pg_ident_|pg_show_all_file_settings|pg_config$|pg_input_|isn_weak$|fmgr_.*_validator$|plpgsql_validator$|postgresql_fdw_validator$)/;

/** Functions and operators that make values of the type of a row they are given: they run the checks of its domains. */
export const populating = /^(jsonb?_populate_record(set)?(_valid)?|populate_record|#=)$/;

/** Volatile functions of pg_catalog that leave nothing behind. */
export const harmlessVolatile = words(`
  random random_normal clock_timestamp timeofday gen_random_uuid uuidv4 uuidv7 current_query currval lastval
  pg_blocking_pids pg_safe_snapshot_blocking_pids pg_relation_size pg_table_size pg_indexes_size pg_total_relation_size
  pg_database_size pg_tablespace_size pg_is_in_recovery pg_last_wal_receive_lsn pg_last_wal_replay_lsn
  pg_last_xact_replay_timestamp pg_current_wal_lsn pg_current_wal_insert_lsn pg_current_wal_flush_lsn pg_lock_status
  pg_partition_tree pg_partition_ancestors pg_sequence_last_value pg_xact_status txid_status
  pg_notification_queue_usage pg_jit_available pg_is_wal_replay_paused pg_get_wal_replay_pause_state
  pg_control_checkpoint pg_control_system pg_collation_actual_version pg_last_committed_xact pg_xact_commit_timestamp
  pg_sleep pg_sleep_for pg_sleep_until array_sample array_shuffle pg_stat_have_stats pg_control_recovery pg_control_init
  pg_get_multixact_members pg_stat_get_xact_blocks_fetched pg_stat_get_xact_blocks_hit pg_stat_get_xact_function_calls
  pg_stat_get_xact_function_self_time pg_stat_get_xact_function_total_time pg_stat_get_xact_numscans
  pg_stat_get_xact_tuples_deleted pg_stat_get_xact_tuples_fetched pg_stat_get_xact_tuples_hot_updated
  pg_stat_get_xact_tuples_inserted pg_stat_get_xact_tuples_returned pg_stat_get_xact_tuples_updated
  pg_database_collation_actual_version pg_show_replication_origin_status pg_prepared_xact
  pg_xact_commit_timestamp_origin`);

/** Volatile functions that belong to changing rows: they count on. */
export const writingVolatile = words("nextval");

/** Extensions whose objects count as PostgreSQL's own, as long as they are not volatile. */
export const trustedExtensions = words(`
  pg_trgm vector hstore citext ltree unaccent fuzzystrmatch intarray cube earthdistance btree_gin btree_gist pgcrypto
  uuid-ossp postgis postgis_raster postgis_topology pg_stat_statements isn seg bloom timescaledb h3 plpgsql tsm_system_rows
  tsm_system_time`);

/** Those that have functions in other languages than C and SQL. */
export const procedural = words("postgis postgis_raster postgis_topology timescaledb h3 citext");

/** Volatile functions of these extensions leave nothing behind either: random values. */
export const harmlessExtensions = words("pgcrypto uuid-ossp");
