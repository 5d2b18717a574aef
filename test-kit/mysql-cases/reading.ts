import type { Renames } from './names.ts'

export const READING: Renames = {
  'common table expressions': [
    [
      'WITH c AS (SELECT id, name AS n FROM users) SELECT id, n FROM c WHERE c.id = 1',
      'WITH c AS (SELECT user_id,user_name AS n FROM new_users) SELECT user_id,n FROM c WHERE c.user_id=1',
    ],
    [
      'WITH c (x, y) AS (SELECT id, name FROM users) SELECT x, c.y FROM c',
      'WITH c (x,y) AS (SELECT user_id,user_name FROM new_users) SELECT x,c.y FROM c',
    ],
    [
      'WITH c AS (SELECT * FROM users) SELECT id, c.name FROM c',
      'WITH c AS (SELECT * FROM new_users) SELECT user_id,c.user_name FROM c',
    ],
    [
      'WITH users AS (SELECT order_id AS id FROM orders) SELECT id FROM users',
      'WITH users AS (SELECT id AS id FROM new_orders) SELECT id FROM users',
    ],
    [
      'WITH users AS (SELECT * FROM users) SELECT users.id FROM users',
      'WITH users AS (SELECT * FROM new_users) SELECT users.user_id FROM users',
    ],
    [
      'WITH RECURSIVE t AS (SELECT id, age FROM users WHERE age = 31 UNION ALL SELECT u.id, u.age FROM users u JOIN t ON u.age = t.id) SELECT id, age FROM t',
      'WITH RECURSIVE t AS (SELECT user_id,user_age FROM new_users WHERE user_age=31 UNION ALL SELECT u.user_id,u.user_age FROM new_users AS u JOIN t ON u.user_age=t.user_id) SELECT user_id,user_age FROM t',
    ],
    [
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i, u.name FROM n LEFT JOIN users u ON u.id = i ORDER BY i',
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<3) SELECT i,u.user_name FROM n LEFT JOIN new_users AS u ON u.user_id=i ORDER BY i',
    ],
    [
      'WITH a AS (SELECT id FROM users), b AS (SELECT id FROM a) SELECT b.id, (SELECT MAX(id) FROM a) FROM b',
      'WITH a AS (SELECT user_id FROM new_users),b AS (SELECT user_id FROM a) SELECT b.user_id,(SELECT MAX(user_id) FROM a) FROM b',
    ],
    [
      'WITH a AS (WITH b AS (SELECT id FROM users) SELECT id FROM b) SELECT id FROM a',
      'WITH a AS (WITH b AS (SELECT user_id FROM new_users) SELECT user_id FROM b) SELECT user_id FROM a',
    ],
    [
      'WITH c AS (SELECT id FROM users) UPDATE users SET age = 1 WHERE id IN (SELECT id FROM c)',
      'WITH c AS (SELECT user_id FROM new_users) UPDATE new_users SET user_age=1 WHERE user_id IN (SELECT user_id FROM c)',
    ],
    [
      'WITH c AS (SELECT id FROM users) DELETE FROM orders WHERE user_id IN (SELECT id FROM c)',
      'WITH c AS (SELECT user_id FROM new_users) DELETE FROM new_orders WHERE customer_id IN (SELECT user_id FROM c)',
    ],
    [
      'SELECT (WITH c AS (SELECT age FROM users) SELECT MAX(age) FROM c) AS m FROM orders WHERE order_id = 10',
      'SELECT (WITH c AS (SELECT user_age FROM new_users) SELECT MAX(user_age) FROM c) AS m FROM new_orders WHERE id=10',
    ],
    [
      'INSERT INTO users (id, age) WITH c AS (SELECT order_id, total FROM orders) SELECT order_id + 100, total FROM c',
      'INSERT INTO new_users (user_id,user_age) WITH c AS (SELECT id,amount FROM new_orders) SELECT id+100,amount FROM c',
    ],
  ],
  'derived tables': [
    [
      'SELECT d.id, name FROM (SELECT id, name FROM users) AS d',
      'SELECT d.user_id,user_name FROM (SELECT user_id,user_name FROM new_users) AS d',
    ],
    ['SELECT d.x FROM (SELECT id AS x FROM users) d', 'SELECT d.x FROM (SELECT user_id AS x FROM new_users) AS d'],
    [
      'SELECT d.x, d.y FROM (SELECT id, name FROM users) d (x, y)',
      'SELECT d.x,d.y FROM (SELECT user_id,user_name FROM new_users) AS d (x,y)',
    ],
    [
      'SELECT e.id FROM (SELECT d.id FROM (SELECT * FROM users) d) e',
      'SELECT e.user_id FROM (SELECT d.user_id FROM (SELECT * FROM new_users) AS d) AS e',
    ],
    [
      'SELECT d.`id` FROM (SELECT `id` FROM `users`) d',
      'SELECT d.`user_id` FROM (SELECT `user_id` FROM `new_users`) AS d',
    ],
    [
      'SELECT d.id FROM ((SELECT id FROM users) UNION (SELECT total FROM orders)) d ORDER BY d.id',
      'SELECT d.user_id FROM ((SELECT user_id FROM new_users) UNION (SELECT amount FROM new_orders)) AS d ORDER BY d.user_id',
    ],
    [
      'SELECT l.id FROM orders o, LATERAL (SELECT id FROM users WHERE users.id = o.user_id) l',
      'SELECT l.user_id FROM new_orders AS o,LATERAL (SELECT user_id FROM new_users WHERE new_users.user_id=o.customer_id) AS l',
    ],
    [
      'SELECT u.id, l.total FROM users u JOIN LATERAL (SELECT total FROM orders WHERE user_id = u.id ORDER BY total DESC LIMIT 1) l ON TRUE',
      'SELECT u.user_id,l.amount FROM new_users AS u JOIN LATERAL (SELECT amount FROM new_orders WHERE customer_id=u.user_id ORDER BY amount DESC LIMIT 1) AS l ON TRUE',
    ],
    [
      'SELECT s.id, s.n FROM (SELECT user_id AS id, COUNT(*) AS n FROM orders GROUP BY user_id) s JOIN users u ON s.id = u.id ORDER BY s.id',
      'SELECT s.id,s.n FROM (SELECT customer_id AS id,COUNT(*) AS n FROM new_orders GROUP BY customer_id) AS s JOIN new_users AS u ON s.id=u.user_id ORDER BY s.id',
    ],
  ],
  'sub-queries': [
    [
      'SELECT name FROM users u WHERE EXISTS (SELECT 1 FROM orders WHERE user_id = u.id AND total > age)',
      'SELECT user_name FROM new_users AS u WHERE EXISTS (SELECT 1 FROM new_orders WHERE customer_id=u.user_id AND amount>user_age)',
    ],
    [
      'SELECT (SELECT COUNT(*) FROM orders o WHERE o.user_id = users.id) AS n FROM users ORDER BY n',
      'SELECT (SELECT COUNT(*) FROM new_orders AS o WHERE o.customer_id=new_users.user_id) AS n FROM new_users ORDER BY n',
    ],
    [
      'SELECT name FROM users WHERE (id, age) IN (SELECT user_id, total FROM orders)',
      'SELECT user_name FROM new_users WHERE (user_id,user_age) IN (SELECT customer_id,amount FROM new_orders)',
    ],
    [
      'SELECT name FROM users WHERE id = ANY (SELECT user_id FROM orders) AND age > ALL (SELECT order_id FROM orders)',
      'SELECT user_name FROM new_users WHERE user_id=ANY (SELECT customer_id FROM new_orders) AND user_age>ALL (SELECT id FROM new_orders)',
    ],
    ['SELECT (SELECT id) FROM users', 'SELECT (SELECT user_id) FROM new_users'],
    [
      'SELECT u.id FROM users u WHERE u.id IN (SELECT u.user_id FROM orders u)',
      'SELECT u.user_id FROM new_users AS u WHERE u.user_id IN (SELECT u.customer_id FROM new_orders AS u)',
    ],
    [
      'SELECT id, (SELECT total FROM orders WHERE user_id = id ORDER BY total LIMIT 1) AS total FROM users ORDER BY total, id',
      'SELECT user_id,(SELECT amount FROM new_orders WHERE customer_id=user_id ORDER BY amount LIMIT 1) AS total FROM new_users ORDER BY total,user_id',
    ],
    [
      'SELECT ((SELECT MAX(id) FROM users) + 1), ((SELECT id FROM users) UNION (SELECT 2) ORDER BY 1 LIMIT 1), (id) FROM users',
      'SELECT ((SELECT MAX(user_id) FROM new_users)+1),((SELECT user_id FROM new_users) UNION (SELECT 2) ORDER BY 1 LIMIT 1),(user_id) FROM new_users',
    ],
  ],
  windows: [
    [
      'SELECT id, ROW_NUMBER() OVER (PARTITION BY name ORDER BY age DESC) AS r FROM users',
      'SELECT user_id,ROW_NUMBER() OVER (PARTITION BY user_name ORDER BY user_age DESC) AS r FROM new_users',
    ],
    [
      'SELECT id, SUM(age) OVER w, LAG(age, 1) OVER (w ORDER BY id) FROM users WINDOW w AS (PARTITION BY name)',
      'SELECT user_id,SUM(user_age) OVER w,LAG(user_age,1) OVER (w ORDER BY user_id) FROM new_users WINDOW w AS (PARTITION BY user_name)',
    ],
    [
      'SELECT name, age, RANK() OVER (ORDER BY age) AS r, SUM(age) OVER (PARTITION BY name ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS s FROM users ORDER BY id',
      'SELECT user_name,user_age,RANK() OVER (ORDER BY user_age) AS r,SUM(user_age) OVER (PARTITION BY user_name ORDER BY user_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS s FROM new_users ORDER BY user_id',
    ],
  ],
  labels: [
    ['SELECT age AS id FROM users ORDER BY id', 'SELECT user_age AS id FROM new_users ORDER BY id'],
    ['SELECT -age AS id FROM users ORDER BY id + 1', 'SELECT -user_age AS id FROM new_users ORDER BY user_id+1'],
    ['SELECT COUNT(*) AS age FROM users GROUP BY age', 'SELECT COUNT(*) AS age FROM new_users GROUP BY user_age'],
    [
      'SELECT age AS id, COUNT(*) FROM users GROUP BY age HAVING id > 1',
      'SELECT user_age AS id,COUNT(*) FROM new_users GROUP BY user_age HAVING id>1',
    ],
    [
      'SELECT id, COUNT(*) AS n FROM users GROUP BY id HAVING n > 0 AND MAX(age) < 40 ORDER BY n, id',
      'SELECT user_id,COUNT(*) AS n FROM new_users GROUP BY user_id HAVING n>0 AND MAX(user_age)<40 ORDER BY n,user_id',
    ],
    [
      'SELECT id AS name, name AS id FROM users ORDER BY name, id',
      'SELECT user_id AS name,user_name AS id FROM new_users ORDER BY name,id',
    ],
    [
      'SELECT name AS age FROM users WHERE age > 1 ORDER BY age',
      'SELECT user_name AS age FROM new_users WHERE user_age>1 ORDER BY age',
    ],
    [
      `SELECT id 'name', name "id" FROM users ORDER BY name`,
      `SELECT user_id AS 'name',user_name AS "id" FROM new_users ORDER BY name`,
    ],
    ['SELECT 1 name FROM users', 'SELECT 1 AS name FROM new_users'],
    [
      "SELECT IF(age > 20, 'old', name) AS label, LEFT(name, 1) AS initial FROM users ORDER BY label, initial",
      "SELECT IF(user_age>20,'old',user_name) AS label,LEFT(user_name,1) AS initial FROM new_users ORDER BY label,initial",
    ],
    [
      'SELECT DISTINCT name, age FROM users ORDER BY name, age DESC LIMIT 1, 2',
      'SELECT DISTINCT user_name,user_age FROM new_users ORDER BY user_name,user_age DESC LIMIT 1,2',
    ],
  ],
}
