//! What each database says of its own tables.

use crate::world::World;

/// A column, in words that both databases share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column {
    pub table: String,
    pub name: String,
    /// The type as the database calls it.
    pub kind: String,
    pub nullable: bool,
    pub has_default: bool,
}

impl World {
    /// All columns of Lockstep's tables, sorted.
    pub async fn columns(&self) -> Vec<Column> {
        let sql = if self.is_sqlite() {
            r#"SELECT t.name || '|' || c.name || '|' || lower(c.type) || '|' ||
                      CASE WHEN c."notnull" = 1 THEN 'no' ELSE 'yes' END || '|' ||
                      CASE WHEN c.dflt_value IS NULL THEN 'no' ELSE 'yes' END
               FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
               WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'"#
        } else {
            "SELECT table_name || '|' || column_name || '|' ||
                    CASE WHEN data_type = 'USER-DEFINED' THEN 'enum ' || udt_name ELSE data_type END || '|' ||
                    lower(is_nullable) || '|' || CASE WHEN column_default IS NULL THEN 'no' ELSE 'yes' END
             FROM information_schema.columns WHERE table_schema = 'public'"
        };
        let mut columns: Vec<Column> = self
            .texts(&[], sql)
            .await
            .into_iter()
            .map(|row| {
                let row = row.unwrap();
                let [table, name, kind, nullable, has_default] = row.split('|').collect::<Vec<_>>()[..]
                else {
                    panic!("{row}");
                };
                Column {
                    table: table.into(),
                    name: name.into(),
                    kind: kind.into(),
                    nullable: nullable == "yes",
                    has_default: has_default == "yes",
                }
            })
            .filter(|column| column.table != "schema_migrations")
            .collect();
        columns.sort();
        columns
    }

    /// The columns that point at another table, as `table.column`.
    pub async fn foreign_keys(&self) -> Vec<(String, String)> {
        let sql = if self.is_sqlite() {
            r#"SELECT t.name || '|' || f."from" FROM sqlite_schema AS t JOIN pragma_foreign_key_list(t.name) AS f
               WHERE t.type = 'table'"#
        } else {
            "SELECT k.table_name || '|' || k.column_name
             FROM information_schema.table_constraints AS c
             JOIN information_schema.key_column_usage AS k USING (constraint_schema, constraint_name)
             WHERE c.constraint_type = 'FOREIGN KEY'"
        };
        let mut keys: Vec<(String, String)> = self
            .texts(&[], sql)
            .await
            .into_iter()
            .map(|row| {
                let row = row.unwrap();
                let (table, column) = row.split_once('|').unwrap();
                (table.to_owned(), column.to_owned())
            })
            .collect();
        keys.sort();
        keys
    }

    /// The names of the indexes that are not made by a constraint.
    pub async fn indexes(&self) -> Vec<String> {
        let sql = if self.is_sqlite() {
            "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name"
        } else {
            "SELECT CAST(indexname AS text) FROM pg_indexes WHERE schemaname = 'public'
               AND indexname NOT LIKE '%\\_pkey' AND indexname NOT LIKE '%\\_key' ORDER BY 1"
        };
        let mut names: Vec<String> = self.texts(&[], sql).await.into_iter().map(Option::unwrap).collect();
        names.sort();
        names
    }

    /// The columns that unique constraints and indexes cover, as `table(column, column)`, without primary keys.
    pub async fn unique(&self) -> Vec<String> {
        let sql = if self.is_sqlite() {
            r#"SELECT t.name || '(' || (SELECT group_concat(name, ', ')
                                        FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')'
               FROM sqlite_schema AS t JOIN pragma_index_list(t.name) AS i
               WHERE t.type = 'table' AND i."unique" = 1 AND i.origin <> 'pk'"#
        } else {
            "SELECT c.relname || '(' || string_agg(a.attname, ', ' ORDER BY array_position(i.indkey::int2[], a.attnum))
                    || ')'
             FROM pg_index AS i
             JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
             JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
             WHERE n.nspname = 'public' AND i.indisunique AND NOT i.indisprimary
             GROUP BY c.relname, i.indexrelid"
        };
        let mut unique: Vec<String> = self.texts(&[], sql).await.into_iter().map(Option::unwrap).collect();
        unique.sort();
        unique
    }

    /// Inserts one row into each table, leaving out what has a default.
    pub async fn fill(&self) {
        let blob = if self.is_sqlite() { "x''" } else { "''" };
        self.sql(&include_str!("rows.sql").replace("@blob@", blob)).await.unwrap();
    }
}
