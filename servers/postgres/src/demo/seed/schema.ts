/** Who owns the database and logs in: no superuser. */
export const OWNER = "shopkeeper";

/** Makes the owner, who makes the rest. */
export const owner = /* sql */ `
CREATE ROLE ${OWNER} LOGIN;
GRANT pg_monitor TO ${OWNER};
ALTER DATABASE postgres OWNER TO ${OWNER};
`;

/** A chandlery: what ships buy before they leave. Tables, comments, and the indexes that it should have. */
export const schema = /* sql */ `
CREATE SCHEMA shop;
CREATE SCHEMA analytics;
CREATE SCHEMA audit;
COMMENT ON SCHEMA shop IS 'What the chandlery sells, to whom, and what became of it.';
COMMENT ON SCHEMA analytics IS 'What visitors did in the online shop.';
COMMENT ON SCHEMA audit IS 'Who changed what.';

CREATE TYPE shop.order_status AS ENUM ('pending', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded');
CREATE TYPE shop.customer_tier AS ENUM ('standard', 'silver', 'gold');
CREATE DOMAIN shop.country_code AS text CHECK (VALUE ~ '^[A-Z]{2}$');

CREATE TABLE shop.customers (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  country shop.country_code NOT NULL,
  tier shop.customer_tier NOT NULL DEFAULT 'standard',
  preferences jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE shop.customers IS 'People and ships'' agents who may order.';
COMMENT ON COLUMN shop.customers.tier IS 'Set by hand once a year, from what was bought.';

CREATE TABLE shop.categories (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  parent_id integer REFERENCES shop.categories,
  name text NOT NULL UNIQUE
);
CREATE INDEX categories_parent_id_idx ON shop.categories (parent_id);

CREATE TABLE shop.products (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku text NOT NULL UNIQUE,
  name text NOT NULL,
  category_id integer NOT NULL REFERENCES shop.categories,
  price numeric(10, 2) NOT NULL CHECK (price >= 0),
  weight_g integer,
  stock integer NOT NULL DEFAULT 0,
  tags text[] NOT NULL DEFAULT '{}',
  attributes jsonb NOT NULL DEFAULT '{}',
  discontinued_on date,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX products_category_id_idx ON shop.products (category_id);
CREATE INDEX products_tags_idx ON shop.products USING gin (tags);
COMMENT ON TABLE shop.products IS 'The catalogue. Discontinued products stay, since orders name them.';
COMMENT ON COLUMN shop.products.price IS 'In euros, with VAT.';

CREATE TABLE shop.promotions (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  valid daterange NOT NULL,
  discount numeric(4, 3) NOT NULL CHECK (discount BETWEEN 0 AND 1),
  lead_time interval NOT NULL,
  EXCLUDE USING gist (valid WITH &&)
);
COMMENT ON TABLE shop.promotions IS 'Never two at a time.';

CREATE TABLE shop.orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES shop.customers,
  status shop.order_status NOT NULL DEFAULT 'pending',
  placed_at timestamptz NOT NULL DEFAULT now(),
  shipped_at timestamptz,
  total numeric(12, 2) NOT NULL DEFAULT 0,
  ship_to jsonb NOT NULL,
  note text,
  CHECK (shipped_at >= placed_at)
);
CREATE INDEX orders_placed_at_idx ON shop.orders (placed_at);
COMMENT ON TABLE shop.orders IS 'One for each checkout.';
COMMENT ON COLUMN shop.orders.total IS 'Sum of its items in euros; kept here since prices change.';

CREATE TABLE shop.order_items (
  order_id bigint NOT NULL REFERENCES shop.orders ON DELETE CASCADE,
  product_id bigint NOT NULL REFERENCES shop.products,
  quantity integer NOT NULL CHECK (quantity > 0),
  unit_price numeric(10, 2) NOT NULL,
  PRIMARY KEY (order_id, product_id)
);
CREATE INDEX order_items_product_id_idx ON shop.order_items (product_id);

CREATE TABLE shop.reviews (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id bigint NOT NULL REFERENCES shop.products,
  customer_id bigint NOT NULL REFERENCES shop.customers,
  rating smallint NOT NULL CHECK (rating BETWEEN 1 AND 5),
  body text NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now(),
  search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED
);
CREATE INDEX reviews_product_id_idx ON shop.reviews (product_id);
CREATE INDEX reviews_search_idx ON shop.reviews USING gin (search);
COMMENT ON COLUMN shop.reviews.search IS 'For full text: search @@ websearch_to_tsquery(''english'', …).';

CREATE TABLE shop.carts (
  id uuid PRIMARY KEY,
  customer_id bigint REFERENCES shop.customers ON DELETE CASCADE,
  contents jsonb NOT NULL DEFAULT '[]',
  touched_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX carts_customer_id_idx ON shop.carts (customer_id);

CREATE TABLE analytics.events (
  id bigint NOT NULL,
  occurred_at timestamptz NOT NULL,
  customer_id bigint,
  kind text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (occurred_at, id)
) PARTITION BY RANGE (occurred_at);
COMMENT ON TABLE analytics.events IS 'One partition for each month.';
COMMENT ON COLUMN analytics.events.id IS 'Of the collector: 64 bits, beyond what JavaScript''s numbers hold.';

CREATE TABLE analytics.events_2025_07 PARTITION OF analytics.events FOR VALUES FROM ('2025-07-01') TO ('2025-08-01');
CREATE TABLE analytics.events_2025_08 PARTITION OF analytics.events FOR VALUES FROM ('2025-08-01') TO ('2025-09-01');
CREATE TABLE analytics.events_2025_09 PARTITION OF analytics.events FOR VALUES FROM ('2025-09-01') TO ('2025-10-01');
CREATE TABLE analytics.events_2025_10 PARTITION OF analytics.events FOR VALUES FROM ('2025-10-01') TO ('2025-11-01');
CREATE TABLE analytics.events_2025_11 PARTITION OF analytics.events FOR VALUES FROM ('2025-11-01') TO ('2025-12-01');
CREATE TABLE analytics.events_2025_12 PARTITION OF analytics.events FOR VALUES FROM ('2025-12-01') TO ('2026-01-01');

CREATE TABLE audit.changes (
  id serial PRIMARY KEY,
  changed_at timestamptz NOT NULL DEFAULT now(),
  changed_by text NOT NULL DEFAULT current_user,
  table_name text NOT NULL,
  row_id bigint NOT NULL,
  old_row jsonb,
  new_row jsonb
);
COMMENT ON TABLE audit.changes IS 'Written by triggers.';

CREATE FUNCTION audit.record_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit.changes (table_name, row_id, old_row, new_row)
  VALUES (TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, NEW.id, to_jsonb(OLD), to_jsonb(NEW));
  RETURN NEW;
END
$$;
CREATE TRIGGER products_record_change AFTER UPDATE ON shop.products
  FOR EACH ROW WHEN (OLD.price IS DISTINCT FROM NEW.price) EXECUTE FUNCTION audit.record_change();

CREATE FUNCTION shop.customer_value(customer bigint) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT coalesce(sum(total), 0) FROM shop.orders
  WHERE customer_id = customer AND status NOT IN ('cancelled', 'refunded')
$$;
COMMENT ON FUNCTION shop.customer_value IS 'What a customer has paid, in euros.';

CREATE VIEW shop.order_summary AS
  SELECT o.id, o.placed_at, o.status, o.total, c.name AS customer, c.country, count(*) AS items
  FROM shop.orders o
  JOIN shop.customers c ON c.id = o.customer_id
  JOIN shop.order_items i ON i.order_id = o.id
  GROUP BY o.id, c.id;
COMMENT ON VIEW shop.order_summary IS 'Orders with who and how much.';

CREATE MATERIALIZED VIEW analytics.daily_sales AS
  SELECT (placed_at AT TIME ZONE 'UTC')::date AS day, count(*) AS orders, sum(total) AS revenue
  FROM shop.orders WHERE status NOT IN ('cancelled', 'refunded') GROUP BY 1
  WITH NO DATA;
CREATE UNIQUE INDEX daily_sales_day_idx ON analytics.daily_sales (day);
COMMENT ON MATERIALIZED VIEW analytics.daily_sales IS 'Refreshed every night.';
`;
