-- The login that writes the destination where it may create no table at all: the state of runs lives in the entities of a
-- published module (docs/state-module.md). Rows get new keys, which the database generates. Run it in place of destination.sql:
--   sqlcmd -S sql-qa -i destination-state-module.sql -v DATABASE="outsystems" LOGIN="refresh_writer" PASSWORD="…"
USE [master];
GO
CREATE LOGIN [$(LOGIN)] WITH PASSWORD = N'$(PASSWORD)', CHECK_EXPIRATION = OFF, DEFAULT_DATABASE = [$(DATABASE)];
GO
USE [$(DATABASE)];
GO
CREATE USER [$(LOGIN)] FOR LOGIN [$(LOGIN)];
-- The tables of the module lie in dbo as well.
GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::[dbo] TO [$(LOGIN)];
GRANT VIEW DEFINITION TO [$(LOGIN)];
GO
