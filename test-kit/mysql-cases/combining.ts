import type { Renames } from './names.ts'

export const COMBINING: Renames = {
  joins: [
    [
      'SELECT a.id, b.id FROM users a JOIN users b ON a.age = b.id',
      'SELECT a.user_id,b.user_id FROM new_users AS a JOIN new_users AS b ON a.user_age=b.user_id',
    ],
    ['SELECT users.*, o.* FROM users, orders o', 'SELECT new_users.*,o.* FROM new_users,new_orders AS o'],
    [
      'SELECT x.a FROM pairs x JOIN pairs y USING (c) ORDER BY x.a',
      'SELECT x.b FROM pairs2 AS x JOIN pairs2 AS y USING (c) ORDER BY x.b',
    ],
    [
      'SELECT u.name, o.total FROM users u LEFT OUTER JOIN orders o ON o.user_id = u.id AND o.total > u.age WHERE o.order_id IS NULL',
      'SELECT u.user_name,o.amount FROM new_users AS u LEFT OUTER JOIN new_orders AS o ON o.customer_id=u.user_id AND o.amount>u.user_age WHERE o.id IS NULL',
    ],
    [
      'SELECT a.id FROM users a LEFT JOIN (users b JOIN orders c ON b.id = c.user_id) ON a.age = c.total',
      'SELECT a.user_id FROM new_users AS a LEFT JOIN (new_users AS b JOIN new_orders AS c ON b.user_id=c.customer_id) ON a.user_age=c.amount',
    ],
    [
      'SELECT * FROM users a JOIN users b JOIN orders c ON c.user_id = b.id ON a.id = c.order_id',
      'SELECT * FROM new_users AS a JOIN new_users AS b JOIN new_orders AS c ON c.customer_id=b.user_id ON a.user_id=c.id',
    ],
    [
      'SELECT * FROM users a LEFT JOIN users b JOIN orders c ON c.user_id = b.id ON a.id = b.age',
      'SELECT * FROM new_users AS a LEFT JOIN new_users AS b JOIN new_orders AS c ON c.customer_id=b.user_id ON a.user_id=b.user_age',
    ],
    [
      'SELECT * FROM orders o JOIN users u ON user_id = id',
      'SELECT * FROM new_orders AS o JOIN new_users AS u ON customer_id=user_id',
    ],
    [
      'SELECT * FROM orders o JOIN users u ON total = u.id JOIN pairs p ON a = total',
      'SELECT * FROM new_orders AS o JOIN new_users AS u ON amount=u.user_id JOIN pairs2 AS p ON b=amount',
    ],
    [
      'SELECT o.order_id FROM (users u JOIN orders o ON u.id = o.user_id) WHERE u.age > 1 ORDER BY o.order_id',
      'SELECT o.id FROM (new_users AS u JOIN new_orders AS o ON u.user_id=o.customer_id) WHERE u.user_age>1 ORDER BY o.id',
    ],
    [
      "SELECT COALESCE(u.name, 'none') AS name FROM orders o RIGHT JOIN users u ON o.user_id = u.id ORDER BY u.name, o.order_id",
      "SELECT COALESCE(u.user_name,'none') AS name FROM new_orders AS o RIGHT JOIN new_users AS u ON o.customer_id=u.user_id ORDER BY u.user_name,o.id",
    ],
    [
      'SELECT a.total, b.total FROM orders a CROSS JOIN orders b ORDER BY a.total, b.total, a.order_id, b.order_id',
      'SELECT a.amount,b.amount FROM new_orders AS a CROSS JOIN new_orders AS b ORDER BY a.amount,b.amount,a.id,b.id',
    ],
    [
      'SELECT total, user_id, name FROM users JOIN orders',
      'SELECT amount,customer_id,user_name FROM new_users JOIN new_orders',
    ],
    [
      'SELECT u.id FROM users u STRAIGHT_JOIN users v ON v.age = u.age AND v.id <> u.id ORDER BY v.name, u.id',
      'SELECT u.user_id FROM new_users AS u STRAIGHT_JOIN new_users AS v ON v.user_age=u.user_age AND v.user_id<>u.user_id ORDER BY v.user_name,u.user_id',
    ],
    [
      'SELECT u.name, COUNT(o.order_id) AS n, SUM(total) AS s FROM users u LEFT JOIN orders o ON u.id = o.user_id GROUP BY u.id, u.name WITH ROLLUP HAVING n > 0',
      'SELECT u.user_name,COUNT(o.id) AS n,SUM(amount) AS s FROM new_users AS u LEFT JOIN new_orders AS o ON u.user_id=o.customer_id GROUP BY u.user_id,u.user_name WITH ROLLUP HAVING n>0',
    ],
  ],
  'set operations': [
    [
      'SELECT id FROM users UNION SELECT order_id FROM orders ORDER BY id LIMIT 3',
      'SELECT user_id FROM new_users UNION SELECT id FROM new_orders ORDER BY user_id LIMIT 3',
    ],
    [
      '(SELECT id FROM users ORDER BY age LIMIT 1) UNION ALL (SELECT user_id FROM orders) ORDER BY 1',
      '(SELECT user_id FROM new_users ORDER BY user_age LIMIT 1) UNION ALL (SELECT customer_id FROM new_orders) ORDER BY 1',
    ],
    [
      'SELECT id FROM users EXCEPT SELECT user_id FROM orders',
      'SELECT user_id FROM new_users EXCEPT SELECT customer_id FROM new_orders',
    ],
    [
      'SELECT id FROM users INTERSECT SELECT user_id FROM orders',
      'SELECT user_id FROM new_users INTERSECT SELECT customer_id FROM new_orders',
    ],
    [
      'SELECT id FROM (SELECT id FROM users UNION SELECT order_id FROM orders) d',
      'SELECT user_id FROM (SELECT user_id FROM new_users UNION SELECT id FROM new_orders) AS d',
    ],
    [
      '(SELECT id, age FROM users) ORDER BY age LIMIT 2',
      '(SELECT user_id,user_age FROM new_users) ORDER BY user_age LIMIT 2',
    ],
  ],
  'swapped and quoted names': [
    ['SELECT a, b FROM pairs WHERE a < b AND pairs.b = 2', 'SELECT b,a FROM pairs2 WHERE b<a AND pairs2.a=2'],
    ['SELECT p.a, p.b AS x FROM pairs p ORDER BY a', 'SELECT p.b,p.a AS x FROM pairs2 AS p ORDER BY b'],
    ['UPDATE pairs SET a = b, c = a WHERE a < b', 'UPDATE pairs2 SET b=a, c=b WHERE b<a'],
    [
      'SELECT id, text, `text` FROM words WHERE words.id = 1',
      'SELECT `key`,`two words`,`two words` FROM `select` WHERE `select`.`key`=1',
    ],
    [
      "SELECT 名前 FROM words AS 言葉 WHERE 言葉.名前 = '名前'",
      "SELECT 氏名 FROM `select` AS 言葉 WHERE 言葉.氏名='名前'",
    ],
    [
      `INSERT INTO words (id, text) VALUES (3, 'id'), (4, "text")`,
      'INSERT INTO `select` (`key`,`two words`) VALUES (3,\'id\'),(4,"text")',
    ],
    ['SELECT `users`.`id` FROM `users`', 'SELECT `new_users`.`user_id` FROM `new_users`'],
    [
      String.raw`SELECT id FROM users WHERE name = 'it''s \' id' OR name = "say ""id"" \""`,
      String.raw`SELECT user_id FROM new_users WHERE user_name='it''s \' id' OR user_name="say ""id"" \""`,
    ],
    [
      "SELECT _utf8mb4'id', N'name', x'41', 0x41, b'1' FROM users",
      "SELECT _utf8mb4'id',N'name',x'41',0x41,b'1' FROM new_users",
    ],
  ],
  expressions: [
    [
      'SELECT id FROM users u FOR UPDATE OF u SKIP LOCKED',
      'SELECT user_id FROM new_users AS u FOR UPDATE OF u SKIP LOCKED',
    ],
    [
      'SELECT users.id FROM users JOIN orders FOR SHARE OF users, orders NOWAIT',
      'SELECT new_users.user_id FROM new_users JOIN new_orders FOR SHARE OF new_users,new_orders NOWAIT',
    ],
    [
      "SELECT j.id, u.name FROM users u, JSON_TABLE(JSON_ARRAY(u.id), '$[*]' COLUMNS (id INT PATH '$', NESTED PATH '$.x' COLUMNS (name INT PATH '$'))) AS j",
      "SELECT j.id,u.user_name FROM new_users AS u,JSON_TABLE(JSON_ARRAY(u.user_id),'$[*]' COLUMNS (id INT PATH '$',NESTED PATH '$.x' COLUMNS (name INT PATH '$'))) AS j",
    ],
    [
      "SELECT name->'$.id', users.name->>'$.name' FROM users",
      "SELECT user_name->'$.id',new_users.user_name->>'$.name' FROM new_users",
    ],
    [
      'SELECT id FROM users USE INDEX (PRIMARY) IGNORE INDEX FOR ORDER BY (PRIMARY) WHERE age = 31',
      'SELECT user_id FROM new_users USE INDEX (PRIMARY) IGNORE INDEX FOR ORDER BY (PRIMARY) WHERE user_age=31',
    ],
    [
      "SELECT GROUP_CONCAT(DISTINCT name ORDER BY age DESC SEPARATOR 'name') FROM users",
      "SELECT GROUP_CONCAT(DISTINCT user_name ORDER BY user_age DESC SEPARATOR 'name') FROM new_users",
    ],
    [
      'SELECT COUNT(DISTINCT id, name), COUNT(*), MAX(age) - MIN(age) FROM users',
      'SELECT COUNT(DISTINCT user_id,user_name),COUNT(*),MAX(user_age)-MIN(user_age) FROM new_users',
    ],
    [
      'SELECT CASE id WHEN 1 THEN name ELSE age END, IF(id, name, age), CAST(age AS CHAR(10)), CONVERT(name USING utf8mb4) FROM users',
      'SELECT CASE user_id WHEN 1 THEN user_name ELSE user_age END,IF(user_id,user_name,user_age),CAST(user_age AS CHAR(10)),CONVERT(user_name USING utf8mb4) FROM new_users',
    ],
    [
      "SELECT EXTRACT(YEAR FROM '2024-01-31'), TRIM(BOTH 'id' FROM name), SUBSTRING(name FROM 1 FOR 2), POSITION('id' IN name) FROM users",
      "SELECT EXTRACT(YEAR FROM '2024-01-31'),TRIM(BOTH 'id' FROM user_name),SUBSTRING(user_name FROM 1 FOR 2),POSITION('id' IN user_name) FROM new_users",
    ],
    [
      "SELECT DATE_ADD('2024-01-31', INTERVAL id DAY), '2024-01-31' + INTERVAL age MONTH, INTERVAL id DAY + '2024-01-31' FROM users",
      "SELECT DATE_ADD('2024-01-31',INTERVAL user_id DAY),'2024-01-31'+INTERVAL user_age MONTH,INTERVAL user_id DAY +'2024-01-31' FROM new_users",
    ],
    [
      'SELECT id DIV 2 MOD 3, id XOR age, id <=> age, id && age || age, NOT id, ! id, - - id, 1 - -id FROM users',
      'SELECT user_id DIV 2 MOD 3,user_id XOR user_age,user_id<=>user_age,user_id&&user_age||user_age,NOT user_id,!user_id,- -user_id,1- -user_id FROM new_users',
    ],
    [
      "SELECT name COLLATE utf8mb4_bin, BINARY name, name REGEXP 'id', name SOUNDS LIKE 'id' FROM users",
      "SELECT user_name COLLATE utf8mb4_bin,BINARY user_name,user_name REGEXP 'id',user_name SOUNDS LIKE 'id' FROM new_users",
    ],
    [
      "SELECT id FROM users WHERE id MEMBER OF ('[1]')",
      "SELECT user_id FROM new_users WHERE user_id MEMBER OF ('[1]')",
    ],
    [
      "SELECT id FROM users WHERE name LIKE '%id%' ESCAPE '!' OR age BETWEEN id AND id + 100 ORDER BY id",
      "SELECT user_id FROM new_users WHERE user_name LIKE '%id%' ESCAPE '!' OR user_age BETWEEN user_id AND user_id+100 ORDER BY user_id",
    ],
    [
      "SELECT @id := id, @name FROM users WHERE name = 'id'",
      "SELECT @id:=user_id,@name FROM new_users WHERE user_name='id'",
    ],
    ['SELECT id /* name */, name # age\nFROM users -- id', 'SELECT user_id,user_name FROM new_users'],
    [
      "SELECT MATCH (name, users.age) AGAINST ('name' IN BOOLEAN MODE) FROM users",
      "SELECT MATCH (user_name,new_users.user_age) AGAINST ('name' IN BOOLEAN MODE) FROM new_users",
    ],
    [
      "SELECT id FROM users WHERE id = ? AND name = 'id' LIMIT ?",
      "SELECT user_id FROM new_users WHERE user_id=? AND user_name='id' LIMIT ?",
    ],
    ['TABLE users', 'TABLE new_users'],
    ['TABLE users ORDER BY id LIMIT 1', 'TABLE new_users ORDER BY user_id LIMIT 1'],
  ],
}
