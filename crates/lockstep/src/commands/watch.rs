//! `lockstep watch`: reads again on every change, and says what changed in the drift.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Local, Utc};
use clap::Args;
use lockstep_core::diagnostic::Diagnostic;
use lockstep_engine::{
    context::{Engine, SystemClock},
    registry::Current,
    watch::{Changed, Move, Watcher, What, moves},
    worker::{Until, Worker},
};
use serde::Serialize;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{Screen, Tone, words::counted},
};

const SCHEMA: &str = "lockstep.watch/1";
/// How often it is seen to that nothing stands half-written.
const CARE: Duration = Duration::from_secs(2);
/// How soon a signal is heard.
const ATTENTION: Duration = Duration::from_millis(25);

/// Say what changes in the drift while people work, until Ctrl-C.
#[derive(Debug, Args)]
#[command(after_help = "\
Both sides are read again as soon as nothing was written for 40 ms. What changed goes into the drift queue, and is
evaluated there at once, unless --queue leaves that to `lockstep work`. SIGINT and SIGTERM end it with 0.

Examples:
  # One line for each change of the drift
  lockstep watch
  # The same as one JSON document a line
  lockstep watch --json")]
pub struct WatchArgs {
    /// Leave what is put into the drift queue to workers
    #[arg(long)]
    pub queue: bool,
}

/// One line of `--json`.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    /// Both sides were read: from here on changes are told.
    Watching { at: DateTime<Utc>, components: usize, changes: usize },
    /// Something changed in the drift.
    Drift(&'a Move),
    /// What changed can't be read; the next change is waited for.
    Failed {
        at: DateTime<Utc>,
        message: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        diagnostics: Vec<Diagnostic>,
    },
}

/// Runs the command.
pub fn run(args: &WatchArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let mut engine = app.engine().await?;
        let mut watcher = Watcher::start(&engine.workspace)?;
        let mut current = engine.refresh().await?;
        app.run_until_signal()?;
        tell_start(app, &current);
        let mut changed = Changed::default();
        loop {
            let next = tokio::select! {
                () = asked_to_end(app) => break,
                // What is brought back changes files, which the watcher tells.
                () = keep_whole(&engine, app) => break,
                next = watcher.next() => next?,
            };
            let Some(next) = next else { break };
            changed.and(next);
            match turn(&mut engine, &changed, args).await {
                Ok(now) => {
                    if changed.config {
                        watcher = Watcher::start(&engine.workspace)?;
                    }
                    changed = Changed::default();
                    moves(&current, &now).iter().for_each(|change| tell_move(&app.screen, change));
                    current = now;
                }
                Err(failure) => tell_failure(app, failure),
            }
        }
        Ok(Outcome::Fine)
    })
}

/// Reads again, queues what changed, and evaluates it.
async fn turn(engine: &mut Engine, changed: &Changed, args: &WatchArgs) -> Result<Current, Failure> {
    if changed.config {
        engine.reopen()?;
    }
    let current = engine.look_again().await?;
    if current.queued > 0 && !args.queue {
        let worker = Worker::open(engine.store.clone(), Arc::new(SystemClock)).await?;
        worker.run(1, Until::Drained, |_| {}).await?;
    }
    Ok(current)
}

/// Brings back what processes leave half-written that die while nobody else comes by, for as long as it is waited for.
async fn keep_whole(engine: &Engine, app: &App) {
    let mut said = String::new();
    loop {
        tokio::time::sleep(CARE).await;
        if let Err(error) = engine.recover().await {
            let failure = Failure::from(error);
            if failure.message != said {
                said.clone_from(&failure.message);
                tell_failure(app, failure);
            }
        }
    }
}

async fn asked_to_end(app: &App) {
    while !app.interrupt.came() && !app.screen.is_closed() {
        tokio::time::sleep(ATTENTION).await;
    }
}

fn tell_start(app: &App, current: &Current) {
    let components = current.entries.len();
    let compared = current.entries.iter().filter_map(|entry| entry.compared.as_ref());
    let changes = compared.map(|compared| compared.drift.reported.len()).sum();
    if app.screen.json() {
        let line = Line::Watching { at: app.now(), components, changes };
        return app.screen.print_json_line(SCHEMA, &line);
    }
    app.screen.note(&format!(
        "watching {}, {} of drift; Ctrl-C ends",
        counted(components, "component"),
        counted(changes, "change")
    ));
}

/// Time, component, path, what happened, who moved, and why.
fn tell_move(screen: &Screen, change: &Move) {
    if screen.json() {
        return screen.print_json_line(SCHEMA, &Line::Drift(change));
    }
    let style = screen.style();
    let tone = match change.what {
        What::Appeared => Tone::Warn,
        What::Changed => Tone::Accent,
        What::Resolved => Tone::Good,
    };
    screen.print(&format!(
        "{}  {}  {}  {}  {}  {}",
        style.paint(Tone::Dim, change.at.with_timezone(&Local).format("%H:%M:%S").to_string()),
        style.paint(Tone::Strong, &change.component),
        style.paint(Tone::Accent, change.path.to_string()),
        style.paint(tone, change.what.to_string()),
        change.moved,
        style.paint(Tone::Dim, &change.reason),
    ));
}

fn tell_failure(app: &App, failure: Failure) {
    if app.screen.json() {
        let Failure { message, hint, diagnostics, .. } = failure;
        let line = Line::Failed { at: app.now(), message, hint, diagnostics };
        app.screen.print_json_line(SCHEMA, &line);
    } else {
        failure.tell(&app.screen);
    }
}
