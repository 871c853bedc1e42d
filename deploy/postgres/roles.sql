-- 使用自己的 PostgreSQL(15 或更高版本)时执行一次 · once, for a PostgreSQL of one's own (15 or later):
--   psql -v owner_password='…' -v app_password='…' -f roles.sql postgres
-- wangge_owner 拥有数据库,负责升级和恢复;wangge_app 是程序,不拥有任何表,不能改台账。
-- wangge_owner owns the database: migrates and restores. wangge_app is the program: owns nothing, may not change the ledger.
\set ON_ERROR_STOP on

CREATE ROLE wangge_owner LOGIN PASSWORD :'owner_password' NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE ROLE wangge_app LOGIN PASSWORD :'app_password' NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE DATABASE wangge OWNER wangge_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE wangge FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE wangge TO wangge_app;

\connect wangge
-- 公共模式不许程序建表 · the program makes no tables
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO wangge_owner;
