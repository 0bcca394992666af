-- More to attack with, for own-attacks.json; runs after setup.sql, with the same placeholders.
-- Every way in which PostgreSQL runs code that no call in the text shows, each with the effect of setup.sql's functions.
do $$
declare e text;
begin
  foreach e in array array['file_fdw','hstore','citext','tsm_system_rows','isn'] loop
    begin
      execute format('create extension %I', e);
    exception when others then
      raise notice 'extension % skipped: %', e, sqlerrm;
    end;
  end loop;
end $$;

-- calls with any type of argument
create function evil_any(anyelement) returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
create function evil_text(text) returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
create function evil_record(record) returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
create function evil_default(a int default 1) returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
create function evil_variadic(variadic a int[]) returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
create function evil_named(a int, b int) returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
create function eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee() returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
-- names that became keywords in 16 and 17
create function json_value(text, text) returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
create function json_scalar(int) returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
create function json_object(int) returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
create function json(int) returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
create function json_array(variadic int[]) returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
create function json_state(int, int) returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
create aggregate json_arrayagg(int) (sfunc = json_state, stype = int, initcond = '0');
create view v_keyword as select public.json_value('a', 'b') as x;
create function fake_immutable(int) returns int language plpgsql immutable as
  $$ begin return public.touch_dblink(); end $$;

-- types that run code
create domain public.upper as text check (public.touch_dblink() = 1);
create domain evil_dom2 as evil_dom;
create type evil_comp as (d evil_dom);
create table has_dom (id int, d evil_dom);
insert into has_dom values (1, 1);
create domain dom_operator as int check (value === 1);
create domain dom_builtin as int check (nextval('public.s1') > 0);
create type mood as enum ('sad', 'ok', 'happy');
create function evil_lt(mood, mood) returns bool language plpgsql immutable as
  $$ begin perform public.touch_dblink(); return enum_lt($1, $2); end $$;
create function evil_mood_cmp(mood, mood) returns int language plpgsql immutable as
  $$ begin perform public.touch_dblink(); return enum_cmp($1, $2); end $$;
create function evil_eq(mood, mood) returns bool language plpgsql immutable as
  $$ begin perform public.touch_dblink(); return enum_eq($1, $2); end $$;
create operator <<< (leftarg = mood, rightarg = mood, function = evil_lt);
create operator ==== (leftarg = mood, rightarg = mood, function = evil_eq);
create operator class evil_mood_ops default for type mood using btree as
  operator 1 <<<, operator 3 ====, function 1 evil_mood_cmp(mood, mood);
create table moods (id int, m mood);
insert into moods values (1, 'sad'), (2, 'ok'), (3, 'happy');
create function evil_json(mood) returns json language plpgsql as
  $$ begin perform public.touch_dblink(); return '{}'; end $$;
create cast (mood as json) with function evil_json(mood);
create type tone as enum ('low', 'high');
create table tones (id int, t tone);
insert into tones values (1, 'low');
create function evil_json(tone) returns json language plpgsql as
  $$ begin perform public.touch_dblink(); return '{}'; end $$;
create cast (tone as json) with function evil_json(tone);
create table has_evil_t (id int, e evil_t);
insert into has_evil_t select 1, row(1)::evil_t;
create function evil_t_text(evil_t) returns text language plpgsql as
  $$ begin perform public.touch_dblink(); return 'x'; end $$;
create cast (evil_t as text) with function evil_t_text(evil_t) as implicit;
create cast (text as bytea) with function pg_read_binary_file(text);

-- operators
create operator @@> (rightarg = text, function = pg_read_file);
create function evil.plus(int, int) returns int language plpgsql as
  $$ begin return public.touch_dblink(); end $$;
create operator evil.+ (leftarg = int, rightarg = int, function = evil.plus);

-- indexes and partitions
create function evil_int_cmp(int, int) returns int language plpgsql immutable as
  $$ begin perform public.touch_dblink(); return btint4cmp($1, $2); end $$;
create operator class evil_int_ops for type int4 using btree as
  operator 1 <, operator 2 <=, operator 3 =, operator 4 >=, operator 5 >, function 1 evil_int_cmp(int, int);
create type evil_range as range (subtype = int, subtype_opclass = evil_int_ops);
create table by_evil_class (a int);
create index on by_evil_class using btree (a evil_int_ops);
insert into by_evil_class values (1), (5);
create table parted (a int) partition by range (a evil_int_ops);
create table parted_1 partition of parted for values from (0) to (10);
create table parted_2 partition of parted for values from (10) to (20);
create table planned (a int);
create index on planned (a) where fake_immutable(1) = 1;
create table estimated (a int, b int);
insert into estimated select i, i from generate_series(1, 10) i;
create statistics estimated_s on a, (fake_immutable(1) + b) from estimated;

-- what pretends to be PostgreSQL's own
create function pg_catalog.helper() returns int language plpgsql stable as
  $$ begin return public.touch_dblink(); end $$;
create function pg_catalog.initcap(int) returns text language plpgsql stable as
  $$ begin perform public.touch_dblink(); return 'x'; end $$;
create function pg_catalog.helper_in_sql() returns int language sql stable as 'select public.touch_dblink()';
create view information_schema.tables_too as select public.touch_dblink() as x;
create function evil_member() returns int language plpgsql stable as
  $$ begin return public.touch_dblink(); end $$;
alter extension pg_trgm add function evil_member();

-- views
create view v_dom as select 1::evil_dom as x;
create view v_nested_1 as select * from v_evil;
create view v_nested_2 as select count(*) from v_nested_1;
create view v_passwords as select rolname, rolpassword from pg_authid;
create view v_shadow as select passwd from (select * from pg_shadow) s;
create view v_file as select pg_read_file('/etc/passwd') as content;
create view v_lock as select pg_try_advisory_lock(99) as locked;
create view v_attribute as select f.pg_read_file as content from unnest(array['/etc/passwd']) f;
create view "V Quoted" as select touch_dblink() as x;

-- other servers, programs
create foreign table ft_evil (x int) server loop options (table_name 'v_evil');
create server files foreign data wrapper file_fdw;
create foreign table ft_program (line text) server files options (program 'echo here > pwn_program; echo ran');
create view v_foreign as select * from ft_evil;
create table parent (x int);
create foreign table ft_child () inherits (parent) server loop options (table_name 'v_evil');
create foreign data wrapper plain;
create server with_key foreign data wrapper plain options (api_key 'sk-server-5f1');

-- policies
create table guarded (id int);
insert into guarded values (1);
alter table guarded enable row level security;
create policy p on guarded using (secdef_dblink() = 1);
create table guarded_builtin (id int);
insert into guarded_builtin values (1);
alter table guarded_builtin enable row level security;
create policy p on guarded_builtin using (pg_advisory_lock(id) is not null);

-- secrets in settings
alter role all set app.api_key = 'sk-live-77a';

grant select on all tables in schema public to app;
revoke all on v_passwords, v_shadow, v_file from app;
analyze accounts, moods;
