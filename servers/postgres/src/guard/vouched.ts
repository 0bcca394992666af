const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** System relations that hold credentials, server configuration or raw values of other tables. */
export const deniedRelations = words(`
  pg_authid pg_shadow pg_user_mapping pg_user_mappings pg_subscription pg_hba_file_rules pg_ident_file_mappings
  pg_file_settings pg_largeobject pg_statistic pg_statistic_ext_data user_mapping_options _pg_user_mappings
  pg_backend_memory_contexts pg_stats_ext_exprs`);

/**
 * Functions that run SQL from a string, name a relation by a string, reach files or other servers, or take a transaction id.
 * Denied although PostgreSQL declares most of them stable.
 */
export const deniedFunctions =
  /^(database_to_xml|schema_to_xml|table_to_xml|query_to_xml|cursor_to_xml|txid_current$|pg_current_xact_id$|ts_stat$|ts_rewrite$|setseed$|dblink|crosstab|connectby$|xpath_table$|lo_|loread$|lowrite$|pg_read_|pg_ls_|pg_stat_file|pg_file_|pg_logdir|pg_hba_|pg_ident_|pg_show_all_file_settings|pg_config$)/;

/** Volatile functions of pg_catalog that leave nothing behind. */
export const harmlessVolatile = words(`
  random random_normal clock_timestamp timeofday gen_random_uuid uuidv4 uuidv7 current_query currval lastval
  pg_blocking_pids pg_safe_snapshot_blocking_pids pg_relation_size pg_table_size pg_indexes_size pg_total_relation_size
  pg_database_size pg_tablespace_size pg_is_in_recovery pg_last_wal_receive_lsn pg_last_wal_replay_lsn
  pg_last_xact_replay_timestamp pg_current_wal_lsn pg_current_wal_insert_lsn pg_current_wal_flush_lsn pg_lock_status
  pg_partition_tree pg_partition_ancestors pg_sequence_last_value pg_xact_status txid_status
  pg_notification_queue_usage pg_jit_available pg_is_wal_replay_paused pg_get_wal_replay_pause_state
  pg_control_checkpoint pg_control_system pg_collation_actual_version pg_last_committed_xact pg_xact_commit_timestamp
  pg_sleep pg_sleep_for pg_sleep_until`);

/** Volatile functions that belong to changing rows: they count on. */
export const writingVolatile = words("nextval");

/** Extensions whose objects count as PostgreSQL's own, as long as they are not volatile. */
export const trustedExtensions = words(`
  pg_trgm vector hstore citext ltree unaccent fuzzystrmatch intarray cube earthdistance btree_gin btree_gist pgcrypto
  uuid-ossp postgis postgis_raster postgis_topology pg_stat_statements isn seg bloom timescaledb h3 plpgsql`);

/** Volatile functions of these extensions leave nothing behind either: random values. */
export const harmlessExtensions = words("pgcrypto uuid-ossp");
