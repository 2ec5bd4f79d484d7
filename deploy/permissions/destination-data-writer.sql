-- The login that writes the destination where ALTER on the applications' tables is not given away: rows get new keys, which
-- the database generates, and everything else works alike. Run it in place of destination.sql:
--   sqlcmd -S sql-qa -i destination-data-writer.sql -v DATABASE="outsystems" LOGIN="refresh_writer" PASSWORD="…"
USE [master];
GO
CREATE LOGIN [$(LOGIN)] WITH PASSWORD = N'$(PASSWORD)', CHECK_EXPIRATION = OFF, DEFAULT_DATABASE = [$(DATABASE)];
GO
USE [$(DATABASE)];
GO
CREATE USER [$(LOGIN)] FOR LOGIN [$(LOGIN)];
GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::[dbo] TO [$(LOGIN)];
GRANT VIEW DEFINITION TO [$(LOGIN)];
-- State of a run, in a schema of the login's own; these are the only tables that it may create or alter.
GRANT CREATE TABLE TO [$(LOGIN)];
GO
CREATE SCHEMA [refresh] AUTHORIZATION [$(LOGIN)];
GO
