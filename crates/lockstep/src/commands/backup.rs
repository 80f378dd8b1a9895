//! `lockstep backup` and `lockstep restore`: the registry as a file, and a file as the registry.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use lockstep_engine::{Store, backup};
use serde::Serialize;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::words::grouped,
};

const FROM_POSTGRES: &str = "use `pg_dump --format=custom` and `pg_restore`: docs/hub.md shows how";

/// Write a copy of the registry into a file, also while it is in use.
#[derive(Debug, Args)]
#[command(after_help = "\
The copy is one consistent state of an SQLite registry, and is checked before the command ends. It holds what the registry
holds: no secret, and no file of the workspace. On PostgreSQL, use pg_dump.

Examples:
  # Beside a hub, every night
  lockstep backup lockstep-backup.db
  # Its size and version, for a script
  lockstep backup lockstep-backup.db --json")]
pub struct BackupArgs {
    /// The file; it must not be there yet
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Put a backup in the place of the registry.
#[derive(Debug, Args)]
#[command(after_help = "\
The backup is checked first. A registry that is there stays, under another name, and only --replace lets it go from its
place: nobody may have it open then, so stop hubs and workers before. Do this while no sync is half done.

Examples:
  # Where there is no registry yet
  lockstep restore lockstep-backup.db
  # In the place of the one that is there
  lockstep restore lockstep-backup.db --replace")]
pub struct RestoreArgs {
    /// The backup
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Put it in the place of a registry that is there, which is kept under another name
    #[arg(long)]
    pub replace: bool,
}

#[derive(Serialize)]
struct BackedUp {
    file: String,
    size: u64,
    schema_version: i64,
}

#[derive(Serialize)]
struct Restored {
    registry: String,
    schema_version: i64,
    /// Where the registry is now that was in its place.
    replaced: Option<String>,
}

/// Runs `lockstep backup`.
pub fn run(args: &BackupArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let store = app.registry().await?;
        let schema_version = store.info().await?.schema_version;
        let partial = beside(&args.file, "partial");
        // Of a run that was cut off; a file of the name that is asked for is never touched.
        if args.file.exists() {
            let message = format!("{} is there already", args.file.display());
            return Err(Failure::refused(message).hint("name a new file, or move that one away"));
        }
        remove(&partial)?;
        if !store.copy_to(&partial).await? {
            return Err(Failure::refused("the registry is on PostgreSQL").hint(FROM_POSTGRES));
        }
        check(&partial).await?;
        keep(&partial, &args.file).map_err(|error| unwritable(&args.file, &error))?;
        let size = fs::metadata(&args.file).map_err(|error| unwritable(&args.file, &error))?.len();
        let file = args.file.display().to_string();
        if app.screen.json() {
            app.screen.print_json("lockstep.backup/1", &BackedUp { file, size, schema_version });
        } else {
            let size = grouped(usize::try_from(size / 1024).unwrap_or(usize::MAX));
            app.screen.print(&format!("{file}: {size} KiB, schema version {schema_version}, whole"));
        }
        Ok(Outcome::Fine)
    })
}

/// Runs `lockstep restore`.
pub fn restore(args: &RestoreArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let url = match app.database_url() {
            Some(url) => url.expose().to_owned(),
            None => app.store_url(&app.workspace()?)?,
        };
        let Some(registry) = url.strip_prefix("sqlite://").map(PathBuf::from) else {
            return Err(Failure::refused("the registry is on PostgreSQL").hint(FROM_POSTGRES));
        };
        check(&args.file).await?;
        let partial = beside(&registry, "partial");
        fs::copy(&args.file, &partial).map_err(|error| unwritable(&partial, &error))?;
        let schema_version = version_of(&partial).await.inspect_err(|_| drop(fs::remove_file(&partial)))?;
        let replaced = match registry.exists() {
            false => {
                // Left of a registry that was removed by hand.
                ["-wal", "-shm"].iter().try_for_each(|part| remove(&with(&registry, part)))?;
                None
            }
            true if args.replace => Some(put_aside(&registry, app).await?),
            true => {
                remove(&partial)?;
                let message = format!("there is a registry: {}", registry.display());
                return Err(Failure::refused(message).hint("--replace puts it aside, under another name"));
            }
        };
        keep(&partial, &registry).map_err(|error| unwritable(&registry, &error))?;
        let replaced = replaced.map(|path| path.display().to_string());
        let restored = Restored { registry: registry.display().to_string(), schema_version, replaced };
        if app.screen.json() {
            app.screen.print_json("lockstep.restore/1", &restored);
        } else {
            let Restored { registry, replaced, .. } = restored;
            let kept = replaced.map(|path| format!("; what was there is now {path}")).unwrap_or_default();
            app.screen.print(&format!("{registry} is that backup, of schema version {schema_version}{kept}"));
        }
        Ok(Outcome::Fine)
    })
}

/// Refuses what is no whole SQLite file.
async fn check(file: &Path) -> Result<(), Failure> {
    if !file.is_file() {
        return Err(Failure::bad_input(format!("there is no file {}", file.display())).hint("check its name"));
    }
    let damaged = |why: String| {
        let message = format!("{} is no whole registry: {why}", file.display());
        Failure::bad_input(message).hint("take another backup")
    };
    match backup::damage(file).await {
        Ok(None) => Ok(()),
        Ok(Some(why)) => Err(damaged(why)),
        Err(error) => Err(damaged(error.to_string())),
    }
}

/// The schema version of a copy, which this Lockstep must know.
async fn version_of(file: &Path) -> Result<i64, Failure> {
    let store = Store::connect(&format!("sqlite://{}", file.display())).await?;
    let migrated = store.migrate().await;
    // Its log is written back, so that the file alone is all of it.
    store.close().await;
    let migrated = migrated?;
    match migrated.from {
        0 => {
            Err(Failure::bad_input(format!("{} is no registry", file.display())).hint("take another backup"))
        }
        _ => Ok(migrated.to),
    }
}

/// Moves the registry away, if nobody has it open. One that is no database any more is moved, too: it is why people restore.
async fn put_aside(registry: &Path, app: &App) -> Result<PathBuf, Failure> {
    if let Ok(false) = backup::is_alone(registry).await {
        let message = "another process has the registry open";
        return Err(Failure::refused(message).hint("stop hubs, workers and other commands first"));
    }
    let aside = beside(registry, &app.now().format("before-restore-%Y%m%dT%H%M%S%.3fZ").to_string());
    // What is beside it belongs to it, and must not be taken for the backup's.
    for part in ["-wal", "-shm", ""] {
        match fs::rename(with(registry, part), with(&aside, part)) {
            Err(error) if part.is_empty() || error.kind() != io::ErrorKind::NotFound => {
                return Err(unwritable(&aside, &error));
            }
            _ => {}
        }
    }
    Ok(aside)
}

fn with(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    with(file, &format!(".{suffix}"))
}

fn remove(file: &Path) -> Result<(), Failure> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unwritable(file, &error)),
        _ => Ok(()),
    }
}

/// Gives a file that is whole its name, for good: also after a power cut it has either.
fn keep(partial: &Path, file: &Path) -> io::Result<()> {
    fs::File::open(partial)?.sync_all()?;
    fs::rename(partial, file)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn unwritable(file: &Path, error: &io::Error) -> Failure {
    Failure::bad_input(format!("can't write {}: {error}", file.display()))
        .hint("make room, or let this user write there")
}
