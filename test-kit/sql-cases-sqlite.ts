import type { HardCases } from './sql-cases.ts'

/** Statements of SQLite with what they become, by topic. */
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
      "WITH users AS (SELECT 1 AS id, 'cte' AS name) SELECT id, name FROM users",
      "WITH users AS (SELECT 1 AS id,'cte' AS name) SELECT id,name FROM users",
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
      'WITH b AS (SELECT * FROM a), a AS (SELECT id FROM users) SELECT id FROM b ORDER BY 1',
      'WITH b AS (SELECT * FROM a),a AS (SELECT c_id FROM t_users) SELECT c_id FROM b ORDER BY 1',
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
      'SELECT name FROM users WHERE id IN (WITH c AS (SELECT user_id FROM orders WHERE total > 15) SELECT user_id FROM c) ORDER BY name',
      'SELECT c_name FROM t_users WHERE c_id IN (WITH c AS (SELECT o_user FROM t_orders WHERE o_total>15) SELECT o_user FROM c) ORDER BY c_name',
    ],
    [
      'SELECT (WITH c AS (SELECT max(total) AS m FROM orders WHERE user_id = u.id) SELECT m FROM c) FROM users u ORDER BY u.id',
      'SELECT (WITH c AS (SELECT max(o_total) AS m FROM t_orders WHERE o_user=u.c_id) SELECT m FROM c) FROM t_users AS u ORDER BY u.c_id',
    ],
    [
      'WITH c AS (SELECT id FROM users) INSERT INTO items (id, order_id) SELECT id + 100, id FROM c',
      'WITH c AS (SELECT c_id FROM t_users) INSERT INTO t_items (id,order_id) SELECT c_id+100,c_id FROM c',
    ],
    [
      'WITH old AS (SELECT id FROM orders WHERE total < 15) DELETE FROM orders WHERE id IN (SELECT id FROM old)',
      'WITH old AS (SELECT o_id FROM t_orders WHERE o_total<15) DELETE FROM t_orders WHERE o_id IN (SELECT o_id FROM old)',
    ],
    [
      'WITH m AS (SELECT user_id, sum(total) AS s FROM orders GROUP BY user_id) UPDATE users SET age = (SELECT s FROM m WHERE m.user_id = users.id) WHERE id IN (SELECT user_id FROM m)',
      'WITH m AS (SELECT o_user,sum(o_total) AS s FROM t_orders GROUP BY o_user) UPDATE t_users SET c_age=(SELECT s FROM m WHERE m.o_user=t_users.c_id) WHERE c_id IN (SELECT o_user FROM m)',
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
      'SELECT * FROM (SELECT id FROM users UNION SELECT user_id FROM orders) ORDER BY id',
      'SELECT * FROM (SELECT c_id FROM t_users UNION SELECT o_user FROM t_orders) ORDER BY c_id',
    ],
    [
      'SELECT d.id FROM (SELECT * FROM (SELECT * FROM users)) d WHERE d.age IS NOT NULL ORDER BY age',
      'SELECT d.c_id FROM (SELECT * FROM (SELECT * FROM t_users)) AS d WHERE d.c_age IS NOT NULL ORDER BY c_age',
    ],
    [
      'SELECT x.id, y.id FROM (SELECT id FROM users) x, (SELECT id FROM orders) y WHERE x.id = y.id ORDER BY x.id',
      'SELECT x.c_id,y.o_id FROM (SELECT c_id FROM t_users) AS x,(SELECT o_id FROM t_orders) AS y WHERE x.c_id=y.o_id ORDER BY x.c_id',
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
      'SELECT a.name, b.name FROM users a JOIN users b ON a.age < b.age ORDER BY a.id, b.id',
      'SELECT a.c_name,b.c_name FROM t_users AS a JOIN t_users AS b ON a.c_age<b.c_age ORDER BY a.c_id,b.c_id',
    ],
    [
      'SELECT u.id FROM (users u JOIN orders o ON o.user_id = u.id) WHERE o.total > 10 ORDER BY u.id, o.id',
      'SELECT u.c_id FROM (t_users AS u JOIN t_orders AS o ON o.o_user=u.c_id) WHERE o.o_total>10 ORDER BY u.c_id,o.o_id',
    ],
    [
      'SELECT j.name FROM (users JOIN items ON items.order_id = users.age) AS j ORDER BY 1',
      'SELECT j.c_name FROM (t_users JOIN t_items ON t_items.order_id=t_users.c_age) AS j ORDER BY 1',
    ],
    [
      'SELECT users.name, count(*) FROM users CROSS JOIN items GROUP BY users.name ORDER BY users.name',
      'SELECT t_users.c_name,count(*) FROM t_users CROSS JOIN t_items GROUP BY t_users.c_name ORDER BY t_users.c_name',
    ],
    ['SELECT id FROM users, orders o WHERE o.user_id = users.id', { refused: 'the name is ambiguous', column: 8 }],
    [
      'SELECT u.id, o.id FROM users u, orders o WHERE u.id = o.user_id AND total = (SELECT max(total) FROM orders) ORDER BY u.id',
      'SELECT u.c_id,o.o_id FROM t_users AS u,t_orders AS o WHERE u.c_id=o.o_user AND o_total=(SELECT max(o_total) FROM t_orders) ORDER BY u.c_id',
    ],
    [
      'SELECT * FROM users NATURAL JOIN orders',
      { refused: 'NATURAL joins of renamed columns are not supported', column: 21 },
    ],
    [
      'SELECT * FROM items NATURAL JOIN (SELECT 1 AS id) ORDER BY 1',
      'SELECT * FROM t_items NATURAL JOIN (SELECT 1 AS id) ORDER BY 1',
    ],
    [
      'SELECT name FROM users JOIN orders USING (id)',
      { refused: 'a USING column has different names on both sides', column: 43 },
    ],
    [
      'SELECT x.sku FROM items x JOIN items y USING (id, sku) ORDER BY x.id',
      'SELECT x.sku FROM t_items AS x JOIN t_items AS y USING (id,sku) ORDER BY x.id',
    ],
    [
      'SELECT name FROM users WHERE (id, age) IN (SELECT user_id, total FROM orders) OR age = 41 ORDER BY id',
      'SELECT c_name FROM t_users WHERE (c_id,c_age) IN (SELECT o_user,o_total FROM t_orders) OR c_age=41 ORDER BY c_id',
    ],
    [
      'SELECT name FROM users RIGHT JOIN orders ON users.id = orders.user_id ORDER BY orders.id',
      'SELECT c_name FROM t_users RIGHT JOIN t_orders ON t_users.c_id=t_orders.o_user ORDER BY t_orders.o_id',
    ],
    [
      'SELECT u.name FROM users u FULL OUTER JOIN orders o ON u.id = o.user_id ORDER BY u.id, o.id',
      'SELECT u.c_name FROM t_users AS u FULL OUTER JOIN t_orders AS o ON u.c_id=o.o_user ORDER BY u.c_id,o.o_id',
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
      'SELECT name FROM users WHERE age > (SELECT avg(age) FROM users) ORDER BY name',
      'SELECT c_name FROM t_users WHERE c_age>(SELECT avg(c_age) FROM t_users) ORDER BY c_name',
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
      'SELECT id FROM items WHERE EXISTS (SELECT 1 FROM users WHERE name = sku)',
      'SELECT id FROM t_items WHERE EXISTS (SELECT 1 FROM t_users WHERE c_name=sku)',
    ],
    [
      'SELECT u.name FROM users u WHERE u.id IN (SELECT o.user_id FROM orders o WHERE o.total > u.age) ORDER BY 1',
      'SELECT u.c_name FROM t_users AS u WHERE u.c_id IN (SELECT o.o_user FROM t_orders AS o WHERE o.o_total>u.c_age) ORDER BY 1',
    ],
    [
      'SELECT age IN (SELECT total FROM orders), age NOT IN (1, 2, 3) FROM users ORDER BY id',
      'SELECT c_age IN (SELECT o_total FROM t_orders),c_age NOT IN (1,2,3) FROM t_users ORDER BY c_id',
    ],
    [
      'SELECT 41 IN (SELECT age FROM users), NOT EXISTS (SELECT 1 FROM orders WHERE total IS NULL)',
      'SELECT 41 IN (SELECT c_age FROM t_users),NOT EXISTS (SELECT 1 FROM t_orders WHERE o_total IS NULL)',
    ],
    [
      "SELECT sum(total) FROM orders WHERE user_id IN (SELECT id FROM users WHERE users.name LIKE 'A%')",
      "SELECT sum(o_total) FROM t_orders WHERE o_user IN (SELECT c_id FROM t_users WHERE t_users.c_name LIKE 'A%')",
    ],
  ],
  'labels and ordering': [
    ['SELECT id AS name FROM users ORDER BY name', 'SELECT c_id AS name FROM t_users ORDER BY name'],
    ['SELECT name AS id, age FROM users ORDER BY id DESC', 'SELECT c_name AS id,c_age FROM t_users ORDER BY id DESC'],
    ['SELECT age * 2 AS age FROM users ORDER BY age', 'SELECT c_age*2 AS age FROM t_users ORDER BY age'],
    [
      'SELECT age * 2 AS x FROM users WHERE x > 50 ORDER BY x',
      'SELECT c_age*2 AS x FROM t_users WHERE x>50 ORDER BY x',
    ],
    [
      'SELECT id FROM users ORDER BY age DESC, name COLLATE NOCASE, id LIMIT 2 OFFSET 1',
      'SELECT c_id FROM t_users ORDER BY c_age DESC,c_name COLLATE NOCASE,c_id LIMIT 2 OFFSET 1',
    ],
    ['SELECT id x FROM users u ORDER BY x', 'SELECT c_id AS x FROM t_users AS u ORDER BY x'],
    [`SELECT id 'x y', name "n" FROM users ORDER BY 1`, `SELECT c_id AS 'x y',c_name AS "n" FROM t_users ORDER BY 1`],
    [
      'SELECT name, max(age) FROM users GROUP BY name HAVING max(age) > 20 ORDER BY name',
      'SELECT c_name,max(c_age) FROM t_users GROUP BY c_name HAVING max(c_age)>20 ORDER BY c_name',
    ],
    [
      'SELECT age / 10 AS decade, count(*) AS n FROM users GROUP BY decade HAVING n > 0 ORDER BY decade',
      'SELECT c_age/10 AS decade,count(*) AS n FROM t_users GROUP BY decade HAVING n>0 ORDER BY decade',
    ],
    [
      'SELECT user_id FROM orders GROUP BY user_id HAVING sum(total) > 20 ORDER BY sum(total) DESC',
      'SELECT o_user FROM t_orders GROUP BY o_user HAVING sum(o_total)>20 ORDER BY sum(o_total) DESC',
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
      'SELECT name FROM users EXCEPT SELECT note FROM orders ORDER BY name',
      'SELECT c_name FROM t_users EXCEPT SELECT o_note FROM t_orders ORDER BY c_name',
    ],
    [
      'SELECT name FROM users INTERSECT SELECT note FROM orders ORDER BY 1',
      'SELECT c_name FROM t_users INTERSECT SELECT o_note FROM t_orders ORDER BY 1',
    ],
    [
      'SELECT id FROM items UNION SELECT total FROM orders ORDER BY total',
      'SELECT id FROM t_items UNION SELECT o_total FROM t_orders ORDER BY o_total',
    ],
    ['SELECT DISTINCT user_id FROM orders ORDER BY user_id', 'SELECT DISTINCT o_user FROM t_orders ORDER BY o_user'],
    [
      'SELECT u.id FROM users u JOIN orders o ON o.user_id = u.id ORDER BY u.id, o.total',
      'SELECT u.c_id FROM t_users AS u JOIN t_orders AS o ON o.o_user=u.c_id ORDER BY u.c_id,o.o_total',
    ],
    ['VALUES (1, 2), (3, 4)', 'VALUES (1,2),(3,4)'],
    ['SELECT * FROM (VALUES (1, 2), (3, 4)) ORDER BY column1', 'SELECT * FROM (VALUES (1,2),(3,4)) ORDER BY column1'],
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
      "SELECT user_id, count(*) FILTER (WHERE total > 10), group_concat(note, ',' ORDER BY id) FROM orders GROUP BY user_id ORDER BY user_id",
      "SELECT o_user,count(*) FILTER (WHERE o_total>10),group_concat(o_note,',' ORDER BY o_id) FROM t_orders GROUP BY o_user ORDER BY o_user",
    ],
    [
      'SELECT id, sum(total) OVER (w ROWS UNBOUNDED PRECEDING) FROM orders WINDOW w AS (ORDER BY id)',
      'SELECT o_id,sum(o_total) OVER (w ROWS UNBOUNDED PRECEDING) FROM t_orders WINDOW w AS (ORDER BY o_id)',
    ],
    [
      'SELECT max(age, 30), min(age), total(age) FROM users',
      'SELECT max(c_age,30),min(c_age),total(c_age) FROM t_users',
    ],
    [
      'SELECT count(DISTINCT user_id), avg(total) FROM orders',
      'SELECT count(DISTINCT o_user),avg(o_total) FROM t_orders',
    ],
    [
      'SELECT name FROM users WHERE age = (SELECT max(age) OVER () FROM users LIMIT 1)',
      'SELECT c_name FROM t_users WHERE c_age=(SELECT max(c_age) OVER () FROM t_users LIMIT 1)',
    ],
    [
      'SELECT first_value(name) OVER (ORDER BY age GROUPS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES) FROM users ORDER BY id',
      'SELECT first_value(c_name) OVER (ORDER BY c_age GROUPS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE TIES) FROM t_users ORDER BY c_id',
    ],
  ],
  'JSON and functions': [
    [
      "SELECT data ->> '$.city', data -> 'tags', json_extract(data, '$.city') FROM users ORDER BY id",
      "SELECT c_data->>'$.city',c_data->'tags',json_extract(c_data,'$.city') FROM t_users ORDER BY c_id",
    ],
    [
      "SELECT name, j.value FROM users, json_each(users.data, '$.tags') AS j ORDER BY name, j.value",
      "SELECT c_name,j.value FROM t_users,json_each(t_users.c_data,'$.tags') AS j ORDER BY c_name,j.value",
    ],
    [
      "SELECT u.name, value FROM users u, json_each(u.data, '$.tags') WHERE value <> 'b' ORDER BY u.name, value",
      "SELECT u.c_name,value FROM t_users AS u,json_each(u.c_data,'$.tags') WHERE value<>'b' ORDER BY u.c_name,value",
    ],
    [
      "SELECT name FROM users WHERE EXISTS (SELECT 1 FROM json_each(data, '$.tags') WHERE value = 'a') ORDER BY name",
      "SELECT c_name FROM t_users WHERE EXISTS (SELECT 1 FROM json_each(c_data,'$.tags') WHERE value='a') ORDER BY c_name",
    ],
    [
      "SELECT coalesce(email, name) || '!' , length(name), upper(substr(name, 1, 2)), iif(age > 30, 'old', 'young') FROM users ORDER BY id",
      "SELECT coalesce(c_email,c_name)||'!',length(c_name),upper(substr(c_name,1,2)),iif(c_age>30,'old','young') FROM t_users ORDER BY c_id",
    ],
    [
      "SELECT CASE WHEN age > 40 THEN 'x' WHEN age > 30 THEN 'y' ELSE name END, CASE age WHEN 41 THEN 1 END FROM users ORDER BY id",
      "SELECT CASE WHEN c_age>40 THEN 'x' WHEN c_age>30 THEN 'y' ELSE c_name END,CASE c_age WHEN 41 THEN 1 END FROM t_users ORDER BY c_id",
    ],
    [
      "SELECT CAST(age AS TEXT) || '', typeof(CAST(age AS VARCHAR(10))), age COLLATE BINARY FROM users ORDER BY id",
      "SELECT CAST (c_age AS TEXT)||'',typeof(CAST (c_age AS VARCHAR(10))),c_age COLLATE BINARY FROM t_users ORDER BY c_id",
    ],
    [
      "SELECT name LIKE 'A%' ESCAPE '\\', name GLOB 'A*', age BETWEEN 20 AND 40, email ISNULL, email NOTNULL, email IS NOT DISTINCT FROM name FROM users ORDER BY id",
      "SELECT c_name LIKE 'A%' ESCAPE '\\',c_name GLOB 'A*',c_age BETWEEN 20 AND 40,c_email ISNULL,c_email NOTNULL,c_email IS NOT DISTINCT FROM c_name FROM t_users ORDER BY c_id",
    ],
    [
      'SELECT -age, +age, ~age, - -age, age - -1, age % 7, age << 1, age & 3 | 4, NOT age = 1, age <> 2, age != 2, age == 41 FROM users ORDER BY id',
      'SELECT -c_age,+c_age,~c_age,- -c_age,c_age- -1,c_age%7,c_age<<1,c_age&3|4,NOT c_age=1,c_age<>2,c_age!=2,c_age==41 FROM t_users ORDER BY c_id',
    ],
    [
      "SELECT 1.5e3, .5, 0x1F, x'ff00', NULL, TRUE, false, 1_000, 'it''s' FROM users LIMIT 1",
      "SELECT 1.5e3,.5,0x1F,x'ff00',NULL,TRUE,false,1_000,'it''s' FROM t_users LIMIT 1",
    ],
    [
      "SELECT date('2024-01-01', '+1 day'), CURRENT_DATE IS NOT NULL FROM users LIMIT 1",
      "SELECT date('2024-01-01','+1 day'),CURRENT_DATE IS NOT NULL FROM t_users LIMIT 1",
    ],
    [
      "SELECT name || ' (' || age || ')' FROM users WHERE name IS NOT NULL AND (age > 1 OR age IS NULL) ORDER BY id",
      "SELECT c_name||' ('||c_age||')' FROM t_users WHERE c_name IS NOT NULL AND (c_age>1 OR c_age IS NULL) ORDER BY c_id",
    ],
  ],
  writes: [
    [
      "INSERT INTO users (id, name) VALUES (10, 'Zed'), (11, NULL)",
      "INSERT INTO t_users (c_id,c_name) VALUES (10,'Zed'),(11,NULL)",
    ],
    ["INSERT INTO users VALUES (12, 'Yan', 1, NULL, NULL)", "INSERT INTO t_users VALUES (12,'Yan',1,NULL,NULL)"],
    ['INSERT INTO users DEFAULT VALUES', 'INSERT INTO t_users DEFAULT VALUES'],
    [
      "INSERT OR IGNORE INTO users (id, name) VALUES (1, 'dup'), (13, 'new')",
      "INSERT OR IGNORE INTO t_users (c_id,c_name) VALUES (1,'dup'),(13,'new')",
    ],
    [
      "INSERT OR REPLACE INTO users (id, name, age) VALUES (1, 'rep', 1)",
      "INSERT OR REPLACE INTO t_users (c_id,c_name,c_age) VALUES (1,'rep',1)",
    ],
    ["REPLACE INTO users (id, name) VALUES (2, 'r2')", "REPLACE INTO t_users (c_id,c_name) VALUES (2,'r2')"],
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
      'INSERT INTO users (id, name) SELECT id, note FROM orders WHERE true ON CONFLICT (id) DO UPDATE SET (name, age) = (excluded.name, 5)',
      'INSERT INTO t_users (c_id,c_name) SELECT o_id,o_note FROM t_orders WHERE true ON CONFLICT (c_id) DO UPDATE SET (c_name,c_age)=(excluded.c_name,5)',
    ],
    [
      "INSERT INTO users (id, email) VALUES (1, 'e'), (2, 'f') ON CONFLICT (id) DO UPDATE SET email = excluded.email RETURNING id, email AS mail, users.name",
      "INSERT INTO t_users (c_id,c_email) VALUES (1,'e'),(2,'f') ON CONFLICT (c_id) DO UPDATE SET c_email=excluded.c_email RETURNING c_id,c_email AS mail,t_users.c_name",
    ],
    [
      "INSERT INTO users (id, name) VALUES ((SELECT max(id) + 1 FROM users), 'sub')",
      "INSERT INTO t_users (c_id,c_name) VALUES ((SELECT max(c_id)+1 FROM t_users),'sub')",
    ],
    [
      "INSERT INTO items (id, sku) VALUES (9, 'n') RETURNING *",
      "INSERT INTO t_items (id,sku) VALUES (9,'n') RETURNING *",
    ],
    [
      'UPDATE users SET name = upper(name), age = age + 1 WHERE id IN (SELECT user_id FROM orders)',
      'UPDATE t_users SET c_name=upper(c_name), c_age=c_age+1 WHERE c_id IN (SELECT o_user FROM t_orders)',
    ],
    ["UPDATE users SET (name, age) = ('t', 7) WHERE id = 1", "UPDATE t_users SET (c_name,c_age)=('t',7) WHERE c_id=1"],
    [
      'UPDATE users SET (name, age) = (SELECT note, total FROM orders WHERE user_id = users.id ORDER BY total LIMIT 1) WHERE id < 3',
      'UPDATE t_users SET (c_name,c_age)=(SELECT o_note,o_total FROM t_orders WHERE o_user=t_users.c_id ORDER BY o_total LIMIT 1) WHERE c_id<3',
    ],
    [
      'UPDATE users AS u SET age = o.total FROM orders AS o WHERE o.user_id = u.id AND o.total > 15',
      'UPDATE t_users AS u SET c_age=o.o_total FROM t_orders AS o WHERE o.o_user=u.c_id AND o.o_total>15',
    ],
    [
      'UPDATE users SET age = total FROM orders WHERE user_id = users.id AND orders.id = 1',
      'UPDATE t_users SET c_age=o_total FROM t_orders WHERE o_user=t_users.c_id AND t_orders.o_id=1',
    ],
    ['UPDATE OR IGNORE users SET id = 1 WHERE id = 2', 'UPDATE OR IGNORE t_users SET c_id=1 WHERE c_id=2'],
    ['UPDATE users SET email = NULL RETURNING id, name', 'UPDATE t_users SET c_email=NULL RETURNING c_id,c_name'],
    [
      "DELETE FROM orders WHERE user_id = (SELECT id FROM users WHERE name = 'Ann')",
      "DELETE FROM t_orders WHERE o_user=(SELECT c_id FROM t_users WHERE c_name='Ann')",
    ],
    [
      'DELETE FROM orders AS o WHERE o.total < 15 OR EXISTS (SELECT 1 FROM users u WHERE u.id = o.user_id AND u.age > 40)',
      'DELETE FROM t_orders AS o WHERE o.o_total<15 OR EXISTS (SELECT 1 FROM t_users AS u WHERE u.c_id=o.o_user AND u.c_age>40)',
    ],
    ['DELETE FROM users RETURNING name, age * 2 AS twice', 'DELETE FROM t_users RETURNING c_name,c_age*2 AS twice'],
  ],
  'quoting, comments, unicode': [
    [
      'SELECT "id", [name], `age` FROM "users" WHERE "users"."age" > 1 ORDER BY [id]',
      'SELECT "c_id","c_name","c_age" FROM "t_users" WHERE "t_users"."c_age">1 ORDER BY "c_id"',
    ],
    ["SELECT 'users'.'id' FROM 'users' ORDER BY 1", 'SELECT t_users.c_id FROM t_users ORDER BY 1'],
    [
      'SELECT U.ID, "U"."NAME" FROM USERS U WHERE u.Age > 1 ORDER BY U.iD',
      'SELECT U.c_id,"U"."c_name" FROM t_users AS U WHERE u.c_age>1 ORDER BY U.c_id',
    ],
    ['SELECT/* id */id--x', 'SELECT id'],
    ['SELECT id /* ; DROP TABLE users; */ FROM users -- WHERE id = 1', 'SELECT c_id FROM t_users'],
    [
      'SELECT "na""me" FROM (SELECT name AS "na""me" FROM users) ORDER BY 1',
      'SELECT "na""me" FROM (SELECT c_name AS "na""me" FROM t_users) ORDER BY 1',
    ],
    [
      'SELECT "select", [from] FROM (SELECT id AS "select", name AS [from] FROM users) ORDER BY 1',
      'SELECT "select",[from] FROM (SELECT c_id AS "select",c_name AS [from] FROM t_users) ORDER BY 1',
    ],
    [
      `SELECT name AS "имя", '日本' AS 日本 FROM users AS ü WHERE ü.name <> '👩‍👩‍👧' ORDER BY ü.id`,
      `SELECT c_name AS "имя",'日本' AS 日本 FROM t_users AS ü WHERE ü.c_name<>'👩‍👩‍👧' ORDER BY ü.c_id`,
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
      "SELECT id FROM users WHERE name = 'O''Brien' OR 1 = 1 ORDER BY id ;;",
      "SELECT c_id FROM t_users WHERE c_name='O''Brien' OR 1=1 ORDER BY c_id",
    ],
    ['SELECT rowid, id FROM users ORDER BY rowid', 'SELECT rowid,c_id FROM t_users ORDER BY rowid'],
    ['SELECT main.users.id FROM main.users', { refused: 'the table must be named without a schema', column: 32 }],
    ['SELECT id FROM temp.users', { refused: 'the table must be named without a schema', column: 21 }],
    [
      'SELECT users.* , orders.total FROM users JOIN orders ON orders.user_id = users.id ORDER BY orders.id',
      'SELECT t_users.*,t_orders.o_total FROM t_users JOIN t_orders ON t_orders.o_user=t_users.c_id ORDER BY t_orders.o_id',
    ],
    ['SELECT u.*, u.id FROM users AS u ORDER BY u.id', 'SELECT u.*,u.c_id FROM t_users AS u ORDER BY u.c_id'],
    ['SELECT count(*) , * FROM users', 'SELECT count(*),* FROM t_users'],
    ['SELECT name FROM users INDEXED BY nope WHERE id = 1', 'SELECT c_name FROM t_users INDEXED BY nope WHERE c_id=1'],
    ['SELECT name FROM users NOT INDEXED ORDER BY id', 'SELECT c_name FROM t_users NOT INDEXED ORDER BY c_id'],
  ],
  refused: [
    ['SELECT orders.id FROM users AS orders', { refused: 'an alias is the name of a mapped table', column: 32 }],
    ['SELECT id FROM users JOIN orders ON 1 = 1', { refused: 'the name is ambiguous', column: 8 }],
    ['SELECT t_users.id FROM users', 'SELECT t_users.id FROM t_users'],
    ['SELECT o_id FROM users JOIN orders ON user_id = users.id', { refused: 'the name is ambiguous', column: 8 }],
    [
      'WITH t_users AS (SELECT 1 AS c_id) SELECT id FROM users',
      { refused: 'a common table expression hides the table', column: 51 },
    ],
    [
      'SELECT u.id FROM users u JOIN orders t_users ON t_users.user_id = u.id ORDER BY 1, total',
      'SELECT u.c_id FROM t_users AS u JOIN t_orders AS t_users ON t_users.o_user=u.c_id ORDER BY 1,o_total',
    ],
    ['SELECT users.id FROM users JOIN items t_users ON 1 = 1', { refused: 'the name is ambiguous', column: 8 }],
    ['PRAGMA table_info(users)', { refused: 'this kind of statement is not supported', column: 1 }],
    ["ATTACH DATABASE 'x' AS y", { refused: 'this kind of statement is not supported', column: 1 }],
    ['VACUUM', { refused: 'this kind of statement is not supported', column: 1 }],
    ['EXPLAIN SELECT * FROM users', { refused: 'this kind of statement is not supported', column: 1 }],
    ['CREATE VIEW v AS SELECT * FROM users', { refused: 'this kind of statement is not supported', column: 1 }],
    ['CREATE INDEX i ON users (id)', { refused: 'this kind of statement is not supported', column: 1 }],
    [
      'CREATE TRIGGER x AFTER INSERT ON users BEGIN DELETE FROM users; END',
      { refused: 'exactly one statement is accepted', column: 65 },
    ],
    ['CREATE VIRTUAL TABLE f USING fts5(a)', { refused: 'this kind of statement is not supported', column: 1 }],
    ['DROP INDEX i', { refused: 'this kind of statement is not supported', column: 1 }],
    ['BEGIN', { refused: 'this kind of statement is not supported', column: 1 }],
    ['SAVEPOINT x', { refused: 'this kind of statement is not supported', column: 1 }],
    ['SELECT id FROM users; DELETE FROM users', { refused: 'exactly one statement is accepted', column: 23 }],
    ['SELECT id FROM users WHERE', { refused: 'failed to parse SQL', column: 27 }],
    ["SELECT id FROM users WHERE name = 'x", { refused: 'failed to parse SQL: a text is not closed', column: 35 }],
    ['SELECT id FROM users /* open', { refused: 'failed to parse SQL: a comment is not closed', column: 22 }],
    ['SELECT id FROM "users', { refused: 'failed to parse SQL: a quoted name is not closed', column: 16 }],
    ['SELECT id FROM users WHERE id = $$x$$', 'SELECT c_id FROM t_users WHERE c_id=$$x$$'],
    ['SELECT id FROM users WHERE id = 1 GROUP', { refused: 'failed to parse SQL', column: 40 }],
    ['SELECT id, FROM users', { refused: 'failed to parse SQL near FROM', column: 12 }],
    ['SELECT * FROM users WHERE id ==', { refused: 'failed to parse SQL', column: 32 }],
    ['SELECT id::int FROM users', { refused: 'failed to parse SQL: no token begins like this', column: 10 }],
    ['SELECT id FROM users LIMIT 1, 2', 'SELECT c_id FROM t_users LIMIT 1,2'],
    ['DELETE FROM users LIMIT 1', { refused: 'failed to parse SQL near LIMIT', column: 19 }],
    ['UPDATE users SET', { refused: 'failed to parse SQL', column: 17 }],
    ['INSERT INTO users (id, name) VALUES', { refused: 'failed to parse SQL', column: 36 }],
  ],
  definitions: [
    [
      "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x' CHECK (length(name) > 0), age INT REFERENCES orders (id), UNIQUE (name, age), FOREIGN KEY (age) REFERENCES orders (total))",
      "CREATE TABLE t_users (c_id INTEGER PRIMARY KEY,c_name TEXT NOT NULL DEFAULT 'x' CHECK (length(c_name)>0),c_age INT REFERENCES t_orders (o_id),UNIQUE (c_name,c_age),FOREIGN KEY (c_age) REFERENCES t_orders (o_total))",
    ],
    ['CREATE TEMP TABLE users AS SELECT id FROM orders', 'CREATE TEMP TABLE t_users AS SELECT o_id FROM t_orders'],
    [
      'CREATE TABLE IF NOT EXISTS items (a, b) WITHOUT ROWID, STRICT',
      'CREATE TABLE IF NOT EXISTS t_items (a,b) WITHOUT ROWID,STRICT',
    ],
    ["ALTER TABLE users ADD COLUMN extra TEXT DEFAULT 'x'", "ALTER TABLE t_users ADD COLUMN extra TEXT DEFAULT 'x'"],
    ['ALTER TABLE users RENAME COLUMN name TO title', 'ALTER TABLE t_users RENAME COLUMN c_name TO title'],
    ['ALTER TABLE users DROP COLUMN age', 'ALTER TABLE t_users DROP COLUMN c_age'],
    ['ALTER TABLE users RENAME TO people', 'ALTER TABLE t_users RENAME TO people'],
    ['DROP TABLE IF EXISTS users', 'DROP TABLE IF EXISTS t_users'],
  ],
  injection: [
    [
      "SELECT id FROM users WHERE name = '' OR '1' = '1' -- ' AND age = 1",
      "SELECT c_id FROM t_users WHERE c_name='' OR '1'='1'",
    ],
    [
      "SELECT id FROM users WHERE name = '' UNION SELECT c_id FROM t_users",
      { refused: 'the table is named by its new name', column: 61 },
    ],
    [
      'SELECT id FROM users WHERE id = 1; DROP TABLE users; --',
      { refused: 'exactly one statement is accepted', column: 36 },
    ],
    [
      'SELECT id FROM users WHERE id = (SELECT 1; DROP TABLE users)',
      { refused: 'exactly one statement is accepted', column: 44 },
    ],
    [
      "SELECT load_extension('x'), readfile('/etc/passwd') FROM users",
      "SELECT load_extension('x'),readfile('/etc/passwd') FROM t_users",
    ],
    ['SELECT id FROM users WHERE name = "x" OR id = 1', 'SELECT c_id FROM t_users WHERE c_name="x" OR c_id=1'],
    [
      "SELECT id FROM users WHERE name = char(39) || ';--' ORDER BY id",
      "SELECT c_id FROM t_users WHERE c_name=char(39)||';--' ORDER BY c_id",
    ],
    [
      'SELECT id FROM users WHERE "id" = 1 AND `name` <> [email]',
      'SELECT c_id FROM t_users WHERE "c_id"=1 AND "c_name"<>"c_email"',
    ],
    [
      "SELECT id FROM users WHERE name LIKE '%/*%' AND email NOT LIKE '%*/%'",
      "SELECT c_id FROM t_users WHERE c_name LIKE '%/*%' AND c_email NOT LIKE '%*/%'",
    ],
    [
      "INSERT INTO users (id, name) VALUES (77, 'a'); --'), (78, 'b')",
      "INSERT INTO t_users (c_id,c_name) VALUES (77,'a')",
    ],
    [
      "INSERT INTO users (id, name) VALUES (77, 'a''); DROP TABLE users; --')",
      "INSERT INTO t_users (c_id,c_name) VALUES (77,'a''); DROP TABLE users; --')",
    ],
    ["UPDATE users SET name = 'x' WHERE 1 = 1 /* AND id = 2 */", "UPDATE t_users SET c_name='x' WHERE 1=1"],
    ['DELETE FROM users WHERE id = 1 OR 1 --', 'DELETE FROM t_users WHERE c_id=1 OR 1'],
    [
      'SELECT id FROM users LIMIT (SELECT count(*) FROM orders)',
      'SELECT c_id FROM t_users LIMIT (SELECT count(*) FROM t_orders)',
    ],
    [
      'SELECT id FROM (SELECT * FROM users) AS users',
      { refused: 'an alias is the name of a mapped table', column: 41 },
    ],
  ],
  'other objects': [
    ['SELECT * FROM sqlite_master', 'SELECT * FROM sqlite_master'],
    ["SELECT name FROM sqlite_schema WHERE type = 'table'", "SELECT name FROM sqlite_schema WHERE type='table'"],
    ["SELECT * FROM pragma_table_info('users')", "SELECT * FROM pragma_table_info('users')"],
    ['SELECT * FROM t_users', { refused: 'the table is named by its new name', column: 15 }],
    ['DELETE FROM t_users', { refused: 'the table is named by its new name', column: 13 }],
    ['SELECT id FROM users WHERE id IN t_users', { refused: 'the table is named by its new name', column: 34 }],
    ['INSERT INTO T_Users (c_id) VALUES (1)', { refused: 'the table is named by its new name', column: 13 }],
  ],
}
