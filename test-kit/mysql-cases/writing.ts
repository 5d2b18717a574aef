import type { Renames } from './names.ts'

export const WRITING: Renames = {
  'INSERT and REPLACE': [
    ["INSERT INTO users VALUES (7, 'x', 2)", "INSERT INTO new_users VALUES (7,'x',2)"],
    [
      'INSERT INTO users (users.id, name) VALUES (8, id)',
      'INSERT INTO new_users (new_users.user_id,user_name) VALUES (8,user_id)',
    ],
    [
      "INSERT INTO users SET id = 9, name = CONCAT('name', id)",
      "INSERT INTO new_users SET user_id=9, user_name=CONCAT('name',user_id)",
    ],
    [
      'INSERT INTO users (id, name) SELECT order_id, total FROM orders WHERE user_id = 1',
      'INSERT INTO new_users (user_id,user_name) SELECT id,amount FROM new_orders WHERE customer_id=1',
    ],
    [
      'INSERT INTO users (id, age) SELECT 1, total FROM orders AS o WHERE order_id = 10 ON DUPLICATE KEY UPDATE age = o.total + users.age, name = total',
      'INSERT INTO new_users (user_id,user_age) SELECT 1,amount FROM new_orders AS o WHERE id=10 ON DUPLICATE KEY UPDATE user_age=o.amount+new_users.user_age, user_name=amount',
    ],
    [
      "INSERT INTO users (id, name) VALUES (1, 'a') AS n(p, q) ON DUPLICATE KEY UPDATE name = CONCAT(p, q, name), age = n.p",
      "INSERT INTO new_users (user_id,user_name) VALUES (1,'a') AS n (p,q) ON DUPLICATE KEY UPDATE user_name=CONCAT(p,q,user_name), user_age=n.p",
    ],
    [
      'INSERT INTO users (id, age) VALUES (1, 2) AS new ON DUPLICATE KEY UPDATE age = new.age',
      'INSERT INTO new_users (user_id,user_age) VALUES (1,2) AS new ON DUPLICATE KEY UPDATE user_age=new.user_age',
    ],
    [
      "INSERT INTO users (id, name) VALUES (1, 'a') ON DUPLICATE KEY UPDATE name = VALUES(name), age = age + VALUES(users.id)",
      "INSERT INTO new_users (user_id,user_name) VALUES (1,'a') ON DUPLICATE KEY UPDATE user_name=VALUES(user_name), user_age=user_age+VALUES(new_users.user_id)",
    ],
    [
      "INSERT IGNORE INTO users (id, name) VALUES (1, 'id')",
      "INSERT IGNORE INTO new_users (user_id,user_name) VALUES (1,'id')",
    ],
    [
      'INSERT INTO orders (order_id, user_id) SELECT u.id, (SELECT COUNT(*) FROM users v WHERE v.age < u.age) FROM users u',
      'INSERT INTO new_orders (id,customer_id) SELECT u.user_id,(SELECT COUNT(*) FROM new_users AS v WHERE v.user_age<u.user_age) FROM new_users AS u',
    ],
    ["REPLACE INTO users (id, name) VALUES (1, 'a')", "REPLACE INTO new_users (user_id,user_name) VALUES (1,'a')"],
    ['REPLACE INTO users SET id = 1', 'REPLACE INTO new_users SET user_id=1'],
  ],
  'UPDATE and DELETE': [
    [
      "UPDATE users SET name = 'x', users.age = age + 1 WHERE users.id = 1 ORDER BY id LIMIT 2",
      "UPDATE new_users SET user_name='x', new_users.user_age=user_age+1 WHERE new_users.user_id=1 ORDER BY user_id LIMIT 2",
    ],
    [
      "UPDATE users u JOIN orders o ON o.user_id = u.id SET u.age = o.total, o.total = o.total + 1 WHERE name = 'ann'",
      "UPDATE new_users AS u JOIN new_orders AS o ON o.customer_id=u.user_id SET u.user_age=o.amount, o.amount=o.amount+1 WHERE user_name='ann'",
    ],
    [
      'UPDATE users, orders SET users.age = 1, total = 2 WHERE users.id = orders.user_id',
      'UPDATE new_users,new_orders SET new_users.user_age=1, amount=2 WHERE new_users.user_id=new_orders.customer_id',
    ],
    [
      'UPDATE users AS u SET u.name = (SELECT MAX(total) FROM orders WHERE user_id = u.id)',
      'UPDATE new_users AS u SET u.user_name=(SELECT MAX(amount) FROM new_orders WHERE customer_id=u.user_id)',
    ],
    [
      'UPDATE users u, (SELECT user_id, SUM(total) AS s FROM orders GROUP BY user_id) o SET u.age = o.s WHERE u.id = o.user_id',
      'UPDATE new_users AS u,(SELECT customer_id,SUM(amount) AS s FROM new_orders GROUP BY customer_id) AS o SET u.user_age=o.s WHERE u.user_id=o.customer_id',
    ],
    [
      'DELETE FROM users WHERE id = 1 ORDER BY age LIMIT 1',
      'DELETE FROM new_users WHERE user_id=1 ORDER BY user_age LIMIT 1',
    ],
    [
      'DELETE FROM users WHERE id NOT IN (SELECT user_id FROM orders WHERE total IS NOT NULL)',
      'DELETE FROM new_users WHERE user_id NOT IN (SELECT customer_id FROM new_orders WHERE amount IS NOT NULL)',
    ],
    [
      'DELETE u FROM users u JOIN orders o ON u.id = o.user_id WHERE o.total = 0',
      'DELETE u FROM new_users AS u JOIN new_orders AS o ON u.user_id=o.customer_id WHERE o.amount=0',
    ],
    [
      'DELETE users, orders FROM users JOIN orders ON users.id = user_id',
      'DELETE new_users,new_orders FROM new_users JOIN new_orders ON new_users.user_id=customer_id',
    ],
    [
      'DELETE FROM users, o USING users JOIN orders AS o ON users.id = o.user_id',
      'DELETE FROM new_users,o USING new_users JOIN new_orders AS o ON new_users.user_id=o.customer_id',
    ],
    ['DELETE users.* FROM users WHERE id = 1', 'DELETE new_users.* FROM new_users WHERE user_id=1'],
  ],
  definitions: [
    [
      "CREATE TABLE users (id INT PRIMARY KEY, name VARCHAR(10) NOT NULL DEFAULT 'id', age INT GENERATED ALWAYS AS (name + 1) STORED, KEY name (name(3), age DESC), CHECK (age > id))",
      "CREATE TABLE new_users (user_id INT PRIMARY KEY,user_name VARCHAR(10) NOT NULL DEFAULT 'id',user_age INT GENERATED ALWAYS AS (user_name+1) STORED,KEY name (user_name (3),user_age DESC),CHECK (user_age>user_id))",
    ],
    [
      'CREATE TABLE users (id INT, CONSTRAINT f FOREIGN KEY name (id) REFERENCES orders (order_id) ON DELETE SET NULL)',
      'CREATE TABLE new_users (user_id INT,CONSTRAINT f FOREIGN KEY name (user_id) REFERENCES new_orders (id) ON DELETE SET NULL)',
    ],
    [
      'CREATE TABLE orders (order_id INT, user_id INT REFERENCES users (id))',
      'CREATE TABLE new_orders (id INT,customer_id INT REFERENCES new_users (user_id))',
    ],
    ['CREATE TABLE users LIKE orders', 'CREATE TABLE new_users LIKE new_orders'],
    [
      'CREATE TABLE users AS SELECT order_id AS id FROM orders',
      'CREATE TABLE new_users AS SELECT id AS id FROM new_orders',
    ],
    [
      'CREATE TABLE users (id INT) PARTITION BY RANGE (id) (PARTITION id VALUES LESS THAN (10), PARTITION p2 VALUES LESS THAN MAXVALUE)',
      'CREATE TABLE new_users (user_id INT) PARTITION BY RANGE (user_id) (PARTITION id VALUES LESS THAN (10),PARTITION p2 VALUES LESS THAN MAXVALUE)',
    ],
    [
      'ALTER TABLE users ADD COLUMN email VARCHAR(10) AFTER id, DROP COLUMN age, MODIFY id BIGINT, CHANGE name title TEXT',
      'ALTER TABLE new_users ADD COLUMN email VARCHAR(10) AFTER user_id,DROP COLUMN user_age,MODIFY user_id BIGINT,CHANGE user_name title TEXT',
    ],
    [
      'ALTER TABLE users ADD INDEX (name), ADD UNIQUE u (id, age), ALTER age SET DEFAULT 1, ORDER BY name',
      'ALTER TABLE new_users ADD INDEX (user_name),ADD UNIQUE u (user_id,user_age),ALTER user_age SET DEFAULT 1,ORDER BY user_name',
    ],
    [
      'ALTER TABLE users RENAME COLUMN id TO key2, RENAME COLUMN name TO title',
      'ALTER TABLE new_users RENAME COLUMN user_id TO key2,RENAME COLUMN user_name TO title',
    ],
    ['ALTER TABLE users RENAME TO orders', 'ALTER TABLE new_users RENAME TO new_orders'],
    ['DROP TABLE users, orders', 'DROP TABLE new_users,new_orders'],
    ['TRUNCATE users', 'TRUNCATE new_users'],
  ],
  'nothing to rename': [
    ['SELECT x.id FROM users', 'SELECT x.id FROM new_users'],
    ['SELECT id FROM other, users', 'SELECT user_id FROM other,new_users'],
    [
      'SELECT (SELECT name FROM orders LIMIT 1) FROM users',
      'SELECT (SELECT user_name FROM new_orders LIMIT 1) FROM new_users',
    ],
  ],
}
