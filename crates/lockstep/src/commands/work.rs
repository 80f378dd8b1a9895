//! `lockstep work`: evaluates what waits in the drift queue.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use clap::Args;
use lockstep_engine::{
    context::SystemClock,
    worker::{Done, Ended, Told, Until, Worker},
};
use serde::Serialize;

use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Screen, Style, Tone,
        time::until,
        words::{counted, listed},
    },
};

const SCHEMA: &str = "lockstep.work/1";
/// How soon a signal is heard.
const ATTENTION: Duration = Duration::from_millis(25);

/// Evaluate the drift of components that wait in the drift queue.
#[derive(Debug, Args)]
#[command(after_help = "\
A worker needs the registry and nothing else: `DATABASE_URL` is enough, on any machine. It compares what the last scan
recorded of both sides, as lockstep.toml and Code Connect said then; it reads no file of the workspace. Several workers
share one registry. SIGINT and SIGTERM let the components at hand be finished, and end it with 0.

Examples:
  # After `lockstep scan --queue`: evaluate what changed, then end
  lockstep work --once
  # Work for a team's registry until it is stopped, on any machine that has its DATABASE_URL
  lockstep work --concurrency 4

With --once, the exit code is 3 when a component could not be evaluated.")]
pub struct WorkArgs {
    /// End when nothing waits any more
    #[arg(long)]
    pub once: bool,
    /// How many batches to evaluate at once
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub concurrency: u16,
}

/// One line of `--json`.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Line<'a> {
    /// The work begins.
    Working { at: DateTime<Utc>, registry: String },
    /// Components of a worker that died are back in the queue.
    Released { at: DateTime<Utc>, components: u64 },
    /// The registry failed, and the work goes on in a moment.
    Trouble { at: DateTime<Utc>, message: &'a str },
    /// The work has ended.
    Ended { at: DateTime<Utc>, totals: Totals },
}

/// A component, as a line of `--json`.
#[derive(Serialize)]
struct DoneLine<'a> {
    at: DateTime<Utc>,
    #[serde(flatten)]
    done: &'a Done,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Totals {
    evaluated: usize,
    changed: usize,
    gone: usize,
    lost: usize,
    failed: usize,
}

/// Runs the command.
pub fn run(args: &WorkArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        let worker = Worker::open(app.registry().await?, Arc::new(SystemClock)).await?;
        app.run_until_signal()?;
        let registry = worker.store().address();
        if app.screen.json() {
            app.screen.print_json_line(SCHEMA, &Line::Working { at: app.now(), registry });
        } else if !args.once {
            app.screen.note(&format!("working for {registry}; Ctrl-C ends"));
        }
        let totals = Arc::new(Mutex::new(Totals::default()));
        let teller = Teller { screen: Arc::clone(&app.screen), totals: Arc::clone(&totals) };
        let watching = tokio::spawn(stop_at_signal(worker.clone(), app));
        let until = if args.once { Until::Drained } else { Until::Stopped };
        let worked = worker.run(usize::from(args.concurrency), until, move |told| teller.tell(told)).await;
        watching.abort();
        let totals = *totals.lock().unwrap_or_else(PoisonError::into_inner);
        tell_end(app, totals);
        worked?;
        Ok(if args.once && totals.failed > 0 { Outcome::Refused } else { Outcome::Fine })
    })
}

/// Stops the worker when a signal comes, or nobody reads the output any more.
fn stop_at_signal(worker: Worker, app: &App) -> impl Future<Output = ()> + Send + use<> {
    let (interrupt, screen) = (app.interrupt.clone(), Arc::clone(&app.screen));
    async move {
        while !interrupt.came() && !screen.is_closed() {
            tokio::time::sleep(ATTENTION).await;
        }
        worker.stop();
    }
}

/// Tells what a worker does.
struct Teller {
    screen: Arc<Screen>,
    totals: Arc<Mutex<Totals>>,
}

impl Teller {
    fn tell(&self, told: Told<'_>) {
        let at = Utc::now();
        let style = self.screen.error_style();
        match told {
            Told::Done(done) => {
                self.totals.lock().unwrap_or_else(PoisonError::into_inner).count(&done.ended);
                if self.screen.json() {
                    self.screen.print_json_line(SCHEMA, &DoneLine { at, done });
                } else if let Some(line) = render(done, self.screen.style(), at, self.screen.verbose()) {
                    self.screen.print(&line);
                }
            }
            Told::Released(components) if self.screen.json() => {
                self.screen.print_json_line(SCHEMA, &Line::Released { at, components });
            }
            Told::Released(components) => {
                let count = counted(usize::try_from(components).unwrap_or(usize::MAX), "component");
                self.screen.note(&format!("{count} of a worker that died: back in the queue"));
            }
            Told::Trouble(message) if self.screen.json() => {
                self.screen.print_json_line(SCHEMA, &Line::Trouble { at, message: &message });
            }
            Told::Trouble(message) => {
                let message = style.paint(Tone::Bad, message);
                self.screen.complain(&format!("{message}; the work goes on in a moment"));
            }
        }
    }
}

impl Totals {
    fn count(&mut self, ended: &Ended) {
        *match ended {
            Ended::Evaluated { .. } => &mut self.evaluated,
            Ended::Changed => &mut self.changed,
            Ended::Gone => &mut self.gone,
            Ended::Lost => &mut self.lost,
            Ended::Failed { .. } => &mut self.failed,
        } += 1;
    }
}

/// What is worth a line: what changed and what failed; with `--verbose` everything.
fn render(done: &Done, style: Style, now: DateTime<Utc>, verbose: bool) -> Option<String> {
    let (tone, word, rest) = match &done.ended {
        Ended::Evaluated { changes, appeared, resolved, .. } => {
            let moves = [(appeared, "new"), (resolved, "resolved")];
            let moves = moves.iter().filter(|(count, _)| **count > 0);
            let moves: Vec<String> = moves.map(|(count, what)| format!("{count} {what}")).collect();
            if moves.is_empty() && !verbose {
                return None;
            }
            let total = counted(*changes, "change");
            let rest = if moves.is_empty() { total } else { format!("{total}: {}", listed(&moves)) };
            let tone = if *changes > 0 { Tone::Warn } else { Tone::Good };
            (tone, if *changes > 0 { "drift" } else { "in step" }, rest)
        }
        Ended::Changed => (Tone::Dim, "again", "it changed while it was evaluated".to_owned()),
        Ended::Gone if verbose => (Tone::Dim, "gone", "it is not in the code any more".to_owned()),
        Ended::Lost if verbose => (Tone::Dim, "lost", "another worker took it over".to_owned()),
        Ended::Gone | Ended::Lost => return None,
        Ended::Failed { reason, retry_at } => {
            let next = match retry_at {
                Some(at) => format!("tried again {}", until(*at, now)),
                None => format!(
                    "given up after {}; see `lockstep queue`",
                    counted(usize::try_from(done.attempt).unwrap_or_default(), "attempt")
                ),
            };
            (Tone::Bad, "failed", format!("{reason}; {next}"))
        }
    };
    let word = style.paint(tone, format!("{word:<7}"));
    Some(format!(
        "{word}  {}  {}",
        style.paint(Tone::Strong, &done.component),
        style.paint(Tone::Plain, rest)
    ))
}

fn tell_end(app: &App, totals: Totals) {
    if app.screen.json() {
        return app.screen.print_json_line(SCHEMA, &Line::Ended { at: app.now(), totals });
    }
    let parts: Vec<String> =
        [(totals.evaluated, "evaluated"), (totals.gone, "gone"), (totals.failed, "failed")]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
    app.screen.print(&if parts.is_empty() { "Nothing waits".to_owned() } else { listed(&parts) });
}
