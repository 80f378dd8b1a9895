//! `lockstep audit`: what was done and what was refused, by whom, and whether the log is whole.

use clap::{Args, Subcommand};
use lockstep_core::{audit::ChainedEntry, undo::Outcome as Ended};
use lockstep_engine::{access::Access, audit::AuditCheck, context::Actor};

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Tone,
        table::{Align, Cell, Table},
        time::moment,
        words::counted,
    },
};

/// How many entries `export` reads at once.
const PAGE: usize = 1_000;

/// Say what was done and what was refused, by whom; check that the log is whole.
#[derive(Debug, Args)]
#[command(after_help = "\
The log is append-only, and each entry's hash covers the one before it: what was changed, removed or inserted shows.
Write the hash down that `verify` prints: only it tells when the newest entries are cut off.

Examples:
  # The newest 20
  lockstep audit
  # Is it whole? Exits with 3 when it is not
  lockstep audit verify
  # All of it, one JSON document a line, newest first
  lockstep audit export > audit.jsonl")]
pub struct AuditArgs {
    /// What to do; `list` by default.
    #[command(subcommand)]
    pub action: Option<AuditAction>,
}

/// What can be done with the audit log.
#[derive(Debug, Clone, Subcommand)]
pub enum AuditAction {
    /// List the newest entries
    List {
        /// At most so many
        #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        /// Only those before this one
        #[arg(long, value_name = "NUMBER")]
        before: Option<i64>,
    },
    /// Hold every entry against its hash and the one before it
    Verify,
    /// Print all entries, one JSON document a line, newest first
    Export,
}

/// Runs the command.
pub fn run(args: &AuditArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let (access, actor) = app.access().await?;
        match args.action.clone().unwrap_or(AuditAction::List { limit: 20, before: None }) {
            AuditAction::List { limit, before } => {
                let entries = access.audit_log(&actor, before, limit as usize).await?;
                if app.screen.json() {
                    app.screen.print_json("lockstep.audit/1", &entries);
                } else {
                    app.screen.print(&table(&entries).render(app.screen.style(), app.screen.width()));
                }
                Ok(Outcome::Fine)
            }
            AuditAction::Verify => Ok(tell_check(app, &access.check_audit_log(&actor).await?)),
            AuditAction::Export => export(app, &access, &actor).await,
        }
    })
}

fn tell_check(app: &App, check: &AuditCheck) -> Outcome {
    let count = counted(usize::try_from(check.verified).unwrap_or_default(), "entry");
    if app.screen.json() {
        app.screen.print_json("lockstep.audit-check/1", check);
    } else {
        let style = app.screen.style();
        match &check.tampering {
            None => {
                app.screen.print(&format!("{}: {count}, {}", style.paint(Tone::Good, "whole"), check.head))
            }
            Some(wrong) => app.screen.print(&format!(
                "{}: {}\nwhole up to there: {count}, {}",
                style.paint(Tone::Bad, "tampered with"),
                style.paint(Tone::Plain, wrong),
                check.head
            )),
        }
    }
    if check.tampering.is_some() { Outcome::Refused } else { Outcome::Fine }
}

async fn export(app: &App, access: &Access, actor: &Actor) -> Result<Outcome, Failure> {
    let mut before = None;
    loop {
        let entries = access.audit_log(actor, before, PAGE).await?;
        let Some(last) = entries.last() else { return Ok(Outcome::Fine) };
        before = Some(last.entry.seq);
        for entry in &entries {
            app.screen.print_json_line("lockstep.audit-entry/1", entry);
        }
        if app.screen.is_closed() {
            return Ok(Outcome::Fine);
        }
    }
}

fn table(entries: &[ChainedEntry]) -> Table {
    let mut table = Table::new([
        ("no.", Align::Right),
        ("when, utc", Align::Left),
        ("who", Align::Left),
        ("what", Align::Left),
        ("how it ended", Align::Left),
        ("components", Align::Right),
    ]);
    for ChainedEntry { entry, .. } in entries {
        let tone = match entry.outcome {
            Ended::Done => Tone::Good,
            Ended::Refused => Tone::Warn,
            Ended::Failed => Tone::Bad,
        };
        let components =
            if entry.component_count > 0 { entry.component_count.to_string() } else { String::new() };
        table.row([
            Cell::new(Tone::Dim, entry.seq.to_string()),
            Cell::new(Tone::Dim, moment(entry.at)),
            Cell::new(Tone::Strong, &entry.actor_name),
            entry.action.as_str().into(),
            Cell::new(tone, entry.outcome.as_str()),
            components.into(),
        ]);
    }
    table
}
