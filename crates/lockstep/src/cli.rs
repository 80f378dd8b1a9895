//! The command line's shape.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

use crate::{
    commands,
    exit::EXIT_CODES,
    output::{ColorChoice, Format, ScreenOptions},
};

/// Keep a component library and its design in step.
#[derive(Debug, Parser)]
#[command(name = "lockstep", version, after_help = EXIT_CODES, propagate_version = true, max_term_width = 110)]
#[command(subcommand_required = true, arg_required_else_help = true, infer_long_args = false)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct GlobalArgs {
    /// The folder that holds lockstep.toml, instead of looking upwards from here
    #[arg(long, global = true, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// Print one JSON document, of a documented and versioned shape
    #[arg(long, global = true)]
    pub json: bool,
    /// Colour the output
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub color: ColorChoice,
    /// Say only what was asked for
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Show no progress
    #[arg(long, global = true)]
    pub no_progress: bool,
}

impl GlobalArgs {
    /// What they say of the output.
    pub fn screen_options(&self) -> ScreenOptions {
        ScreenOptions {
            format: if self.json { Format::Json } else { Format::Human },
            color: self.color,
            verbosity: if self.quiet { -1 } else { i8::try_from(self.verbose).unwrap_or(i8::MAX) },
            no_progress: self.no_progress,
        }
    }
}

/// The commands, in the order in which they are first used.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up a workspace: find the library and its design, write lockstep.toml
    Init(commands::init::InitArgs),
    /// Bring live design files from Figma
    Fetch(commands::fetch::FetchArgs),
    /// Read both sides and record what they state
    Scan(commands::scan::ScanArgs),
    /// One line for each component: mapping, drift, stories, last sync
    Status(commands::status::StatusArgs),
    /// Show components and their properties on both sides
    Components(commands::components::ComponentsArgs),
    /// Show where code and design differ, who moved, and why it is said
    Drift(commands::drift::DriftArgs),
    /// Show which variants have stories, and which kinds of tests there are
    Coverage(commands::coverage::CoverageArgs),
    /// Preview what a sync would change
    Plan(commands::plan::PlanArgs),
    /// Make both sides agree again
    Sync(commands::sync::SyncArgs),
    /// Write stories for what no story shows
    Scaffold(commands::scaffold::ScaffoldArgs),
    /// Open stories in a browser, and say which don't work
    Test(commands::test::TestArgs),
    /// Show what came of opening stories in a browser
    Sessions(commands::sessions::SessionsArgs),
    /// Let scaffolds leave components alone for a while
    Pause(commands::pause::PauseArgs),
    /// Take a sync back
    Undo(commands::undo::UndoArgs),
    /// Apply again what was undone
    Redo(commands::redo::RedoArgs),
    /// List past syncs
    History(commands::history::HistoryArgs),
    /// Show and change which design component a component stands for
    Map(commands::map::MapArgs),
    /// Accept today's differences, so that only new drift alarms
    Accept(commands::accept::AcceptArgs),
    /// Leave something out of the drift report, with a reason
    Ignore(commands::ignore::IgnoreArgs),
    /// Say what changes in the drift while people work
    Watch(commands::watch::WatchArgs),
    /// Evaluate the drift of components that wait in the drift queue
    Work(commands::work::WorkArgs),
    /// Show the drift queue; let what failed be tried again
    Queue(commands::queue::QueueArgs),
    /// Say what happens by itself, and when
    Schedule(commands::schedule::ScheduleArgs),
    /// Serve the registry to people and programs elsewhere, over HTTP
    Serve(commands::serve::ServeArgs),
    /// Answer an assistant by the Model Context Protocol, on the standard streams
    Mcp(commands::mcp::McpArgs),
    /// Say who may use a hub, and what they may do there
    User(commands::user::UserArgs),
    /// Make and take back the tokens that programs come to a hub with
    Token(commands::token::TokenArgs),
    /// Say what opens design tools, channels and services elsewhere, and whether it still does
    Credential(commands::credential::CredentialArgs),
    /// Say who is told what happens, and whether it got there
    Notify(commands::notify::NotifyArgs),
    /// Sum up what happened in a time
    Digest(commands::digest::DigestArgs),
    /// Say what was done and what was refused, by whom
    Audit(commands::audit::AuditArgs),
    /// Remove what has expired
    Maintain(commands::maintain::MaintainArgs),
    /// Look after the registry's database
    Db(commands::db::DbArgs),
    /// Write a copy of the registry into a file
    Backup(commands::backup::BackupArgs),
    /// Put a backup in the place of the registry
    Restore(commands::backup::RestoreArgs),
    /// Look whether all that is needed here is as it should be
    Doctor(commands::doctor::DoctorArgs),
    /// Print a completion script for a shell
    Completions(commands::completions::CompletionsArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_example_in_the_help_is_understood() {
        for command in Cli::command().get_subcommands() {
            let Some(help) = command.get_after_help() else {
                panic!("`{command}` shows no example");
            };
            let help = help.to_string();
            let examples = help.lines().filter_map(|line| line.strip_prefix("  lockstep "));
            assert!(examples.clone().count() > 0, "{help}");
            for example in examples {
                let typed = example.split(" > ").next().unwrap_or_default();
                if let Err(error) = Cli::try_parse_from(as_typed(&format!("lockstep {typed}"))) {
                    panic!("{example}: {error}");
                }
            }
        }
    }

    /// Splits a line at its spaces as a shell does, minding single quotes.
    fn as_typed(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        for (index, part) in line.split('\'').enumerate() {
            for (space, word) in part.split_inclusive(|letter| letter == ' ' && index % 2 == 0).enumerate() {
                if space > 0 {
                    words.push(String::new());
                }
                if let Some(last) = words.last_mut() {
                    last.push_str(if index % 2 == 0 { word.trim_end() } else { word });
                }
            }
            if index % 2 == 0 && part.ends_with(' ') {
                words.push(String::new());
            }
        }
        words
    }

    /// The words of a list in brackets, as JSON and YAML write it.
    fn listed(line: &str) -> Vec<String> {
        let inner = line.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
        let words = inner.unwrap_or_default().0.split(", ").map(|word| word.trim_matches('"'));
        let known =
            |word: &str| if word.starts_with("${") { "https://hub.example.org" } else { word }.to_owned();
        std::iter::once("lockstep".to_owned()).chain(words.map(known)).collect()
    }

    #[test]
    fn what_deployments_start_is_understood() {
        let unit = include_str!("../../../deploy/lockstep.service");
        let unit = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/"));
        let container = include_str!("../../../deploy/Containerfile");
        let container = container.lines().find_map(|line| line.strip_prefix("CMD "));
        let compose = include_str!("../../../deploy/compose.yaml");
        let compose = compose.lines().find_map(|line| line.strip_prefix("    command: "));
        let (Some(unit), Some(container), Some(compose)) = (unit, container, compose) else {
            panic!("one of them starts nothing");
        };
        for typed in [as_typed(unit), listed(container), listed(compose)] {
            let understood = Cli::try_parse_from(&typed);
            assert!(matches!(understood.map(|cli| cli.command), Ok(Command::Serve(_))), "{typed:?}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
