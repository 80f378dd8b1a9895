//! `lockstep doctor`: whether all that Lockstep needs here is as it should be.

use std::{path::Path, sync::Arc};

use chrono::TimeDelta;
use clap::Args;
use lockstep_core::credential::CredentialStatus;
use lockstep_engine::{
    Store, StoreError,
    context::{Engine, SystemClock},
    workspace::Workspace,
};
use lockstep_server::disk;
use serde::Serialize;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{Tone, words::counted},
};

/// How far a clock may be from the database's before what it writes is out of order.
const CLOSE: TimeDelta = TimeDelta::seconds(5);

/// Look whether all that is needed here is as it should be.
#[derive(Debug, Args)]
#[command(after_help = "\
Looks at lockstep.toml, the registry and its tables, the disk, the clock, the project's formatter, the browser, and the
credentials, and changes none of them. Exits with 4 when something fails; what deserves a look alone is fine.

Examples:
  # On this machine, as this user
  lockstep doctor
  # Before a hub is started, for a script
  lockstep doctor --json")]
pub struct DoctorArgs {}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    /// As it should be.
    Ok,
    /// Something is amiss that not everything needs.
    Warning,
    /// Nothing works without it.
    Failed,
    /// It could not be looked at, for want of something else.
    Skipped,
}

/// What was found of one thing.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    status: Status,
    told: String,
    next_step: Option<String>,
}

impl Check {
    fn ok(name: &'static str, told: impl Into<String>) -> Self {
        Self { name, status: Status::Ok, told: told.into(), next_step: None }
    }

    fn amiss(status: Status, name: &'static str, told: impl Into<String>, next: Option<String>) -> Self {
        Self { name, status, told: told.into(), next_step: next }
    }

    fn skipped(name: &'static str, told: &str) -> Self {
        Self::amiss(Status::Skipped, name, told, None)
    }
}

#[derive(Serialize)]
struct Found {
    checks: Vec<Check>,
}

/// Runs the command.
pub fn run(_: &DoctorArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let mut checks = Vec::new();
        let workspace = configuration(app, &mut checks);
        let url = match app.database_url() {
            Some(url) => Some(url.expose().to_owned()),
            None => workspace.as_ref().and_then(|workspace| app.store_url(workspace).ok()),
        };
        let store = match url {
            Some(url) => registry(&url, &mut checks).await,
            None => {
                checks.push(Check::skipped("database", "it is not known where the registry is"));
                None
            }
        };
        checks.push(room(workspace.as_ref(), store.as_ref()));
        checks.push(match &store {
            Some(store) => clock(app, store).await,
            None => Check::skipped("clock", "there is no registry to hold it against"),
        });
        checks.push(match &workspace {
            Some(workspace) => formatter(workspace),
            None => Check::skipped("formatter", "there is no workspace"),
        });
        let is_ready = checks.iter().all(|check| check.status == Status::Ok || check.name != "migrations");
        match (workspace, store.filter(|_| is_ready)) {
            (Some(workspace), Some(store)) => engine(app, workspace, store, &mut checks).await?,
            _ => {
                let why = "it takes a workspace and its registry";
                checks.extend(["browser", "credentials"].map(|name| Check::skipped(name, why)));
            }
        }
        Ok(tell(app, checks))
    })
}

fn configuration(app: &App, checks: &mut Vec<Check>) -> Option<Workspace> {
    if !app.has_workspace() && app.database_url().is_some() {
        checks.push(Check::ok("configuration", "no workspace: DATABASE_URL says where the registry is"));
        return None;
    }
    match app.workspace() {
        Ok(workspace) => {
            let folder = workspace.folder.display();
            checks.push(match workspace.warnings.len() {
                0 => Check::ok("configuration", format!("{folder}/lockstep.toml")),
                count => {
                    let told = format!("{folder}/lockstep.toml: {}", counted(count, "warning"));
                    let next = "`lockstep scan` shows each at its place".to_owned();
                    Check::amiss(Status::Warning, "configuration", told, Some(next))
                }
            });
            Some(workspace)
        }
        Err(failure) => {
            checks.push(Check::amiss(Status::Failed, "configuration", failure.message, failure.hint));
            None
        }
    }
}

/// The registry, if its database answers; as it is, without bringing it up to date.
async fn registry(url: &str, checks: &mut Vec<Check>) -> Option<Store> {
    let failed = |name, error: StoreError| {
        let next = error.hint().map(|hint| hint.into_owned());
        Check::amiss(Status::Failed, name, error.to_string(), next)
    };
    // A look must not make the file.
    if url.strip_prefix("sqlite://").is_some_and(|file| !Path::new(file).exists()) {
        let next = "`lockstep scan` makes it".to_owned();
        checks.push(Check::amiss(Status::Warning, "database", "there is no registry yet", Some(next)));
        return None;
    }
    let store = match Store::connect(url).await {
        Ok(store) => store,
        Err(error) => {
            checks.push(failed("database", error));
            return None;
        }
    };
    match store.info().await {
        Ok(info) => {
            checks.push(Check::ok(
                "database",
                format!("{} {}, {}", info.backend, info.server_version, info.address),
            ));
        }
        Err(error) => {
            checks.push(failed("database", error));
            return None;
        }
    }
    checks.push(match store.check_schema().await {
        Ok(()) => Check::ok("migrations", "the tables are up to date"),
        Err(error) => failed("migrations", error),
    });
    Some(store)
}

fn room(workspace: Option<&Workspace>, store: Option<&Store>) -> Check {
    let folders = [
        workspace.map(|workspace| workspace.folder.as_path()),
        store.and_then(Store::file).and_then(Path::parent),
    ];
    for folder in folders.into_iter().flatten() {
        if let Some(trouble) = disk::trouble(folder) {
            let told = format!("{}: {trouble}", folder.display());
            return Check::amiss(
                Status::Failed,
                "disk",
                told,
                Some("make room, or let it be written".to_owned()),
            );
        }
    }
    Check::ok("disk", "there is room")
}

async fn clock(app: &App, store: &Store) -> Check {
    let behind = |other: &str, by: TimeDelta| {
        let told = format!("this machine's clock and {other} are {} seconds apart", by.num_seconds());
        let next = "let both be set by NTP: windows for undo, schedules and leases go by them".to_owned();
        Check::amiss(Status::Failed, "clock", told, Some(next))
    };
    let now = app.now();
    match store.clock().await {
        Ok(Some(theirs)) if (theirs - now).abs() > CLOSE => behind("the database's", (theirs - now).abs()),
        Ok(_) => match store.last_written().await {
            Ok(Some(last)) if last > now + CLOSE => behind("the time of what was written last", last - now),
            _ => Check::ok("clock", "it goes with the registry's"),
        },
        Err(_) => Check::skipped("clock", "the database does not say what time it is"),
    }
}

fn formatter(workspace: &Workspace) -> Check {
    match lockstep_engine::formatter_of(workspace) {
        Some(name) => Check::ok("formatter", format!("{name}, as the project has it")),
        None => Check::ok("formatter", "the project has none: new stories are laid out as those beside them"),
    }
}

async fn engine(
    app: &App,
    workspace: Workspace,
    store: Store,
    checks: &mut Vec<Check>,
) -> Result<(), Failure> {
    let progress = Box::new(app.screen.watcher(app.interrupt.clone()));
    let engine = Engine::open(workspace, store, &app.os_user(), Box::new(SystemClock), progress).await?;
    checks.push(match engine.browser_version().await {
        Ok(version) => Check::ok("browser", version),
        // Only `lockstep test` needs one.
        Err(error) => Check::amiss(Status::Warning, "browser", error.to_string(), error.hint()),
    });
    let all = engine.credentials().list().await?;
    let amiss: Vec<_> = all.iter().filter(|one| one.status != CredentialStatus::Valid).collect();
    checks.push(match amiss.first() {
        None => Check::ok("credentials", format!("{}, none of them amiss", counted(all.len(), "credential"))),
        Some(first) => {
            let told = amiss.iter().map(|one| format!("{} is {}", one.name, one.status)).collect::<Vec<_>>();
            let next = first.next_step.clone().or(Some("`lockstep credential` shows them".to_owned()));
            Check::amiss(Status::Warning, "credentials", told.join(", "), next)
        }
    });
    Ok(())
}

fn tell(app: &App, checks: Vec<Check>) -> Outcome {
    let has_failed = checks.iter().any(|check| check.status == Status::Failed);
    let screen = Arc::clone(&app.screen);
    if screen.json() {
        screen.print_json("lockstep.doctor/1", &Found { checks });
    } else {
        let style = screen.style();
        for check in &checks {
            let (tone, word) = match check.status {
                Status::Ok => (Tone::Good, "ok"),
                Status::Warning => (Tone::Warn, "look"),
                Status::Failed => (Tone::Bad, "failed"),
                Status::Skipped => (Tone::Dim, "skipped"),
            };
            let word = style.paint(tone, format!("{word:>8}"));
            screen.print(&format!("{word}  {:<14} {}", check.name, style.paint(Tone::Plain, &check.told)));
            if let Some(next) = &check.next_step {
                screen.print(&format!("{:>24} {}", "", style.paint(Tone::Dim, next)));
            }
        }
    }
    if has_failed { Outcome::Incomplete } else { Outcome::Fine }
}
