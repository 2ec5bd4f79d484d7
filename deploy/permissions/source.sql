-- The login that reads production. It may write nothing: a refresh refuses a source login that could.
-- Run as an administrator of production's server:
--   sqlcmd -S sql-prod -i source.sql -v DATABASE="outsystems" LOGIN="refresh_reader" PASSWORD="…"
USE [master];
GO
CREATE LOGIN [$(LOGIN)] WITH PASSWORD = N'$(PASSWORD)', CHECK_EXPIRATION = OFF, DEFAULT_DATABASE = [$(DATABASE)];
GO
USE [$(DATABASE)];
GO
CREATE USER [$(LOGIN)] FOR LOGIN [$(LOGIN)];
-- The platform's and the applications' tables all lie in dbo.
GRANT SELECT ON SCHEMA::[dbo] TO [$(LOGIN)];
-- Columns, keys and triggers of tables; without it they stay hidden.
GRANT VIEW DEFINITION TO [$(LOGIN)];
GO
