import type pg from "pg";

// Reading these by themselves has the effect that is looked for, so only their files are.
const LOUD = /^(planned|estimated|parted.*|by_evil_class)$/;

/** Queries whose answers a statement that only reads never changes. Each is an aggregate over everything of its kind. */
const parts: Readonly<Record<string, string>> = {
  sequences:
    "select array_agg(array[s.seqrelid::text, q.last_value::text] order by 1) from pg_sequence s join pg_sequences q on format('%I.%I', q.schemaname, q.sequencename)::regclass = s.seqrelid",
  largeObjects: "select md5(string_agg(l::text, '' order by loid, pageno)) from pg_largeobject l",
  largeObjectOwners: "select md5(string_agg(l::text, '' order by oid)) from pg_largeobject_metadata l",
  roles: "select md5(string_agg(r::text, '' order by oid)) from pg_authid r",
  memberships: "select md5(string_agg(r::text, '' order by roleid, member)) from pg_auth_members r",
  roleSettings: "select md5(string_agg(r::text, '' order by setdatabase, setrole)) from pg_db_role_setting r",
  settings:
    "select md5(string_agg(name || coalesce(reset_val, '') || coalesce(pending_restart::text, ''), '' order by name)) from pg_settings",
  configuration: "select md5(string_agg(s::text, '' order by seqno)) from pg_file_settings s",
  databases:
    "select md5(string_agg(datname || datdba || coalesce(datacl::text, ''), '' order by datname)) from pg_database",
  prepared: "select count(*) from pg_prepared_xacts",
  slots: "select count(*) from pg_replication_slots",
  origins: "select count(*) from pg_replication_origin",
  advisoryLocks: "select count(*) from pg_locks where locktype = 'advisory'",
  temporary: "select count(*) from pg_class where relpersistence = 't'",
  statistics:
    "select array[(select stats_reset from pg_stat_database where datname = current_database()), (select stats_reset from pg_stat_bgwriter), (select stats_reset from pg_stat_wal), (select stats_reset from pg_stat_archiver), (select min(stats_reset) from pg_stat_slru), (select stats_reset from pg_stat_statements_info)]::text",
  victim: "select count(*) from pg_stat_activity where application_name = 'victim'",
  files: `with recursive f(path, is_dir, size) as (
            select '.'::text, true, 0::bigint
            union all
            select x.path, s.isdir, s.size from f
             cross join lateral (select case f.path when '.' then d else f.path || '/' || d end from pg_ls_dir(f.path, true, false) d) x(path)
             cross join lateral pg_stat_file(x.path, true) s
             where f.is_dir and x.path !~ '^(pg_wal|pg_stat_tmp|pg_stat|pg_subtrans|pg_xact|pg_multixact|pg_notify|pg_logical|pg_serial|pg_dynshmem|log)(/|$)')
          select md5(string_agg(path || ' ' || size, ',' order by path)) from f
           where not is_dir and path !~ '(_fsm|_vm|pg_internal.init(\\.[0-9]+)?|postmaster.pid|postmaster.opts|pg_control|pg_filenode.map)$'`,
  contents:
    "select md5(string_agg(pg_read_file(f), '' order by f)) from unnest(array['PG_VERSION', 'postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf', 'pg_ident.conf']) f",
};

const catalogs = [
  "pg_namespace",
  "pg_proc",
  "pg_type",
  "pg_attribute",
  "pg_operator",
  "pg_opclass",
  "pg_cast",
  "pg_rewrite",
  "pg_trigger",
  "pg_policy",
  "pg_constraint",
  "pg_index",
  "pg_description",
  "pg_shdescription",
  "pg_extension",
  "pg_foreign_server",
  "pg_foreign_table",
  "pg_user_mapping",
  "pg_collation",
  "pg_event_trigger",
  "pg_publication",
  "pg_subscription",
  "pg_statistic_ext",
  "pg_statistic",
  "pg_default_acl",
  "pg_seclabel",
  "pg_tablespace",
  "pg_class",
  "pg_depend",
  "pg_shdepend",
  "pg_enum",
  "pg_range",
  "pg_inherits",
  "pg_partitioned_table",
  "pg_attrdef",
  "pg_init_privs",
];

/** What stands in a cluster, as a superuser sees it, by kind. */
export async function snapshot(client: pg.Client): Promise<Record<string, string>> {
  const one = async (sql: string) => JSON.stringify((await client.query({ text: sql, rowMode: "array" })).rows);
  const found: Record<string, string> = {};
  const { rows } = await client.query<{ id: string; name: string }>(
    "select oid::regclass::text as id, relname as name from pg_class where relkind in ('r', 'm') and relnamespace in ('public'::regnamespace, 'evil'::regnamespace) order by 1",
  );
  // Row versions as well: a lock on a row and a change that was taken back leave their mark there.
  for (const { id, name } of rows)
    if (!LOUD.test(name))
      found[`table ${id}`] = await one(
        `select md5(string_agg(concat_ws(' ', ctid, xmin, xmax, t::text), ',' order by ctid)) from only ${id} t`,
      );
  for (const catalog of catalogs)
    found[catalog] = await one(
      `select count(*), md5(string_agg(concat_ws(' ', ctid, xmin, xmax), ',' order by ctid)) from ${catalog}`,
    );
  for (const [name, sql] of Object.entries(parts)) found[name] = await one(sql);
  return found;
}
