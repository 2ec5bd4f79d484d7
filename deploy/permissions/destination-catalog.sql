-- Another database of the destination that holds entities (a database catalog): the login of destination.sql, which runs
-- first, writes there too. Run once for each such database; after another script than destination.sql leave out ALTER:
--   sqlcmd -S sql-qa -i destination-catalog.sql -v DATABASE="outsystems_second" LOGIN="refresh_writer"
USE [$(DATABASE)];
GO
CREATE USER [$(LOGIN)] FOR LOGIN [$(LOGIN)];
GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA::[dbo] TO [$(LOGIN)];
-- IDENTITY_INSERT asks for ALTER on the table. No table of dbo is ever altered.
GRANT ALTER ON SCHEMA::[dbo] TO [$(LOGIN)];
GRANT VIEW DEFINITION TO [$(LOGIN)];
GO
