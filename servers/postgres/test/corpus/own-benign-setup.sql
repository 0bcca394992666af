-- What applications have: types, domains, views, indexes, policies of their own. Runs after benign-setup.sql.
create extension if not exists hstore;
create extension if not exists citext;
create extension if not exists pgcrypto;
create schema sales;
create domain email as text check (value ~ '^[^@]+@[^@]+$');
create type order_state as enum ('open', 'paid', 'void');
create type address as (street text, city text);
create type price_range as range (subtype = numeric);
create table sales.customers (
  id bigint generated always as identity primary key,
  email email not null, nick citext, home address, tags text[], attributes hstore, state order_state default 'open',
  price price_range, upper_nick text generated always as (upper(nick::text)) stored
);
insert into sales.customers (email, nick, home, tags, attributes, price)
  select 'c' || i || '@x.io', 'Nick' || i, row('Street ' || i, 'City')::address, array['a', 'b'], hstore('k', i::text),
         price_range(i, i + 10) from generate_series(1, 50) i;
create index on sales.customers (lower(email::text));
create index on sales.customers (state) where state <> 'void';
create view sales.open_customers as
  select c.*, (c.home).city as city from sales.customers c where c.state = 'open' with check option;
create materialized view sales.per_state as select state, count(*) as customers from sales.customers group by state;
create function sales.label(c sales.customers) returns text language sql stable as $$ select c.nick::text $$;
create function sales.slug(text) returns text language sql immutable as $$ select lower($1) $$;
create index on sales.customers (sales.slug(email::text));
create table sales.events (at timestamptz not null, kind text, body jsonb) partition by range (at);
create table sales.events_2024 partition of sales.events for values from ('2024-01-01') to ('2025-01-01');
create table sales.events_rest partition of sales.events default;
insert into sales.events select '2024-06-01'::timestamptz + i * interval '1 day', 'k' || i % 3, jsonb_build_object('n', i)
  from generate_series(1, 300) i;
create table sales.tenants (id int, name text, owner name default current_user);
alter table sales.tenants enable row level security;
create policy own on sales.tenants using (owner = current_user or current_setting('app.tenant', true) = id::text);
insert into sales.tenants values (1, 'one'), (2, 'two');
