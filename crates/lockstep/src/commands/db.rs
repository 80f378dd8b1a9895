//! `lockstep db`: looks after the registry's database.

use clap::{Args, Subcommand};
use lockstep_engine::Info;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Style, Tone,
        table::{Align, Cell, Table},
        words::grouped,
    },
};

const EXAMPLES: &str = "\
Examples:
  # Which database, and how much is in it
  lockstep db info
  # After an update, before several processes start
  lockstep db migrate";

/// Look after the registry's database.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DbArgs {
    /// What to do.
    #[command(subcommand)]
    pub action: DbAction,
}

/// What can be done with the database.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum DbAction {
    /// Bring the tables up to date
    Migrate,
    /// Say which database it is, its version and its size
    Info,
}

/// Runs the command. `DATABASE_URL` alone is enough; without it, the workspace says which database it is.
pub fn run(args: &DbArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let store = app.registry().await?;
        match args.action {
            DbAction::Migrate => {
                let migrated = store.migrate().await?;
                if app.screen.json() {
                    app.screen.print_json("lockstep.db-migrate/1", &migrated);
                } else if migrated.applied.is_empty() {
                    app.screen.print(&format!(
                        "{} is up to date at schema version {}",
                        store.address(),
                        migrated.to
                    ));
                } else {
                    app.screen.print(&format!(
                        "{}: schema version {} -> {} ({})",
                        store.address(),
                        migrated.from,
                        migrated.to,
                        migrated.applied.join(", ")
                    ));
                }
            }
            DbAction::Info => {
                let info = store.info().await?;
                if app.screen.json() {
                    app.screen.print_json("lockstep.db-info/1", &info);
                } else {
                    app.screen.print(&render(&info, app.screen.style(), app.screen.width()));
                }
            }
        }
        Ok(Outcome::Fine)
    })
}

fn render(info: &Info, style: Style, width: usize) -> String {
    let mut text = format!(
        "{}  {} {}, schema version {}, {} KiB\n\n",
        style.paint(Tone::Strong, &info.address),
        info.backend,
        info.server_version,
        info.schema_version,
        grouped(usize::try_from(info.size / 1024).unwrap_or(usize::MAX)),
    );
    let mut table = Table::new([("table", Align::Left), ("rows", Align::Right)]);
    for entry in &info.tables {
        let rows = grouped(usize::try_from(entry.rows).unwrap_or_default());
        table.row([entry.name.as_str().into(), Cell::new(Tone::Plain, rows)]);
    }
    text.push_str(&table.render(style, width));
    text
}
