//! One file for each command.

pub mod accept;
pub mod audit;
pub mod backup;
pub mod completions;
pub mod components;
pub mod coverage;
pub mod credential;
pub mod db;
pub mod digest;
pub mod doctor;
pub mod drift;
pub mod fetch;
pub mod history;
pub mod ignore;
pub mod init;
pub mod maintain;
pub mod map;
pub mod mcp;
pub mod notify;
pub mod pause;
pub mod plan;
pub mod queue;
pub mod redo;
pub mod scaffold;
pub mod scan;
pub mod schedule;
pub mod selection;
pub mod serve;
pub mod sessions;
pub mod status;
pub mod sync;
pub mod test;
pub mod token;
pub mod undo;
pub mod user;
pub mod watch;
pub mod work;

use crate::{
    app::App,
    cli::Command,
    exit::{Failure, Outcome},
};

/// Runs a command.
pub fn run(command: Command, app: &App) -> Result<Outcome, Failure> {
    match command {
        Command::Init(args) => init::run(&args, app),
        Command::Ignore(args) => ignore::run(&args, app),
        Command::Completions(args) => completions::run(&args, app),
        Command::Map(args) => map::run(&args, app),
        Command::Fetch(args) => fetch::run(&args, app),
        Command::Scan(args) => scan::run(&args, app),
        Command::Status(args) => status::run(&args, app),
        Command::Components(args) => components::run(&args, app),
        Command::Drift(args) => drift::run(&args, app),
        Command::Coverage(args) => coverage::run(&args, app),
        Command::Plan(args) => plan::run(&args, app),
        Command::Sync(args) => sync::run(&args, app),
        Command::Test(args) => test::run(&args, app),
        Command::Sessions(args) => sessions::run(&args, app),
        Command::Scaffold(args) => scaffold::run(&args, app),
        Command::Pause(args) => pause::run(&args, app),
        Command::Undo(args) => undo::run(&args, app),
        Command::Redo(args) => redo::run(&args, app),
        Command::History(args) => history::run(&args, app),
        Command::Watch(args) => watch::run(&args, app),
        Command::Work(args) => work::run(&args, app),
        Command::Queue(args) => queue::run(&args, app),
        Command::Schedule(args) => schedule::run(&args, app),
        Command::Serve(args) => serve::run(&args, app),
        Command::Mcp(args) => mcp::run(&args, app),
        Command::User(args) => user::run(&args, app),
        Command::Token(args) => token::run(&args, app),
        Command::Credential(args) => credential::run(args, app),
        Command::Notify(args) => notify::run(&args, app),
        Command::Digest(args) => digest::run(&args, app),
        Command::Audit(args) => audit::run(&args, app),
        Command::Maintain(args) => maintain::run(&args, app),
        Command::Db(args) => db::run(&args, app),
        Command::Backup(args) => backup::run(&args, app),
        Command::Restore(args) => backup::restore(&args, app),
        Command::Doctor(args) => doctor::run(&args, app),
        Command::Accept(args) => accept::run(&args, app),
    }
}

/// The first few names, and how many more there are.
fn some_of(names: &[String], shown: usize) -> String {
    match names.len().checked_sub(shown) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..shown].join(", ")),
    }
}
