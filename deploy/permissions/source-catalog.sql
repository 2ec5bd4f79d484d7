-- Another database of production that holds entities (a database catalog): the login of source.sql, which runs first, reads
-- there too. Run once for each such database:
--   sqlcmd -S sql-prod -i source-catalog.sql -v DATABASE="outsystems_second" LOGIN="refresh_reader"
USE [$(DATABASE)];
GO
CREATE USER [$(LOGIN)] FOR LOGIN [$(LOGIN)];
GRANT SELECT ON SCHEMA::[dbo] TO [$(LOGIN)];
GRANT VIEW DEFINITION TO [$(LOGIN)];
GO
