-- The login that writes the destination, with everything a refresh can use: source keys are kept and identities reserved.
-- Run as an administrator of the destination's server:
--   sqlcmd -S sql-qa -i destination.sql -v DATABASE="outsystems" LOGIN="refresh_writer" PASSWORD="…"
USE [master];
GO
CREATE LOGIN [$(LOGIN)] WITH PASSWORD = N'$(PASSWORD)', CHECK_EXPIRATION = OFF, DEFAULT_DATABASE = [$(DATABASE)];
GO
USE [$(DATABASE)];
GO
CREATE USER [$(LOGIN)] FOR LOGIN [$(LOGIN)];
GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::[dbo] TO [$(LOGIN)];
-- IDENTITY_INSERT asks for ALTER on the table. No table of dbo is ever altered.
GRANT ALTER ON SCHEMA::[dbo] TO [$(LOGIN)];
GRANT VIEW DEFINITION TO [$(LOGIN)];
-- State of a run: ledger, key map, snapshots, plans and reports, in a schema of the login's own.
GRANT CREATE TABLE TO [$(LOGIN)];
GO
CREATE SCHEMA [refresh] AUTHORIZATION [$(LOGIN)];
GO
