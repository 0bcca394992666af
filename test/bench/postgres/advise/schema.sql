-- An order system in the shape of TPC-H (customers, orders, lines, parts, suppliers), with the skew and correlation that
-- decide between indexes: a rare status, dates in insertion order, one customer with every fiftieth order. Every value comes
-- from hashint8 of its row number, so that two loads give the same rows. There are {scale} orders with four lines each.
CREATE TABLE nation (nation_id int PRIMARY KEY, name text NOT NULL, region text NOT NULL);
INSERT INTO nation SELECT n, 'NATION ' || n, (ARRAY['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'])[n % 5 + 1]
  FROM generate_series(0, 24) n;

CREATE TABLE customer (
  customer_id int PRIMARY KEY, nation_id int NOT NULL REFERENCES nation, email text NOT NULL, name text NOT NULL,
  segment text NOT NULL, balance numeric(12, 2) NOT NULL, notes text NOT NULL);
INSERT INTO customer
  SELECT n, abs(hashint8(n)::bigint) % 25, 'User' || n || '@Example.com', 'Customer ' || n,
    (ARRAY['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'MACHINERY', 'HOUSEHOLD'])[abs(hashint8(n + 1)::bigint) % 5 + 1],
    (abs(hashint8(n + 2)::bigint) % 1100000) / 100.0 - 1000, repeat(md5(n::text), 3)
  FROM generate_series(1, {scale} / 10) n;

CREATE TABLE supplier (supplier_id int PRIMARY KEY, nation_id int NOT NULL, name text NOT NULL, balance numeric(12, 2) NOT NULL);
INSERT INTO supplier
  SELECT n, abs(hashint8(n + 3)::bigint) % 25, 'Supplier ' || n, (abs(hashint8(n + 4)::bigint) % 1100000) / 100.0 - 1000
  FROM generate_series(1, greatest({scale} / 100, 10)) n;

CREATE TABLE part (
  part_id int PRIMARY KEY, name text NOT NULL, brand text NOT NULL, type text NOT NULL, size int NOT NULL, container text NOT NULL,
  price numeric(12, 2) NOT NULL);
INSERT INTO part
  SELECT n, 'part ' || md5(n::text), 'Brand#' || abs(hashint8(n + 5)::bigint) % 25, 'TYPE ' || abs(hashint8(n + 6)::bigint) % 150,
    abs(hashint8(n + 7)::bigint) % 50 + 1, 'BOX ' || abs(hashint8(n + 8)::bigint) % 40, 900 + (n % 20000) / 10.0
  FROM generate_series(1, greatest({scale} / 8, 100)) n;

CREATE TABLE orders (
  order_id bigint PRIMARY KEY, customer_id int NOT NULL, status text NOT NULL, total numeric(12, 2) NOT NULL, ordered date NOT NULL,
  priority text NOT NULL, clerk text NOT NULL, note text NOT NULL);
INSERT INTO orders
  SELECT n, CASE WHEN n % 50 = 0 THEN 1 ELSE abs(hashint8(n + 9)::bigint) % ({scale} / 10) + 1 END,
    CASE WHEN abs(hashint8(n + 10)::bigint) % 100 < 2 THEN 'open' WHEN abs(hashint8(n + 10)::bigint) % 100 < 5 THEN 'held' ELSE 'done' END,
    (abs(hashint8(n + 11)::bigint) % 50000000) / 100.0, date '1992-01-01' + (n * 2400 / {scale})::int,
    (ARRAY['1-URGENT', '2-HIGH', '3-MEDIUM', '4-LOW', '5-NONE'])[abs(hashint8(n + 12)::bigint) % 5 + 1],
    'Clerk#' || abs(hashint8(n + 13)::bigint) % 1000, repeat(md5(n::text), 2)
  FROM generate_series(1, {scale}) n;

CREATE TABLE lineitem (
  order_id bigint NOT NULL, line int NOT NULL, part_id int NOT NULL, supplier_id int NOT NULL, quantity int NOT NULL,
  price numeric(12, 2) NOT NULL, discount numeric(4, 2) NOT NULL, returned text NOT NULL, shipped date NOT NULL, received date NOT NULL,
  mode text NOT NULL, note text NOT NULL, PRIMARY KEY (order_id, line));
INSERT INTO lineitem
  SELECT o, l, abs(hashint8(o * 8 + l)::bigint) % greatest({scale} / 8, 100) + 1,
    abs(hashint8(o * 8 + l + 1)::bigint) % greatest({scale} / 100, 10) + 1, abs(hashint8(o * 8 + l + 2)::bigint) % 50 + 1,
    (abs(hashint8(o * 8 + l + 3)::bigint) % 10000000) / 100.0, (abs(hashint8(o * 8 + l + 4)::bigint) % 11) / 100.0,
    CASE WHEN abs(hashint8(o * 8 + l + 5)::bigint) % 20 = 0 THEN 'R' ELSE 'N' END,
    date '1992-01-01' + (o * 2400 / {scale})::int + (abs(hashint8(o * 8 + l + 6)::bigint) % 120)::int,
    date '1992-01-01' + (o * 2400 / {scale})::int + (abs(hashint8(o * 8 + l + 6)::bigint) % 120)::int + (abs(hashint8(o * 8 + l + 7)::bigint) % 30)::int,
    (ARRAY['AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB', 'REG'])[abs(hashint8(o * 8 + l + 8)::bigint) % 7 + 1], md5(o::text || l)
  FROM generate_series(1, {scale}) o, generate_series(1, 4) l;
