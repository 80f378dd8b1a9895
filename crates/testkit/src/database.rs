//! Runs a test once for each database: on SQLite, and on PostgreSQL.

use std::{future::Future, pin::Pin, sync::Arc};

use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::postgres;

/// An empty or prepared database of one test.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    /// The folder of an SQLite file; it goes with the last user of the database.
    _folder: Option<Arc<TempDir>>,
}

impl TestDatabase {
    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Prepares the database at an address: makes its tables, say. It must leave no connection behind.
pub type Prepare = fn(String) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// A database that is prepared once in a process and copied for each test.
#[derive(Debug)]
pub struct Template {
    prepare: Prepare,
    sqlite: OnceCell<Arc<TempDir>>,
    postgres: OnceCell<Option<String>>,
}

impl Template {
    /// A template that is prepared so, on first use.
    pub const fn new(prepare: Prepare) -> Self {
        Self { prepare, sqlite: OnceCell::const_new(), postgres: OnceCell::const_new() }
    }

    /// A new SQLite database.
    ///
    /// # Panics
    /// When the temporary folder can't be written.
    pub async fn sqlite(&self) -> TestDatabase {
        let template = self
            .sqlite
            .get_or_init(async || {
                let folder = Arc::new(TempDir::new().expect("a temporary folder"));
                (self.prepare)(sqlite_url(&folder)).await;
                folder
            })
            .await;
        let folder = Arc::new(TempDir::new().expect("a temporary folder"));
        for entry in std::fs::read_dir(template.path()).expect("the template's folder").flatten() {
            std::fs::copy(entry.path(), folder.path().join(entry.file_name()))
                .expect("a copy of the template");
        }
        TestDatabase { url: sqlite_url(&folder), _folder: Some(folder) }
    }

    /// A new PostgreSQL database; `None` when there is no server and that is allowed.
    ///
    /// # Panics
    /// When there is no server, or it refuses to make a database.
    pub async fn postgres(&self) -> Option<TestDatabase> {
        let cluster = postgres::cluster()?;
        let template = self
            .postgres
            .get_or_init(async || {
                let name = cluster.create_database().expect("a database for the template");
                (self.prepare)(cluster.url(&name)).await;
                Some(name)
            })
            .await
            .as_deref()?;
        let name = cluster.create_from(template).expect("a copy of the template");
        Some(TestDatabase { url: cluster.url(&name), _folder: None })
    }

    /// Runs a test on SQLite, then on PostgreSQL. Where it fails, the last line before says on which.
    pub async fn on_each_database(&self, test: impl AsyncFn(TestDatabase)) {
        eprintln!("on SQLite:");
        test(self.sqlite().await).await;
        if let Some(database) = self.postgres().await {
            eprintln!("on PostgreSQL:");
            test(database).await;
        }
    }
}

fn sqlite_url(folder: &TempDir) -> String {
    format!("sqlite://{}", folder.path().join("lockstep.db").display())
}
