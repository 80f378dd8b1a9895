//! `lockstep sessions`: what came of opening stories in a browser.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use lockstep_core::session::{Metric, Outcomes};
use lockstep_engine::sessions::{self, ComponentOutcomes, PictureChange, SessionView};

use super::test::{told, tone};
use crate::{
    app::App,
    exit::{Failure, Outcome},
    output::{
        Style, Tone,
        table::{Align, Cell, Table},
        time::{ago, moment},
    },
};

const EXAMPLES: &str = "\
Examples:
  # The newest 20
  lockstep sessions
  # Those of one story or component
  lockstep sessions list Button --limit 5
  # One of them, with all that was found and measured
  lockstep sessions show 799b2eb5
  # Their look is right: what differs from now on fails
  lockstep sessions approve
  lockstep sessions approve Button
  # How often each story passes, and which are flaky
  lockstep sessions rates";

/// Show what came of opening stories in a browser.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct SessionsArgs {
    /// What to do; `list` by default.
    #[command(subcommand)]
    pub action: Option<SessionsAction>,
}

/// What can be done with sessions.
#[derive(Debug, Clone, Subcommand)]
pub enum SessionsAction {
    /// List the newest sessions
    List {
        /// Only those of a story, by its id, or of a component, by its name
        #[arg(value_name = "STORY")]
        about: Option<String>,
        /// At most so many
        #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Show one session whole
    Show {
        /// Its id, or the first letters of it
        #[arg(value_name = "SESSION")]
        session: String,
    },
    /// Take the newest pictures of stories for how they are to look from now on
    Approve {
        /// Stories by id, components by name; all stories without any
        #[arg(value_name = "STORY")]
        stories: Vec<String>,
    },
    /// Show how the newest sessions of each story ended, and which are flaky
    Rates {
        /// Only those of a story, by its id, or of a component, by its name
        #[arg(value_name = "STORY")]
        about: Option<String>,
    },
}

/// Runs the command.
pub fn run(args: &SessionsArgs, app: &App) -> Result<Outcome, Failure> {
    app.run(async {
        if let Some(SessionsAction::Approve { stories }) = &args.action {
            return approve(stories, app).await;
        }
        let store = app.registry().await?;
        store.migrate().await?;
        let screen = &app.screen;
        match args.action.clone().unwrap_or(SessionsAction::List { about: None, limit: 20 }) {
            SessionsAction::Approve { .. } => {}
            SessionsAction::List { about, limit } => {
                let found = sessions::list(&store, about.as_deref(), limit as usize).await?;
                if screen.json() {
                    screen.print_json("lockstep.test-sessions/1", &found);
                } else if found.is_empty() {
                    screen.print("No sessions yet: `lockstep test` opens stories in a browser");
                } else {
                    screen.print(&table(&found, app.now()).render(screen.style(), screen.width()));
                }
            }
            SessionsAction::Show { session } => {
                let found = sessions::one(&store, &session).await?;
                if screen.json() {
                    screen.print_json("lockstep.test-session/1", &found);
                } else {
                    screen.print(&one(&found, screen.style()));
                }
            }
            SessionsAction::Rates { about } => {
                let found = sessions::rates(&store, about.as_deref()).await?;
                if screen.json() {
                    screen.print_json("lockstep.test-session-rates/1", &found);
                } else if found.is_empty() {
                    screen.print("No sessions yet: `lockstep test` opens stories in a browser");
                } else {
                    screen.print(&rates(&found).render(screen.style(), screen.width()));
                }
            }
        }
        Ok(Outcome::Fine)
    })
}

async fn approve(stories: &[String], app: &App) -> Result<Outcome, Failure> {
    let approved = app.engine().await?.approve(stories).await?;
    if app.screen.json() {
        app.screen.print_json("lockstep.approved-pictures/1", &approved);
        return Ok(Outcome::Fine);
    }
    let style = app.screen.style();
    for one in &approved {
        let word = match one.change {
            PictureChange::Added => style.paint(Tone::Good, "added   "),
            PictureChange::Replaced => style.paint(Tone::Warn, "replaced"),
            PictureChange::Same => style.paint(Tone::Dim, "same    "),
        };
        app.screen.print(&format!("{word}  {}", style.paint(Tone::Plain, &one.path)));
    }
    Ok(Outcome::Fine)
}

fn table(found: &[SessionView], now: DateTime<Utc>) -> Table {
    let mut table = Table::new([
        ("session", Align::Left),
        ("when", Align::Left),
        ("story", Align::Left),
        ("status", Align::Left),
        ("reason", Align::Left),
        ("ms", Align::Right),
    ]);
    for session in found {
        table.row([
            Cell::new(Tone::Accent, session.id.to_string().chars().take(8).collect::<String>()),
            ago(session.start_time, now).into(),
            Cell::new(Tone::Strong, &session.story),
            Cell::new(tone(session.status), session.status.as_str()),
            session.reason.map(|reason| reason.as_str().replace('_', " ")).unwrap_or_default().into(),
            session.duration_ms.map(|ms| ms.to_string()).unwrap_or_default().into(),
        ]);
    }
    table
}

fn rates(found: &[ComponentOutcomes]) -> Table {
    let mut table = Table::new([
        ("component", Align::Left),
        ("story", Align::Left),
        ("passed", Align::Right),
        ("failed", Align::Right),
        ("aborted", Align::Right),
        ("success", Align::Right),
        ("", Align::Left),
    ]);
    let row = |table: &mut Table, name: Cell, story: &str, outcomes: &Outcomes| {
        let success = outcomes.success_percent.map(|percent| format!("{percent:.0} %")).unwrap_or_default();
        table.row([
            name,
            story.to_owned().into(),
            outcomes.passed.to_string().into(),
            outcomes.failed.to_string().into(),
            outcomes.aborted.to_string().into(),
            success.into(),
            Cell::new(Tone::Warn, if outcomes.flaky > 0 { "flaky" } else { "" }),
        ]);
    };
    for component in found {
        let name = component.component.as_deref().unwrap_or("(no component)");
        row(&mut table, Cell::new(Tone::Strong, name), "", &component.outcomes);
        for story in &component.stories {
            row(&mut table, "".to_owned().into(), &story.story, &story.outcomes);
        }
    }
    table
}

fn one(session: &SessionView, style: Style) -> String {
    let mut text = told(session, style);
    let mut line = |words: String| text.push_str(&format!("         {}\n", style.paint(Tone::Dim, words)));
    line(format!("session {}, {}", session.id, moment(session.start_time)));
    line(format!("correlation {}", session.correlation_id));
    for violation in &session.detail.violations {
        line(format!("{} ({}): {}", violation.id, violation.impact, violation.targets.join(", ")));
    }
    if let Some(why) = &session.detail.unchecked {
        line(format!("accessibility was not checked: {why}"));
    }
    if let Some(measured) = &session.performance_summary {
        for metric in Metric::ALL {
            if let Some(value) = measured.metrics.get(metric) {
                let name = metric.as_str().replace('_', " ");
                let value = if *metric == Metric::CumulativeLayoutShift {
                    format!("{value:.3}")
                } else {
                    format!("{value:.0}")
                };
                line(format!("{name:<28} {value}"));
            }
        }
    }
    text.trim_end().to_owned()
}
