//! Random histories of edits by hand on both sides, syncs, decisions, undos and redos, whole and by component, on both
//! databases: the files and nodes are what the history says, and what a person wrote is never lost.
//! `LOCKSTEP_HISTORIES` says how many are tried.

mod hands;
mod history;
mod node_text;
mod picture;

use lockstep_testkit::{postgres::cluster, workspace::Workspace};

use history::History;

const STEPS: usize = 9;
/// Of so many histories, one is played on PostgreSQL.
const ON_POSTGRES: u64 = 3;

/// The example as a team has set it up, and as it has drifted since; the histories begin with copies of it.
struct Beginning {
    workspace: Workspace,
    /// A PostgreSQL database.
    database: Option<String>,
}

impl Beginning {
    fn on(database: Option<String>) -> Self {
        let mut workspace = Workspace::acme(env!("CARGO_BIN_EXE_lockstep"));
        if let (Some(name), Some(cluster)) = (&database, cluster()) {
            workspace.set("DATABASE_URL", cluster.url(name));
        }
        workspace.adopt();
        // The same request may come again in the same history.
        workspace.forget_requests_soon();
        workspace.run(["scan"]).succeeds();
        workspace.drift();
        workspace.run(["scan"]).succeeds();
        Self { workspace, database }
    }

    fn copy(&self) -> Workspace {
        let mut copy = self.workspace.copy();
        if let (Some(template), Some(cluster)) = (&self.database, cluster()) {
            copy.set("DATABASE_URL", cluster.url(&cluster.create_from(template).unwrap()));
        }
        copy
    }
}

#[test]
fn files_are_what_the_history_says() {
    let number = |name: &str| std::env::var(name).ok().map(|number| number.parse::<u64>().unwrap());
    let (first, count) =
        (number("LOCKSTEP_FIRST_HISTORY").unwrap_or(0), number("LOCKSTEP_HISTORIES").unwrap_or(6));
    let on_sqlite = Beginning::on(None);
    let on_postgres = cluster().map(|cluster| Beginning::on(Some(cluster.create_database().unwrap())));
    let mut told = history::Told::default();
    let mut failed = Vec::new();
    for seed in first..first + count {
        let beginning = match &on_postgres {
            Some(on_postgres) if seed % ON_POSTGRES == 1 => on_postgres,
            _ => &on_sqlite,
        };
        let play = || {
            let mut history = History::begin(beginning.copy(), seed);
            (0..STEPS).for_each(|number| history.step(number));
            history.end()
        };
        // A long run goes on to the end, and says then which failed.
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(play)) {
            Ok(one) => told.add(&one),
            Err(_) => failed.push(seed),
        }
    }
    println!("{count} histories: {told}");
    assert!(failed.is_empty(), "LOCKSTEP_FIRST_HISTORY={failed:?} fails");
}
