/** What people ask of the order system in `schema.sql`, in the shape of TPC-H: lookups, ranges, joins, top-n, grouping. */
export const queries: readonly string[] = [
  // One customer's latest orders: equality, then the sort.
  `SELECT order_id, ordered, total FROM orders WHERE customer_id = 4711 ORDER BY ordered DESC LIMIT 10`,
  // The queue: a rare status.
  `SELECT order_id, customer_id, priority FROM orders WHERE status = 'open' AND priority = '1-URGENT' ORDER BY ordered LIMIT 50`,
  // Q1: a range over most of the table, which no index helps.
  `SELECT returned, count(*), sum(price * (1 - discount)) FROM lineitem WHERE shipped <= date '1998-04-01' GROUP BY returned`,
  // Q6: a narrow range and two filters.
  `SELECT sum(price * discount) FROM lineitem WHERE shipped >= date '1994-01-01' AND shipped < date '1994-01-15' AND quantity < 24`,
  // Q3: a segment's unshipped orders of a day.
  `SELECT l.order_id, sum(l.price * (1 - l.discount)) AS revenue FROM customer c JOIN orders o USING (customer_id)
   JOIN lineitem l USING (order_id) WHERE c.segment = 'BUILDING' AND o.ordered = date '1995-03-15' AND l.shipped > date '1995-03-15'
   GROUP BY l.order_id ORDER BY revenue DESC LIMIT 10`,
  // Q17: one brand in one container, and its lines.
  `SELECT sum(l.price) / 7.0 FROM part p JOIN lineitem l USING (part_id) WHERE p.brand = 'Brand#3' AND p.container = 'BOX 7'`,
  // Q20, in part: a supplier's lines of a month.
  `SELECT part_id, sum(quantity) FROM lineitem WHERE supplier_id = 42 AND shipped BETWEEN date '1994-06-01' AND date '1994-06-30' GROUP BY part_id`,
  // A login: an expression.
  `SELECT customer_id, name FROM customer WHERE lower(email) = 'user4242@example.com'`,
  // A nation's richest customers.
  `SELECT customer_id, name, balance FROM customer WHERE nation_id = 7 ORDER BY balance DESC LIMIT 20`,
  // Q4: orders of a week with a returned line.
  `SELECT priority, count(*) FROM orders o WHERE ordered >= date '1993-07-01' AND ordered < date '1993-07-08'
   AND EXISTS (SELECT FROM lineitem l WHERE l.order_id = o.order_id AND l.returned = 'R') GROUP BY priority`,
  // A clerk's day.
  `SELECT order_id, total FROM orders WHERE clerk = 'Clerk#17' AND ordered = date '1996-02-02'`,
  // A part's history.
  `SELECT l.order_id, l.quantity, o.ordered FROM lineitem l JOIN orders o USING (order_id) WHERE l.part_id = 99 ORDER BY o.ordered`,
  // Q12: how lines of two modes were received within a week.
  `SELECT mode, count(*) FROM lineitem WHERE mode IN ('MAIL', 'SHIP') AND received >= date '1994-02-01' AND received < date '1994-02-08' GROUP BY mode`,
  // The newest orders above a sum: sort without equality.
  `SELECT order_id, total FROM orders ORDER BY total DESC LIMIT 25`,
];
