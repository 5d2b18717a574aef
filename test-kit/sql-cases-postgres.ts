import type { HardCases } from './sql-cases.ts'

/** Statements of PostgreSQL with what they become, by topic. */
export const CASES: HardCases = {
  CTEs: [
    [
      'WITH c AS (SELECT id, name FROM users) SELECT id, name FROM c WHERE id > 1 ORDER BY id',
      'WITH c AS (SELECT c_id,c_name FROM t_users) SELECT c_id,c_name FROM c WHERE c_id>1 ORDER BY c_id',
    ],
    [
      'WITH c(x, y) AS (SELECT id, name FROM users) SELECT x, c.y FROM c WHERE x < 3',
      'WITH c (x,y) AS (SELECT c_id,c_name FROM t_users) SELECT x,c.y FROM c WHERE x<3',
    ],
    [
      'WITH c AS (SELECT id AS k, name FROM users) SELECT k, c.name FROM c ORDER BY k',
      'WITH c AS (SELECT c_id AS k,c_name FROM t_users) SELECT k,c.c_name FROM c ORDER BY k',
    ],
    [
      'WITH users AS (SELECT * FROM users WHERE id < 3) SELECT id, name FROM users ORDER BY id',
      'WITH users AS (SELECT * FROM t_users WHERE c_id<3) SELECT c_id,c_name FROM users ORDER BY c_id',
    ],
    [
      'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT n, (SELECT name FROM users WHERE id = n) FROM r',
      'WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n+1 FROM r WHERE n<4) SELECT n,(SELECT c_name FROM t_users WHERE c_id=n) FROM r',
    ],
    [
      'WITH RECURSIVE tree AS (SELECT id, user_id FROM orders WHERE id = 1 UNION ALL SELECT o.id, o.user_id FROM orders o JOIN tree t ON o.user_id = t.user_id AND o.id > t.id) SELECT id FROM tree ORDER BY id',
      'WITH RECURSIVE tree AS (SELECT o_id,o_user FROM t_orders WHERE o_id=1 UNION ALL SELECT o.o_id,o.o_user FROM t_orders AS o JOIN tree AS t ON o.o_user=t.o_user AND o.o_id>t.o_id) SELECT o_id FROM tree ORDER BY o_id',
    ],
    [
      'WITH a AS (SELECT id FROM users), b AS (SELECT a.id, o.total FROM a JOIN orders o ON o.user_id = a.id) SELECT id, total FROM b ORDER BY total DESC',
      'WITH a AS (SELECT c_id FROM t_users),b AS (SELECT a.c_id,o.o_total FROM a JOIN t_orders AS o ON o.o_user=a.c_id) SELECT c_id,o_total FROM b ORDER BY o_total DESC',
    ],
    [
      'WITH c AS MATERIALIZED (SELECT * FROM users) SELECT c.* FROM c WHERE c.age > 30 ORDER BY c.id',
      'WITH c AS MATERIALIZED (SELECT * FROM t_users) SELECT c.* FROM c WHERE c.c_age>30 ORDER BY c.c_id',
    ],
    [
      'WITH c AS NOT MATERIALIZED (SELECT age FROM users) SELECT max(age) FROM c',
      'WITH c AS NOT MATERIALIZED (SELECT c_age FROM t_users) SELECT max(c_age) FROM c',
    ],
    [
      'SELECT (WITH c AS (SELECT max(total) AS m FROM orders WHERE user_id = u.id) SELECT m FROM c) FROM users u ORDER BY u.id',
      'SELECT (WITH c AS (SELECT max(o_total) AS m FROM t_orders WHERE o_user=u.c_id) SELECT m FROM c) FROM t_users AS u ORDER BY u.c_id',
    ],
    [
      'WITH d AS (DELETE FROM orders WHERE total < 15 RETURNING id, user_id) SELECT d.id, name FROM d JOIN users ON users.id = d.user_id ORDER BY 1',
      'WITH d AS (DELETE FROM t_orders WHERE o_total<15 RETURNING o_id,o_user) SELECT d.o_id,c_name FROM d JOIN t_users ON t_users.c_id=d.o_user ORDER BY 1',
    ],
    [
      'WITH n AS (INSERT INTO items (id, sku) SELECT id + 200, name FROM users RETURNING id, sku AS s) SELECT id, s FROM n ORDER BY id',
      'WITH n AS (INSERT INTO t_items (id,sku) SELECT c_id+200,c_name FROM t_users RETURNING id,sku AS s) SELECT id,s FROM n ORDER BY id',
    ],
    [
      'WITH u AS (UPDATE users SET age = 1 WHERE id = 2 RETURNING *) SELECT u.id, age FROM u',
      'WITH u AS (UPDATE t_users SET c_age=1 WHERE c_id=2 RETURNING *) SELECT u.c_id,c_age FROM u',
    ],
    [
      'WITH c AS (SELECT id FROM users) INSERT INTO items (id, order_id) SELECT id + 100, id FROM c',
      'WITH c AS (SELECT c_id FROM t_users) INSERT INTO t_items (id,order_id) SELECT c_id+100,c_id FROM c',
    ],
    [
      'WITH m AS (SELECT user_id, sum(total) AS s FROM orders GROUP BY user_id) UPDATE users SET age = m.s FROM m WHERE m.user_id = users.id',
      'WITH m AS (SELECT o_user,sum(o_total) AS s FROM t_orders GROUP BY o_user) UPDATE t_users SET c_age=m.s FROM m WHERE m.o_user=t_users.c_id',
    ],
    [
      'WITH RECURSIVE t(a, b) AS (SELECT id, user_id FROM orders WHERE id = 1 UNION ALL SELECT o.id, o.user_id FROM orders o, t WHERE o.id = t.a + 1) SEARCH DEPTH FIRST BY a SET pos SELECT a, pos IS NOT NULL FROM t ORDER BY a',
      'WITH RECURSIVE t (a,b) AS (SELECT o_id,o_user FROM t_orders WHERE o_id=1 UNION ALL SELECT o.o_id,o.o_user FROM t_orders AS o,t WHERE o.o_id=t.a+1) SEARCH DEPTH FIRST BY a SET pos SELECT a,pos IS NOT NULL FROM t ORDER BY a',
    ],
    [
      'WITH RECURSIVE t(a) AS (SELECT 1 UNION ALL SELECT a % 3 + 1 FROM t) CYCLE a SET looped USING path SELECT a, looped FROM t ORDER BY a, looped',
      'WITH RECURSIVE t (a) AS (SELECT 1 UNION ALL SELECT a%3+1 FROM t) CYCLE a SET looped USING PATH SELECT a,looped FROM t ORDER BY a,looped',
    ],
    [
      'WITH a AS (SELECT id FROM b), b AS (SELECT id FROM users) SELECT 1',
      'WITH a AS (SELECT id FROM b),b AS (SELECT c_id FROM t_users) SELECT 1',
    ],
  ],
  'derived tables and joins': [
    [
      'SELECT d.id, d.name FROM (SELECT id, name FROM users WHERE age > 20) AS d ORDER BY d.id',
      'SELECT d.c_id,d.c_name FROM (SELECT c_id,c_name FROM t_users WHERE c_age>20) AS d ORDER BY d.c_id',
    ],
    [
      'SELECT id, n FROM (SELECT id, name AS n FROM users) ORDER BY n',
      'SELECT c_id,n FROM (SELECT c_id,c_name AS n FROM t_users) ORDER BY n',
    ],
    [
      'SELECT * FROM (SELECT id FROM users UNION SELECT user_id FROM orders) x ORDER BY id',
      'SELECT * FROM (SELECT c_id FROM t_users UNION SELECT o_user FROM t_orders) AS x ORDER BY c_id',
    ],
    [
      'SELECT d.id FROM (SELECT * FROM (SELECT * FROM users) i) d WHERE d.age IS NOT NULL ORDER BY age, id',
      'SELECT d.c_id FROM (SELECT * FROM (SELECT * FROM t_users) AS i) AS d WHERE d.c_age IS NOT NULL ORDER BY c_age,c_id',
    ],
    [
      'SELECT x.a, b FROM (SELECT id, name FROM users) AS x(a, b) ORDER BY a',
      'SELECT x.a,b FROM (SELECT c_id,c_name FROM t_users) AS x (a,b) ORDER BY a',
    ],
    [
      'SELECT a, name FROM users AS u(a) WHERE u.a > 1 ORDER BY a',
      'SELECT a,c_name FROM t_users AS u (a) WHERE u.a>1 ORDER BY a',
    ],
    [
      'SELECT u.name, o.total FROM users u LEFT JOIN orders o ON o.user_id = u.id AND o.total > 15 ORDER BY u.id, o.id',
      'SELECT u.c_name,o.o_total FROM t_users AS u LEFT JOIN t_orders AS o ON o.o_user=u.c_id AND o.o_total>15 ORDER BY u.c_id,o.o_id',
    ],
    [
      'SELECT name, total FROM users JOIN orders ON user_id = users.id ORDER BY total',
      'SELECT c_name,o_total FROM t_users JOIN t_orders ON o_user=t_users.c_id ORDER BY o_total',
    ],
    [
      'SELECT u.name, i.sku FROM users u JOIN orders o ON u.id = o.user_id JOIN items i ON i.order_id = o.id ORDER BY i.id',
      'SELECT u.c_name,i.sku FROM t_users AS u JOIN t_orders AS o ON u.c_id=o.o_user JOIN t_items AS i ON i.order_id=o.o_id ORDER BY i.id',
    ],
    [
      'SELECT j.name FROM (users JOIN items ON items.order_id = users.age) AS j ORDER BY 1',
      'SELECT j.c_name FROM (t_users JOIN t_items ON t_items.order_id=t_users.c_age) AS j ORDER BY 1',
    ],
    [
      'SELECT u.id FROM (users u JOIN orders o ON o.user_id = u.id) WHERE o.total > 10 ORDER BY u.id, o.id',
      'SELECT u.c_id FROM (t_users AS u JOIN t_orders AS o ON o.o_user=u.c_id) WHERE o.o_total>10 ORDER BY u.c_id,o.o_id',
    ],
    [
      'SELECT u.name, x.total FROM users u, LATERAL (SELECT total FROM orders WHERE user_id = u.id ORDER BY total DESC LIMIT 1) x ORDER BY 1',
      'SELECT u.c_name,x.o_total FROM t_users AS u,LATERAL (SELECT o_total FROM t_orders WHERE o_user=u.c_id ORDER BY o_total DESC LIMIT 1) AS x ORDER BY 1',
    ],
    [
      'SELECT u.name, x.n FROM users u LEFT JOIN LATERAL (SELECT count(*) AS n FROM orders o WHERE o.user_id = u.id AND note = name) x ON true ORDER BY u.id',
      'SELECT u.c_name,x.n FROM t_users AS u LEFT JOIN LATERAL (SELECT count(*) AS n FROM t_orders AS o WHERE o.o_user=u.c_id AND o_note=c_name) AS x ON TRUE ORDER BY u.c_id',
    ],
    [
      'SELECT users.name, count(*) FROM users CROSS JOIN items GROUP BY users.name ORDER BY users.name',
      'SELECT t_users.c_name,count(*) FROM t_users CROSS JOIN t_items GROUP BY t_users.c_name ORDER BY t_users.c_name',
    ],
    [
      'SELECT x.sku FROM items x JOIN items y USING (id, sku) ORDER BY x.id',
      'SELECT x.sku FROM t_items AS x JOIN t_items AS y USING (id,sku) ORDER BY x.id',
    ],
    [
      'SELECT x.sku FROM (items x JOIN items y USING (id)) JOIN items z USING (id) ORDER BY id',
      'SELECT x.sku FROM (t_items AS x JOIN t_items AS y USING (id)) JOIN t_items AS z USING (id) ORDER BY id',
    ],
    [
      'SELECT name FROM users JOIN orders USING (id)',
      { refused: 'a USING column has different names on both sides', column: 43 },
    ],
    [
      'SELECT * FROM users NATURAL JOIN orders',
      { refused: 'NATURAL joins of renamed columns are not supported', column: 21 },
    ],
    [
      'SELECT * FROM items NATURAL JOIN (SELECT 1 AS id) q ORDER BY 1',
      'SELECT * FROM t_items NATURAL JOIN (SELECT 1 AS id) AS q ORDER BY 1',
    ],
    [
      'SELECT u.name FROM users u FULL OUTER JOIN orders o ON u.id = o.user_id ORDER BY u.id, o.id',
      'SELECT u.c_name FROM t_users AS u FULL OUTER JOIN t_orders AS o ON u.c_id=o.o_user ORDER BY u.c_id,o.o_id',
    ],
    ['SELECT name FROM ONLY users WHERE id = 1', 'SELECT c_name FROM ONLY t_users WHERE c_id=1'],
    ['SELECT name FROM ONLY (users) AS u WHERE u.id = 1', 'SELECT c_name FROM ONLY (t_users) AS u WHERE u.c_id=1'],
    ['SELECT name FROM users * ORDER BY name', 'SELECT c_name FROM t_users*ORDER BY c_name'],
    [
      'SELECT n, name FROM generate_series(1, 3) AS n JOIN users ON id = n ORDER BY n',
      'SELECT n,c_name FROM generate_series(1,3) AS n JOIN t_users ON c_id=n ORDER BY n',
    ],
    [
      'SELECT name, x FROM users, unnest(ARRAY[age, id]) AS x WHERE x IS NOT NULL ORDER BY name, x',
      'SELECT c_name,x FROM t_users,unnest(ARRAY[c_age,c_id]) AS x WHERE x IS NOT NULL ORDER BY c_name,x',
    ],
    [
      "SELECT name, k, ord FROM users, unnest(ARRAY['a', name]) WITH ORDINALITY AS t(k, ord) ORDER BY name, ord",
      "SELECT c_name,k,ord FROM t_users,unnest(ARRAY['a',c_name]) WITH ORDINALITY AS t (k,ord) ORDER BY c_name,ord",
    ],
    [
      "SELECT name FROM users WHERE EXISTS (SELECT 1 FROM jsonb_array_elements_text(data -> 'tags') AS t(v) WHERE v = 'a')",
      "SELECT c_name FROM t_users WHERE EXISTS (SELECT 1 FROM jsonb_array_elements_text(c_data->'tags') AS t (v) WHERE v='a')",
    ],
    [
      "SELECT v.a, name FROM (VALUES (1, 'x'), (2, 'y')) AS v(a, b) JOIN users ON users.id = v.a ORDER BY 1",
      "SELECT v.a,c_name FROM (VALUES (1,'x'),(2,'y')) AS v(a,b) JOIN t_users ON t_users.c_id=v.a ORDER BY 1",
    ],
    [
      'SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3)) AS x(a, b) ORDER BY b',
      'SELECT * FROM ROWS FROM (generate_series(1,2),generate_series(1,3)) AS x (a,b) ORDER BY b',
    ],
    [
      'SELECT name FROM users TABLESAMPLE system (100) ORDER BY name',
      'SELECT c_name FROM t_users TABLESAMPLE SYSTEM (100) ORDER BY c_name',
    ],
    [
      "SELECT u.name, jt.c FROM users u, JSON_TABLE(u.data, '$' COLUMNS (c text PATH '$.city')) AS jt WHERE jt.c IS NOT NULL ORDER BY 1",
      "SELECT u.c_name,jt.c FROM t_users AS u,JSON_TABLE (u.c_data,'$' COLUMNS (c TEXT PATH '$.city')) AS jt WHERE jt.c IS NOT NULL ORDER BY 1",
    ],
  ],
  'scopes and correlation': [
    [
      'SELECT name FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE user_id = users.id AND total > 10) ORDER BY name',
      'SELECT c_name FROM t_users WHERE EXISTS (SELECT 1 FROM t_orders WHERE o_user=t_users.c_id AND o_total>10) ORDER BY c_name',
    ],
    [
      'SELECT name FROM users u WHERE EXISTS (SELECT * FROM orders WHERE user_id = u.id AND note = name) ORDER BY 1',
      'SELECT c_name FROM t_users AS u WHERE EXISTS (SELECT * FROM t_orders WHERE o_user=u.c_id AND o_note=c_name) ORDER BY 1',
    ],
    [
      'SELECT name, (SELECT count(*) FROM orders WHERE user_id = users.id) AS n FROM users ORDER BY n DESC, name',
      'SELECT c_name,(SELECT count(*) FROM t_orders WHERE o_user=t_users.c_id) AS n FROM t_users ORDER BY n DESC,c_name',
    ],
    [
      'SELECT id FROM users WHERE id = (SELECT max(u.id) FROM users AS u WHERE u.age < users.age) OR id = 1 ORDER BY id',
      'SELECT c_id FROM t_users WHERE c_id=(SELECT max(u.c_id) FROM t_users AS u WHERE u.c_age<t_users.c_age) OR c_id=1 ORDER BY c_id',
    ],
    [
      'SELECT (SELECT (SELECT u.name FROM users u WHERE u.id = o.user_id) FROM orders o WHERE o.id = i.order_id) FROM items i ORDER BY i.id',
      'SELECT (SELECT (SELECT u.c_name FROM t_users AS u WHERE u.c_id=o.o_user) FROM t_orders AS o WHERE o.o_id=i.order_id) FROM t_items AS i ORDER BY i.id',
    ],
    [
      "SELECT sku FROM items WHERE order_id IN (SELECT id FROM orders WHERE user_id IN (SELECT id FROM users WHERE name = 'Ann')) ORDER BY sku",
      "SELECT sku FROM t_items WHERE order_id IN (SELECT o_id FROM t_orders WHERE o_user IN (SELECT c_id FROM t_users WHERE c_name='Ann')) ORDER BY sku",
    ],
    [
      'SELECT name FROM users WHERE age > ALL (SELECT total FROM orders WHERE total < 30) ORDER BY name',
      'SELECT c_name FROM t_users WHERE c_age>ALL (SELECT o_total FROM t_orders WHERE o_total<30) ORDER BY c_name',
    ],
    [
      "SELECT name FROM users WHERE age = ANY (ARRAY(SELECT total FROM orders)) OR id = ANY ('{1,2}') ORDER BY name",
      "SELECT c_name FROM t_users WHERE c_age=ANY (ARRAY (SELECT o_total FROM t_orders)) OR c_id=ANY ('{1,2}') ORDER BY c_name",
    ],
    [
      'SELECT name FROM users WHERE (id, age) IN (SELECT user_id, total FROM orders) OR age = 41 ORDER BY id',
      'SELECT c_name FROM t_users WHERE (c_id,c_age) IN (SELECT o_user,o_total FROM t_orders) OR c_age=41 ORDER BY c_id',
    ],
    [
      'SELECT ARRAY(SELECT id FROM orders o WHERE o.user_id = u.id ORDER BY id) FROM users u ORDER BY u.id',
      'SELECT ARRAY (SELECT o_id FROM t_orders AS o WHERE o.o_user=u.c_id ORDER BY o_id) FROM t_users AS u ORDER BY u.c_id',
    ],
    [
      'SELECT 41 IN (SELECT age FROM users), NOT EXISTS (SELECT 1 FROM orders WHERE total IS NULL)',
      'SELECT 41 IN (SELECT c_age FROM t_users),NOT EXISTS (SELECT 1 FROM t_orders WHERE o_total IS NULL)',
    ],
  ],
  'labels and ordering': [
    ['SELECT id AS name FROM users ORDER BY name', 'SELECT c_id AS name FROM t_users ORDER BY name'],
    ['SELECT name AS id, age FROM users ORDER BY id DESC', 'SELECT c_name AS id,c_age FROM t_users ORDER BY id DESC'],
    ['SELECT age * 2 AS age FROM users ORDER BY age', 'SELECT c_age*2 AS age FROM t_users ORDER BY age'],
    [
      'SELECT id FROM users ORDER BY age DESC NULLS LAST, name COLLATE "C", id LIMIT 2 OFFSET 1',
      'SELECT c_id FROM t_users ORDER BY c_age DESC NULLS LAST,c_name COLLATE "C",c_id LIMIT 2 OFFSET 1',
    ],
    [
      'SELECT id x FROM users u ORDER BY x FETCH FIRST 2 ROWS ONLY',
      'SELECT c_id AS x FROM t_users AS u ORDER BY x FETCH FIRST 2 ROWS ONLY',
    ],
    ['SELECT id "x y", name n FROM users ORDER BY 1', 'SELECT c_id AS "x y",c_name AS n FROM t_users ORDER BY 1'],
    [
      'SELECT age / 10 AS decade, count(*) AS n FROM users GROUP BY decade HAVING count(*) > 0 ORDER BY decade',
      'SELECT c_age/10 AS decade,count(*) AS n FROM t_users GROUP BY decade HAVING count(*)>0 ORDER BY decade',
    ],
    [
      'SELECT age AS id FROM users GROUP BY id, age ORDER BY age',
      'SELECT c_age AS id FROM t_users GROUP BY c_id,c_age ORDER BY c_age',
    ],
    [
      'SELECT user_id FROM orders GROUP BY user_id HAVING sum(total) > 20 ORDER BY sum(total) DESC',
      'SELECT o_user FROM t_orders GROUP BY o_user HAVING sum(o_total)>20 ORDER BY sum(o_total) DESC',
    ],
    [
      'SELECT user_id, note, sum(total) FROM orders GROUP BY ROLLUP (user_id, note) ORDER BY 1, 2, 3',
      'SELECT o_user,o_note,sum(o_total) FROM t_orders GROUP BY ROLLUP (o_user,o_note) ORDER BY 1,2,3',
    ],
    [
      'SELECT user_id, GROUPING(user_id), count(*) FROM orders GROUP BY GROUPING SETS ((user_id), ()) ORDER BY 1',
      'SELECT o_user,GROUPING(o_user),count(*) FROM t_orders GROUP BY GROUPING SETS ((o_user),()) ORDER BY 1',
    ],
    [
      'SELECT id FROM users UNION SELECT user_id FROM orders ORDER BY id',
      'SELECT c_id FROM t_users UNION SELECT o_user FROM t_orders ORDER BY c_id',
    ],
    [
      'SELECT id AS k FROM users UNION ALL SELECT id FROM items ORDER BY k LIMIT 4',
      'SELECT c_id AS k FROM t_users UNION ALL SELECT id FROM t_items ORDER BY k LIMIT 4',
    ],
    [
      '(SELECT name FROM users ORDER BY id LIMIT 1) UNION ALL (SELECT note FROM orders ORDER BY id LIMIT 1) ORDER BY name',
      '(SELECT c_name FROM t_users ORDER BY c_id LIMIT 1) UNION ALL (SELECT o_note FROM t_orders ORDER BY o_id LIMIT 1) ORDER BY c_name',
    ],
    [
      'SELECT name FROM users EXCEPT ALL SELECT note FROM orders ORDER BY name',
      'SELECT c_name FROM t_users EXCEPT ALL SELECT o_note FROM t_orders ORDER BY c_name',
    ],
    ['SELECT DISTINCT user_id FROM orders ORDER BY user_id', 'SELECT DISTINCT o_user FROM t_orders ORDER BY o_user'],
    [
      'SELECT DISTINCT ON (user_id) user_id, total FROM orders ORDER BY user_id, total DESC',
      'SELECT DISTINCT ON (o_user) o_user,o_total FROM t_orders ORDER BY o_user,o_total DESC',
    ],
    ['SELECT id::text FROM users ORDER BY id', 'SELECT c_id::text FROM t_users ORDER BY c_id'],
    [
      'SELECT d.id FROM (SELECT id::text FROM users) d ORDER BY d.id',
      'SELECT d.c_id FROM (SELECT c_id::text FROM t_users) AS d ORDER BY d.c_id',
    ],
    [
      'SELECT d.count, d.name FROM (SELECT count(*), name FROM users GROUP BY name) d ORDER BY name',
      'SELECT d.count,d.c_name FROM (SELECT count(*),c_name FROM t_users GROUP BY c_name) AS d ORDER BY c_name',
    ],
    [
      "SELECT d.coalesce, d.case FROM (SELECT coalesce(email, 'x'), CASE WHEN age > 1 THEN 1 END FROM users) d ORDER BY 1, 2",
      "SELECT d.coalesce,d.case FROM (SELECT coalesce(c_email,'x'),CASE WHEN c_age>1 THEN 1 END FROM t_users) AS d ORDER BY 1,2",
    ],
    [
      'SELECT d.id FROM (SELECT (SELECT id FROM orders ORDER BY id LIMIT 1) FROM users) d',
      'SELECT d.o_id FROM (SELECT (SELECT o_id FROM t_orders ORDER BY o_id LIMIT 1) FROM t_users) AS d',
    ],
    [
      'SELECT u.id FROM users u JOIN orders o ON o.user_id = u.id ORDER BY u.id, o.total',
      'SELECT u.c_id FROM t_users AS u JOIN t_orders AS o ON o.o_user=u.c_id ORDER BY u.c_id,o.o_total',
    ],
    ['TABLE users ORDER BY 1', 'TABLE t_users ORDER BY 1'],
    ['VALUES (1, 2), (3, 4)', 'VALUES (1,2),(3,4)'],
  ],
  'windows and aggregates': [
    [
      'SELECT name, rank() OVER (ORDER BY age DESC) FROM users ORDER BY id',
      'SELECT c_name,rank() OVER (ORDER BY c_age DESC) FROM t_users ORDER BY c_id',
    ],
    [
      'SELECT id, sum(total) OVER (PARTITION BY user_id ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM orders ORDER BY id',
      'SELECT o_id,sum(o_total) OVER (PARTITION BY o_user ORDER BY o_id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t_orders ORDER BY o_id',
    ],
    [
      'SELECT id, row_number() OVER w, lag(total, 1, 0) OVER w FROM orders WINDOW w AS (PARTITION BY user_id ORDER BY total) ORDER BY id',
      'SELECT o_id,row_number() OVER w,lag(o_total,1,0) OVER w FROM t_orders WINDOW w AS (PARTITION BY o_user ORDER BY o_total) ORDER BY o_id',
    ],
    [
      "SELECT user_id, count(*) FILTER (WHERE total > 10), string_agg(note, ',' ORDER BY id) FROM orders GROUP BY user_id ORDER BY user_id",
      "SELECT o_user,count(*) FILTER (WHERE o_total>10),string_agg(o_note,',' ORDER BY o_id) FROM t_orders GROUP BY o_user ORDER BY o_user",
    ],
    [
      'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders WHERE total > 1',
      'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY o_total) FROM t_orders WHERE o_total>1',
    ],
    [
      'SELECT count(DISTINCT user_id), avg(total)::int, array_agg(id ORDER BY id DESC) FROM orders',
      'SELECT count(DISTINCT o_user),avg(o_total)::int,array_agg(o_id ORDER BY o_id DESC) FROM t_orders',
    ],
    [
      "SELECT json_agg(json_build_object('n', name, 'a', age) ORDER BY id) FROM users",
      "SELECT json_agg(json_build_object('n',c_name,'a',c_age) ORDER BY c_id) FROM t_users",
    ],
  ],
  'operators and functions': [
    [
      "SELECT data ->> 'city', data -> 'tags' -> 0, data #>> '{tags,0}' FROM users ORDER BY id",
      "SELECT c_data->>'city',c_data->'tags'->0,c_data#>>'{tags,0}' FROM t_users ORDER BY c_id",
    ],
    [
      "SELECT name FROM users WHERE data ? 'city' AND age > 1 ORDER BY name",
      "SELECT c_name FROM t_users WHERE c_data?'city' AND c_age>1 ORDER BY c_name",
    ],
    [
      `SELECT name FROM users WHERE data ?| ARRAY['city', 'x'] OR data @> '{"tags":["b"]}' ORDER BY name`,
      `SELECT c_name FROM t_users WHERE c_data?|ARRAY['city','x'] OR c_data@>'{"tags":["b"]}' ORDER BY c_name`,
    ],
    [
      "SELECT data['city'], data['tags'][0] FROM users ORDER BY id",
      "SELECT c_data['city'],c_data['tags'][0] FROM t_users ORDER BY c_id",
    ],
    [
      'SELECT (ARRAY[id, age])[1], (ARRAY[1, 2, 3])[1:2] FROM users ORDER BY id',
      'SELECT (ARRAY[c_id,c_age])[1],(ARRAY[1,2,3])[1:2] FROM t_users ORDER BY c_id',
    ],
    [
      "SELECT coalesce(email, name) || '!', length(name), upper(substring(name FROM 1 FOR 2)), nullif(age, 33), greatest(age, id) FROM users ORDER BY id",
      "SELECT coalesce(c_email,c_name)||'!',length(c_name),upper(substring(c_name FROM 1 FOR 2)),nullif(c_age,33),greatest(c_age,c_id) FROM t_users ORDER BY c_id",
    ],
    [
      "SELECT extract(year FROM timestamp '2024-01-02'), date '2024-01-02' + age, interval '1 day' * id FROM users WHERE age IS NOT NULL ORDER BY id",
      "SELECT extract(YEAR FROM timestamp '2024-01-02'),date '2024-01-02'+c_age,interval '1 day'*c_id FROM t_users WHERE c_age IS NOT NULL ORDER BY c_id",
    ],
    [
      "SELECT position('n' IN name), trim(both 'A' from name), overlay(name placing 'x' from 1), name SIMILAR TO '%n' FROM users ORDER BY id",
      "SELECT position('n' IN c_name),trim(BOTH 'A' FROM c_name),overlay(c_name PLACING 'x' FROM 1),c_name SIMILAR TO '%n' FROM t_users ORDER BY c_id",
    ],
    [
      "SELECT CASE WHEN age > 40 THEN 'x' WHEN age > 30 THEN 'y' ELSE name END, CASE age WHEN 41 THEN 1 END FROM users ORDER BY id",
      "SELECT CASE WHEN c_age>40 THEN 'x' WHEN c_age>30 THEN 'y' ELSE c_name END,CASE c_age WHEN 41 THEN 1 END FROM t_users ORDER BY c_id",
    ],
    [
      `SELECT CAST(age AS text) || '', age::varchar(10), age::numeric(10, 2), name::"text" FROM users ORDER BY id`,
      `SELECT CAST (c_age AS text)||'',c_age::varchar(10),c_age::numeric(10,2),c_name::"text" FROM t_users ORDER BY c_id`,
    ],
    [
      "SELECT name LIKE 'A%' ESCAPE '\\', name ILIKE 'a%', name ~* '^a', age BETWEEN SYMMETRIC 40 AND 20, email IS NULL, email IS NOT DISTINCT FROM name FROM users ORDER BY id",
      "SELECT c_name LIKE 'A%' ESCAPE '\\',c_name ILIKE 'a%',c_name~*'^a',c_age BETWEEN SYMMETRIC 40 AND 20,c_email IS NULL,c_email IS NOT DISTINCT FROM c_name FROM t_users ORDER BY c_id",
    ],
    [
      'SELECT -age, +age, ~age, - -age, age - -1, age % 7, age << 1, age & 3 | 4, NOT age = 1, age <> 2, age != 2, @ -age, 2 ^ 3 FROM users ORDER BY id',
      'SELECT -c_age,+c_age,~c_age,- -c_age,c_age- -1,c_age%7,c_age<<1,c_age&3|4,NOT c_age=1,c_age<>2,c_age!=2,@ -c_age,2^3 FROM t_users ORDER BY c_id',
    ],
    [
      "SELECT 1.5e3, .5, 0x1F, 1_000, '\\xff'::bytea, NULL, TRUE, false, 'it''s', E'a\\'b\\n', $$d$$, $t$ ; -- $t$, U&'d\\0061t', B'01' FROM users LIMIT 1",
      "SELECT 1.5e3,.5,0x1F,1_000,'\\xff'::bytea,NULL,TRUE,FALSE,'it''s',E'a\\'b\\n',$$d$$,$t$ ; -- $t$,U&'d\\0061t',B'01' FROM t_users LIMIT 1",
    ],
    [
      "SELECT timestamp '2024-01-02 03:04' AT TIME ZONE 'UTC' IS NOT NULL, CURRENT_DATE IS NOT NULL, current_user IS NULL FROM users LIMIT 1",
      "SELECT timestamp '2024-01-02 03:04' AT TIME ZONE 'UTC' IS NOT NULL,CURRENT_DATE IS NOT NULL,CURRENT_USER IS NULL FROM t_users LIMIT 1",
    ],
    ['SELECT u FROM users u WHERE u.id = 1', 'SELECT u FROM t_users AS u WHERE u.c_id=1'],
    [
      'SELECT (u).name, (u.id) FROM users u ORDER BY u.id',
      'SELECT (u).c_name,(u.c_id) FROM t_users AS u ORDER BY u.c_id',
    ],
    [
      'SELECT count(u), count(u.*), row(u.*) IS NULL FROM users u GROUP BY u.id ORDER BY u.id',
      'SELECT count(u),count(u.*),ROW (u.*) IS NULL FROM t_users AS u GROUP BY u.c_id ORDER BY u.c_id',
    ],
    ['SELECT users FROM users', { refused: 'a whole row is named by its table', column: 8 }],
    [
      "SELECT to_jsonb(u) ->> 'x' FROM users u ORDER BY u.id",
      "SELECT to_jsonb(u)->>'x' FROM t_users AS u ORDER BY u.c_id",
    ],
    [
      'SELECT id FROM users WHERE id OPERATOR(pg_catalog.=) 1',
      'SELECT c_id FROM t_users WHERE c_id OPERATOR (pg_catalog.=) 1',
    ],
    ['SELECT name FROM users WHERE id = 1 FOR UPDATE', 'SELECT c_name FROM t_users WHERE c_id=1 FOR UPDATE'],
    [
      'SELECT u.name FROM users u JOIN orders ON orders.user_id = u.id WHERE u.id = 1 ORDER BY orders.id FOR UPDATE OF orders SKIP LOCKED',
      'SELECT u.c_name FROM t_users AS u JOIN t_orders ON t_orders.o_user=u.c_id WHERE u.c_id=1 ORDER BY t_orders.o_id FOR UPDATE OF t_orders SKIP LOCKED',
    ],
  ],
  parameters: [
    [
      'SELECT id FROM users WHERE age > ? AND name = ? LIMIT ? OFFSET ?',
      'SELECT c_id FROM t_users WHERE c_age>? AND c_name=? LIMIT ? OFFSET ?',
    ],
    [
      "SELECT id FROM users WHERE age>? AND name<>? AND data ? 'k' AND data ?& ARRAY[?]",
      "SELECT c_id FROM t_users WHERE c_age>? AND c_name<>? AND c_data?'k' AND c_data?&ARRAY[?]",
    ],
    [
      'SELECT id FROM users WHERE age BETWEEN ? AND ? OR name LIKE ? ESCAPE ? OR id IN (?,?)',
      'SELECT c_id FROM t_users WHERE c_age BETWEEN ? AND ? OR c_name LIKE ? ESCAPE ? OR c_id IN (?,?)',
    ],
    [
      'SELECT ?::int + id, -?, id||?::text FROM users WHERE id = $1',
      'SELECT ?::int+c_id,-?,c_id||?::text FROM t_users WHERE c_id=$1',
    ],
    ['SELECT id FROM users WHERE data ?? AND age = ?', 'SELECT c_id FROM t_users WHERE c_data?? AND c_age=?'],
    ['INSERT INTO users (id, name) VALUES (?, ?), ($1, $2)', 'INSERT INTO t_users (c_id,c_name) VALUES (?,?),($1,$2)'],
    [
      'UPDATE users SET age = age + ?, name = ? WHERE id = ?',
      'UPDATE t_users SET c_age=c_age+?, c_name=? WHERE c_id=?',
    ],
    [
      'SELECT CASE WHEN age = ? THEN ? ELSE ? END FROM users WHERE age = ANY(?)',
      'SELECT CASE WHEN c_age=? THEN ? ELSE ? END FROM t_users WHERE c_age=ANY (?)',
    ],
  ],
  writes: [
    [
      "INSERT INTO users (id, name) VALUES (10, 'Zed'), (11, NULL)",
      "INSERT INTO t_users (c_id,c_name) VALUES (10,'Zed'),(11,NULL)",
    ],
    ["INSERT INTO users VALUES (12, 'Yan', 1, NULL, NULL)", "INSERT INTO t_users VALUES (12,'Yan',1,NULL,NULL)"],
    [
      'INSERT INTO items (id, sku) VALUES (9, DEFAULT) RETURNING *',
      'INSERT INTO t_items (id,sku) VALUES (9,DEFAULT) RETURNING *',
    ],
    [
      'INSERT INTO users (id, name, age) SELECT id + 50, note, total FROM orders WHERE total > 10',
      'INSERT INTO t_users (c_id,c_name,c_age) SELECT o_id+50,o_note,o_total FROM t_orders WHERE o_total>10',
    ],
    [
      "INSERT INTO users (id, name) VALUES (1, 'n') ON CONFLICT (id) DO UPDATE SET name = excluded.name, age = users.age + 1",
      "INSERT INTO t_users (c_id,c_name) VALUES (1,'n') ON CONFLICT (c_id) DO UPDATE SET c_name=excluded.c_name, c_age=t_users.c_age+1",
    ],
    [
      "INSERT INTO users AS u (id, name) VALUES (1, 'n') ON CONFLICT (id) DO UPDATE SET name = u.name || excluded.name WHERE u.age > 30",
      "INSERT INTO t_users AS u (c_id,c_name) VALUES (1,'n') ON CONFLICT (c_id) DO UPDATE SET c_name=u.c_name||excluded.c_name WHERE u.c_age>30",
    ],
    [
      "INSERT INTO users (id, name) VALUES (1, 'n') ON CONFLICT DO NOTHING",
      "INSERT INTO t_users (c_id,c_name) VALUES (1,'n') ON CONFLICT DO NOTHING",
    ],
    [
      'INSERT INTO users (id, name) SELECT id, note FROM orders ON CONFLICT (id) DO UPDATE SET (name, age) = (excluded.name, 5)',
      'INSERT INTO t_users (c_id,c_name) SELECT o_id,o_note FROM t_orders ON CONFLICT (c_id) DO UPDATE SET (c_name,c_age)=(excluded.c_name,5)',
    ],
    [
      "INSERT INTO users (id, name) VALUES ((SELECT max(id) + 1 FROM users), 'sub') RETURNING id, name AS n, users.age",
      "INSERT INTO t_users (c_id,c_name) VALUES ((SELECT max(c_id)+1 FROM t_users),'sub') RETURNING c_id,c_name AS n,t_users.c_age",
    ],
    [
      "INSERT INTO users (id, email) OVERRIDING SYSTEM VALUE VALUES (30, 'e')",
      "INSERT INTO t_users (c_id,c_email) OVERRIDING SYSTEM VALUE VALUES (30,'e')",
    ],
    [
      'UPDATE users SET name = upper(name), age = age + 1 WHERE id IN (SELECT user_id FROM orders)',
      'UPDATE t_users SET c_name=upper(c_name), c_age=c_age+1 WHERE c_id IN (SELECT o_user FROM t_orders)',
    ],
    [
      "UPDATE users SET (name, age) = ('t', 7), email = DEFAULT WHERE id = 1",
      "UPDATE t_users SET (c_name,c_age)=('t',7), c_email=DEFAULT WHERE c_id=1",
    ],
    [
      'UPDATE users SET (name, age) = (SELECT note, total FROM orders WHERE user_id = users.id ORDER BY total LIMIT 1) WHERE id < 3',
      'UPDATE t_users SET (c_name,c_age)=(SELECT o_note,o_total FROM t_orders WHERE o_user=t_users.c_id ORDER BY o_total LIMIT 1) WHERE c_id<3',
    ],
    [
      'UPDATE users AS u SET age = o.total FROM orders AS o WHERE o.user_id = u.id AND o.total > 15',
      'UPDATE t_users AS u SET c_age=o.o_total FROM t_orders AS o WHERE o.o_user=u.c_id AND o.o_total>15',
    ],
    [
      'UPDATE ONLY users SET age = total FROM orders WHERE user_id = users.id AND orders.id = 1',
      'UPDATE ONLY t_users SET c_age=o_total FROM t_orders WHERE o_user=t_users.c_id AND t_orders.o_id=1',
    ],
    [
      'UPDATE users SET email = NULL RETURNING id, old.email, new.email IS NULL AS gone',
      'UPDATE t_users SET c_email=NULL RETURNING c_id,old.c_email,new.c_email IS NULL AS gone',
    ],
    [
      'UPDATE users u SET age = 1 WHERE u.id = 1 RETURNING WITH (OLD AS before, NEW AS after) before.age, after.age',
      'UPDATE t_users AS u SET c_age=1 WHERE u.c_id=1 RETURNING WITH (OLD AS BEFORE,NEW AS AFTER) before.c_age,after.c_age',
    ],
    [
      "DELETE FROM orders WHERE user_id = (SELECT id FROM users WHERE name = 'Ann')",
      "DELETE FROM t_orders WHERE o_user=(SELECT c_id FROM t_users WHERE c_name='Ann')",
    ],
    [
      'DELETE FROM orders o USING users u WHERE u.id = o.user_id AND u.age > 40 RETURNING o.id, u.name',
      'DELETE FROM t_orders AS o USING t_users AS u WHERE u.c_id=o.o_user AND u.c_age>40 RETURNING o.o_id,u.c_name',
    ],
    ['DELETE FROM users RETURNING name, age * 2 AS twice', 'DELETE FROM t_users RETURNING c_name,c_age*2 AS twice'],
  ],
  'quoting, comments, unicode': [
    [
      'SELECT "id", "name" FROM "users" WHERE "users"."age" > 1 ORDER BY "id"',
      'SELECT "c_id","c_name" FROM "t_users" WHERE "t_users"."c_age">1 ORDER BY "c_id"',
    ],
    [
      'SELECT U.ID, u.NAME FROM USERS U WHERE u.Age > 1 ORDER BY U.iD',
      'SELECT U.c_id,u.c_name FROM t_users AS U WHERE u.c_age>1 ORDER BY U.c_id',
    ],
    ['SELECT "ID" FROM users', 'SELECT "ID" FROM t_users'],
    ['SELECT id FROM "Users"', 'SELECT id FROM "Users"'],
    ['SELECT/* id */id--x\nFROM/* a /* nested */ b */users', 'SELECT c_id FROM t_users'],
    ['SELECT id /* ; DROP TABLE users; */ FROM users -- WHERE id = 1', 'SELECT c_id FROM t_users'],
    [
      'SELECT d."na""me" FROM (SELECT name AS "na""me" FROM users) d ORDER BY 1',
      'SELECT d."na""me" FROM (SELECT c_name AS "na""me" FROM t_users) AS d ORDER BY 1',
    ],
    [
      'SELECT d."select", "from" FROM (SELECT id AS "select", name AS "from" FROM users) d ORDER BY 1',
      'SELECT d."select","from" FROM (SELECT c_id AS "select",c_name AS "from" FROM t_users) AS d ORDER BY 1',
    ],
    [
      `SELECT name AS "имя", '日本' AS 日本 FROM users AS ü WHERE ü.name <> '👩‍👩‍👧' AND ü.age > 1 ORDER BY ü.id`,
      `SELECT c_name AS "имя",'日本' AS 日本 FROM t_users AS ü WHERE ü.c_name<>'👩‍👩‍👧' AND ü.c_age>1 ORDER BY ü.c_id`,
    ],
    [
      'SELECT name AS select, id AS where FROM users ORDER BY 2',
      'SELECT c_name AS select,c_id AS where FROM t_users ORDER BY 2',
    ],
    [
      `SELECT 'id', "users".name, 'FROM users' FROM users ORDER BY id`,
      `SELECT 'id',"t_users".c_name,'FROM users' FROM t_users ORDER BY c_id`,
    ],
    [
      "SELECT name FROM users WHERE name = 'x' OR name = 'a;b--c/*d*/' OR id = 1;",
      "SELECT c_name FROM t_users WHERE c_name='x' OR c_name='a;b--c/*d*/' OR c_id=1",
    ],
    [
      "SELECT id FROM users WHERE name = 'a'\n  'b' OR id = 1",
      "SELECT c_id FROM t_users WHERE c_name='a'\n  'b' OR c_id=1",
    ],
    [
      'SELECT users.* , orders.total FROM users JOIN orders ON orders.user_id = users.id ORDER BY orders.id',
      'SELECT t_users.*,t_orders.o_total FROM t_users JOIN t_orders ON t_orders.o_user=t_users.c_id ORDER BY t_orders.o_id',
    ],
    ['SELECT u.*, u.id FROM users AS u ORDER BY u.id', 'SELECT u.*,u.c_id FROM t_users AS u ORDER BY u.c_id'],
    ['SELECT public.users.id FROM public.users', { refused: 'the table must be named without a schema', column: 36 }],
    ['SELECT id FROM other.users', { refused: 'the table must be named without a schema', column: 22 }],
    ['SELECT id FROM db.public.users', { refused: 'a table of another database is named', column: 16 }],
  ],
  refused: [
    ['SELECT orders.id FROM users AS orders', { refused: 'an alias is the name of a mapped table', column: 32 }],
    ['SELECT id FROM users JOIN orders ON 1 = 1', { refused: 'the name is ambiguous', column: 8 }],
    ['SELECT o_id FROM users JOIN orders ON user_id = users.id', { refused: 'the name is ambiguous', column: 8 }],
    ['SELECT id FROM t_users', { refused: 'the table is named by its new name', column: 16 }],
    [
      'WITH t_users AS (SELECT 1 AS c_id) SELECT id FROM users',
      { refused: 'a common table expression hides the table', column: 51 },
    ],
    ['SELECT users.id FROM users JOIN items t_users ON 1 = 1', { refused: 'the name is ambiguous', column: 8 }],
    ['SELECT id INTO backup FROM users', { refused: 'SELECT INTO is refused', column: 16 }],
    ['SELECT id FROM users; DELETE FROM users', { refused: 'exactly one statement is accepted', column: 23 }],
    ['SELECT `id` FROM users', { refused: 'failed to parse SQL: a back-quote', column: 8 }],
    ['SELECT id FROM users WHERE', { refused: 'failed to parse SQL', column: 27 }],
    ["SELECT id FROM users WHERE name = 'x", { refused: 'failed to parse SQL: a text is not closed', column: 35 }],
    ["SELECT id FROM users WHERE name = E'x\\'", { refused: 'failed to parse SQL: a text is not closed', column: 35 }],
    ['SELECT id FROM users WHERE name = $$x', { refused: 'failed to parse SQL: a text is not closed', column: 35 }],
    ['SELECT id FROM users /* open /* */', { refused: 'failed to parse SQL: a comment is not closed', column: 22 }],
    ['SELECT id FROM "users', { refused: 'failed to parse SQL: a quoted name is not closed', column: 16 }],
    ['SELECT id FROM users WHERE "" = 1', { refused: 'failed to parse SQL near ""', column: 28 }],
    ['SELECT 123abc FROM users', { refused: 'failed to parse SQL near 123', column: 8 }],
    ['SELECT id, FROM users', { refused: 'failed to parse SQL near FROM', column: 12 }],
    ['SELECT * FROM users WHERE id ==', { refused: 'failed to parse SQL', column: 32 }],
    ['SELECT id FROM users LIMIT 1, 2', { refused: 'failed to parse SQL near LIMIT', column: 22 }],
    [
      'SELECT id FROM users WHERE U&"id" = 1',
      { refused: 'failed to parse SQL: names with Unicode escapes are refused', column: 28 },
    ],
    [
      'SELECT a1234567890123456789012345678901234567890123456789012345678901234 FROM users',
      { refused: 'failed to parse SQL: a name is longer than 63 bytes', column: 8 },
    ],
    ["COPY users TO '/tmp/x'", { refused: 'this kind of statement is not supported', column: 1 }],
    ["COPY users FROM PROGRAM 'id'", { refused: 'this kind of statement is not supported', column: 1 }],
    ['DO $$BEGIN DELETE FROM users; END$$', { refused: 'this kind of statement is not supported', column: 1 }],
    ['SET search_path = x', { refused: 'this kind of statement is not supported', column: 1 }],
    ['SHOW server_version', { refused: 'this kind of statement is not supported', column: 1 }],
    ['EXPLAIN ANALYZE DELETE FROM users', { refused: 'this kind of statement is not supported', column: 1 }],
    ['CALL p()', { refused: 'this kind of statement is not supported', column: 1 }],
    ['CREATE VIEW v AS SELECT * FROM users', { refused: 'this kind of statement is not supported', column: 1 }],
    ['CREATE INDEX i ON users (id)', { refused: 'this kind of statement is not supported', column: 1 }],
    [
      "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
      { refused: 'this kind of statement is not supported', column: 1 },
    ],
    ['CREATE TABLE x (LIKE users)', { refused: 'this part of a table is not supported', column: 14 }],
    [
      'CREATE TABLE x () INHERITS (users)',
      { refused: 'tables that depend on other tables or types are not supported', column: 14 },
    ],
    [
      'CREATE MATERIALIZED VIEW v AS SELECT * FROM users',
      { refused: 'this kind of statement is not supported', column: 1 },
    ],
    ['DROP VIEW users', { refused: 'this kind of statement is not supported', column: 1 }],
    ['DROP SCHEMA public CASCADE', { refused: 'this kind of statement is not supported', column: 1 }],
    ['GRANT ALL ON users TO public', { refused: 'this kind of statement is not supported', column: 1 }],
    ['LOCK TABLE users', { refused: 'this kind of statement is not supported', column: 1 }],
    ['BEGIN', { refused: 'this kind of statement is not supported', column: 1 }],
    [
      'MERGE INTO users USING orders ON users.id = orders.user_id WHEN MATCHED THEN DELETE',
      { refused: 'this kind of statement is not supported', column: 1 },
    ],
    ['PREPARE p AS SELECT * FROM users', { refused: 'this kind of statement is not supported', column: 1 }],
    ['LISTEN x', { refused: 'this kind of statement is not supported', column: 1 }],
    ['ALTER TABLE users OWNER TO postgres', { refused: 'this change of a table is not supported', column: 19 }],
    ['ALTER TABLE users SET SCHEMA other', { refused: 'this kind of statement is not supported', column: 1 }],
    ['ALTER TABLE users ENABLE ROW LEVEL SECURITY', { refused: 'this change of a table is not supported', column: 19 }],
    ['REFRESH MATERIALIZED VIEW users', { refused: 'this kind of statement is not supported', column: 1 }],
    ["COMMENT ON TABLE users IS 'x'", { refused: 'this kind of statement is not supported', column: 1 }],
    ['VACUUM users', { refused: 'this kind of statement is not supported', column: 1 }],
  ],
  'other objects': [
    [
      "INSERT INTO users (id, name) VALUES (1, 'n') ON CONFLICT ON CONSTRAINT users_pkey DO NOTHING",
      "INSERT INTO t_users (c_id,c_name) VALUES (1,'n') ON CONFLICT ON CONSTRAINT users_pkey DO NOTHING",
    ],
    ['SELECT * FROM pg_catalog.pg_authid', 'SELECT * FROM pg_catalog.pg_authid'],
    ['SELECT * FROM information_schema.tables', 'SELECT * FROM information_schema.tables'],
    [
      "SELECT pg_read_file('/etc/passwd'), pg_sleep(1), current_setting('x') FROM users",
      "SELECT pg_read_file('/etc/passwd'),pg_sleep(1),current_setting('x') FROM t_users",
    ],
    [
      "SELECT query_to_xml('SELECT * FROM t_users', true, true, '')",
      "SELECT query_to_xml('SELECT * FROM t_users',TRUE,TRUE,'')",
    ],
    [
      'SELECT name FROM users WHERE id IN (SELECT c_id FROM t_users)',
      { refused: 'the table is named by its new name', column: 54 },
    ],
  ],
  definitions: [
    [
      "CREATE TABLE users (id bigint PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x' CHECK (length(name) > 0), age int REFERENCES orders (id) ON DELETE CASCADE, UNIQUE (name, age), CONSTRAINT fk FOREIGN KEY (age) REFERENCES orders (total))",
      "CREATE TABLE t_users (c_id bigint PRIMARY KEY,c_name varchar(20) NOT NULL DEFAULT 'x' CHECK (length(c_name)>0),c_age int REFERENCES t_orders (o_id) ON DELETE CASCADE,UNIQUE (c_name,c_age),CONSTRAINT fk FOREIGN KEY (c_age) REFERENCES t_orders (o_total))",
    ],
    ['CREATE TEMP TABLE users AS SELECT id FROM orders', 'CREATE TEMP TABLE t_users AS SELECT o_id FROM t_orders'],
    [
      'CREATE TABLE IF NOT EXISTS items (a int GENERATED ALWAYS AS IDENTITY, b numeric(10, 2)[])',
      'CREATE TABLE IF NOT EXISTS t_items (a int GENERATED ALWAYS AS IDENTITY,b numeric(10,2)[])',
    ],
    [
      "ALTER TABLE users ADD COLUMN extra text DEFAULT 'x', DROP COLUMN age, ALTER COLUMN name TYPE varchar(9) USING substr(name, 1, 9), ALTER id SET NOT NULL",
      "ALTER TABLE t_users ADD COLUMN extra text DEFAULT 'x',DROP COLUMN c_age,ALTER COLUMN c_name TYPE VARCHAR (9) USING substr(c_name,1,9),ALTER c_id SET NOT NULL",
    ],
    [
      'ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0), DROP CONSTRAINT d',
      'ALTER TABLE t_users ADD CONSTRAINT c CHECK (c_age>0),DROP CONSTRAINT d',
    ],
    ['ALTER TABLE users RENAME COLUMN name TO title', 'ALTER TABLE t_users RENAME COLUMN c_name TO title'],
    ['ALTER TABLE users RENAME TO people', 'ALTER TABLE t_users RENAME TO people'],
    ['DROP TABLE IF EXISTS users, orders CASCADE', 'DROP TABLE IF EXISTS t_users,t_orders CASCADE'],
    ['TRUNCATE users, orders RESTART IDENTITY', 'TRUNCATE t_users,t_orders RESTART IDENTITY'],
  ],
}
