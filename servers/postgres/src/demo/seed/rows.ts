/**
 * The rows: the year 2025, the same at every boot. Nothing is random: `pick` spreads a row's number by PostgreSQL's own
 * hash, so that counts and sums can be tested.
 */
export const rows = /* sql */ `
CREATE FUNCTION pg_temp.pick(n bigint, salt bigint, size bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS
  'SELECT (hashint8extended(n, salt) & 9007199254740991) % size';
CREATE FUNCTION pg_temp.one_of(words text[], n bigint, salt bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
  'SELECT words[1 + pg_temp.pick(n, salt, cardinality(words))]';

INSERT INTO shop.categories (parent_id, name) VALUES
  (NULL, 'Deck'), (NULL, 'Rigging'), (NULL, 'Navigation'), (NULL, 'Safety'), (NULL, 'Galley'), (NULL, 'Engine'),
  (1, 'Anchors'), (1, 'Fenders'), (1, 'Mooring lines'), (1, 'Cleats'),
  (2, 'Blocks'), (2, 'Shackles'), (2, 'Sailcloth'), (2, 'Furlers'),
  (3, 'Charts'), (3, 'Sextants'), (3, 'Lanterns'),
  (4, 'Life jackets'), (4, 'Flares'), (4, 'Tethers'),
  (5, 'Stoves'), (5, 'Provisions'),
  (6, 'Filters'), (6, 'Pumps');

INSERT INTO shop.customers (name, email, country, tier, preferences, created_at)
SELECT
  first || ' ' || last,
  lower(first || '.' || last) || n || '@' || pg_temp.one_of('{example.com,example.org,example.net}', n, 3),
  pg_temp.one_of('{DE,NL,DK,SE,NO,GB,FR,PT,ES,IT,GR,EE}', n, 4),
  (CASE WHEN pg_temp.pick(n, 5, 100) < 4 THEN 'gold' WHEN pg_temp.pick(n, 5, 100) < 18 THEN 'silver' ELSE 'standard' END)::shop.customer_tier,
  jsonb_build_object('newsletter', pg_temp.pick(n, 6, 3) = 0, 'language', pg_temp.one_of('{de,nl,en,fr,es}', n, 7)),
  timestamptz '2023-01-01 00:00+00' + pg_temp.pick(n, 8, 1051200) * interval '1 minute'
FROM generate_series(1, 4000) AS n,
  LATERAL (SELECT
    pg_temp.one_of('{Anna,Bram,Carla,David,Elin,Femke,Georg,Hanna,Ines,Jonas,Karin,Lars,Marta,Nils,Olga,Pieter,Rosa,Sven,Tilda,Willem}', n, 1) AS first,
    pg_temp.one_of('{Adler,Brandt,Carlsen,Dijkstra,Eriksen,Fischer,Groot,Hansen,Ivars,Jansen,Koch,Lindqvist,Moreau,Nygaard,Ortega,Pereira,Rossi,Schmidt,Thorne,Visser}', n, 2) AS last
  ) AS names;

INSERT INTO shop.products (sku, name, category_id, price, weight_g, stock, tags, attributes, discontinued_on, updated_at)
SELECT
  'MC-' || lpad(n::text, 5, '0'),
  pg_temp.one_of('{Galvanised,Stainless,Brass,Folding,Heavy,Light,Classic,Braided,Teak,Offshore,Harbour,Compact}', n, 11) || ' '
    || lower(rtrim(c.name, 's')) || ' No. ' || n,
  c.id,
  round((3 + pg_temp.pick(n, 12, 400)::numeric * (1 + pg_temp.pick(n, 13, 5)) / 7), 2),
  CASE WHEN pg_temp.pick(n, 14, 40) = 0 THEN 0 ELSE 20 + pg_temp.pick(n, 14, 12000) END,
  pg_temp.pick(n, 15, 300),
  ARRAY[pg_temp.one_of('{new,sale,classic,bulk}', n, 16), pg_temp.one_of('{steel,brass,rope,cloth,wood}', n, 17)],
  jsonb_build_object('colour', pg_temp.one_of('{white,navy,red,black}', n, 18), 'warranty_years', 1 + pg_temp.pick(n, 19, 5)),
  CASE WHEN pg_temp.pick(n, 20, 25) = 0 THEN date '2025-01-01' + pg_temp.pick(n, 21, 365)::int END,
  timestamptz '2025-01-01 08:00+00'
FROM generate_series(1, 480) AS n
JOIN shop.categories c ON c.id = 7 + pg_temp.pick(n, 10, 18);

INSERT INTO shop.promotions (name, valid, discount, lead_time) VALUES
  ('Spring launch', '[2025-03-15,2025-04-15)', 0.1, '3 days'),
  ('Midsummer', '[2025-06-18,2025-06-25)', 0.15, '1 day 12:00'),
  ('End of season', '[2025-09-15,2025-10-15)', 0.25, '1 week'),
  ('Advent', '[2025-11-30,2025-12-25)', 0.075, '1 mon');

-- First, since an order holds the sum of its items.
CREATE TEMPORARY TABLE items ON COMMIT DROP AS
SELECT o.n AS order_id, p.id AS product_id, (1 + pg_temp.pick(o.n * 10 + k, 41, 6))::integer AS quantity, p.price AS unit_price
FROM (SELECT n, pg_temp.pick(n, 42, 480) AS first, pg_temp.pick(n, 43, 4) AS last FROM generate_series(1, 24000) AS n OFFSET 0) AS o
CROSS JOIN LATERAL generate_series(0, last) AS k
JOIN shop.products p ON p.id = 1 + (first + k * 113) % 480;

INSERT INTO shop.orders (customer_id, status, placed_at, shipped_at, total, ship_to, note)
SELECT
  -- A few customers order often.
  1 + CASE WHEN pg_temp.pick(n, 30, 5) = 0 THEN pg_temp.pick(n, 31, 60) ELSE pg_temp.pick(n, 31, 4000) END,
  (CASE WHEN age < 3 THEN 'pending' WHEN roll < 4 THEN 'cancelled' WHEN roll < 6 THEN 'refunded' WHEN age < 6 THEN 'paid'
    WHEN age < 14 THEN 'shipped' ELSE 'delivered' END)::shop.order_status,
  placed_at,
  CASE WHEN roll >= 4 AND age >= 6 THEN placed_at + (1 + pg_temp.pick(n, 33, 96)) * interval '1 hour' END,
  total,
  jsonb_build_object('harbour', pg_temp.one_of('{Hamburg,Rotterdam,Aarhus,Göteborg,Bergen,Plymouth,Brest,Lisboa,Cádiz,Genova,Pireas,Tallinn}', n, 34),
    'berth', pg_temp.pick(n, 35, 220)),
  CASE WHEN pg_temp.pick(n, 36, 12) = 0 THEN pg_temp.one_of('{Leave with the harbour master.,Call before noon.,Ship leaves on Friday.,No pallets please.}', n, 37) END
FROM (
  -- More orders towards the end of the year.
  SELECT n, placed_at, total, pg_temp.pick(n, 32, 100) AS roll,
    extract(day FROM timestamptz '2026-01-01 00:00+00' - placed_at) AS age
  FROM (SELECT order_id AS n, sum(quantity * unit_price) AS total,
      timestamptz '2025-01-01 00:00+00' + floor(sqrt(order_id / 24001.0) * 31536000) * interval '1 second' AS placed_at
    FROM items GROUP BY order_id ORDER BY order_id OFFSET 0) AS summed
  OFFSET 0
) AS o;

INSERT INTO shop.order_items SELECT * FROM items;

INSERT INTO shop.reviews (product_id, customer_id, rating, body, written_at)
SELECT
  1 + pg_temp.pick(n, 50, 480),
  1 + pg_temp.pick(n, 51, 4000),
  rating,
  CASE WHEN rating >= 4 THEN pg_temp.one_of('{Held through a north-westerly gale without a scratch.,Exactly what the crew had asked for.,Solid work; we bought a second one for the dinghy.,Fits the old cleats and looks right on a wooden deck.,Arrived before we sailed.}', n, 53)
    WHEN rating = 3 THEN pg_temp.one_of('{Does its job; the finish could be better.,Good enough for the harbour.,Heavier than the catalogue says.}', n, 54)
    ELSE pg_temp.one_of('{Rusted within a month of salt water.,The thread was stripped on arrival.,Wrong size in the box; the return took three weeks.,Broke in the first squall.}', n, 55) END
    || ' ' || pg_temp.one_of('{Would order again.,Packed well.,The price is fair.,Ask for the longer version.,Used on a 30-foot sloop.,Berthed in Brest all winter.}', n, 56),
  timestamptz '2025-01-05 00:00+00' + pg_temp.pick(n, 57, 518400) * interval '1 minute'
FROM generate_series(1, 5000) AS n,
  LATERAL (SELECT 5 - (pg_temp.pick(n, 52, 10) / 2 * pg_temp.pick(n, 58, 10) / 9)::int AS rating) AS r;

INSERT INTO shop.carts (id, customer_id, contents, touched_at)
SELECT md5('cart ' || n)::uuid, 1 + pg_temp.pick(n, 60, 4000),
  jsonb_build_array(jsonb_build_object('product_id', 1 + pg_temp.pick(n, 61, 480), 'quantity', 1 + pg_temp.pick(n, 62, 4))),
  timestamptz '2025-12-01 00:00+00' + n * interval '7 minutes'
FROM generate_series(1, 6000) AS n;

INSERT INTO analytics.events (id, occurred_at, customer_id, kind, payload)
SELECT
  9007199254740993 + n * 4096,
  timestamptz '2025-07-01 00:00+00' + n * interval '529 seconds',
  CASE WHEN pg_temp.pick(n, 70, 3) > 0 THEN 1 + pg_temp.pick(n, 71, 4000) END,
  kind,
  CASE kind WHEN 'search' THEN jsonb_build_object('text', pg_temp.one_of('{anchor,rope,compass,flare,lantern,pump}', n, 73))
    WHEN 'view' THEN jsonb_build_object('product_id', 1 + pg_temp.pick(n, 74, 480), 'ms', 20 + pg_temp.pick(n, 75, 900))
    ELSE jsonb_build_object('cart', md5('cart ' || 1 + pg_temp.pick(n, 76, 6000))) END
FROM generate_series(1, 30000) AS n,
  LATERAL (SELECT pg_temp.one_of('{view,view,view,view,view,search,search,cart,checkout}', n, 72) AS kind) AS k;

-- As VACUUM would, which cannot run in a transaction: a planner leaves a GIN index alone whose rows all wait in its list.
SELECT gin_clean_pending_list('shop.reviews_search_idx'), gin_clean_pending_list('shop.products_tags_idx');

REFRESH MATERIALIZED VIEW analytics.daily_sales;
`;
