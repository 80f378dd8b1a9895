-- A credential that somebody added has a name of its own; one that was only seen in use has none.
CREATE UNIQUE INDEX credential_records_name ON credential_records (metadata ->> '$.name');
