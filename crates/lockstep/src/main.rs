//! The `lockstep` command.

mod app;
mod cli;
mod commands;
mod exit;
mod interrupt;
mod output;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::ExitCode,
};

use clap::{Parser, error::ErrorKind};

use crate::{
    app::App,
    cli::Cli,
    exit::{Failure, Outcome},
    output::{ColorChoice, Format, Screen, ScreenOptions},
};

/// Scans allocate from every thread at once, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return not_understood(&error),
    };
    let app = App::new(cli.global);
    let result = catch_unwind(AssertUnwindSafe(|| commands::run(cli.command, &app))).unwrap_or_else(|_| {
        Err(Failure::internal("lockstep ran into a defect of its own")
            .hint("please report it, with the lines above"))
    });
    ExitCode::from(finish(result, &app))
}

fn finish(result: Result<Outcome, Failure>, app: &App) -> u8 {
    let code = match result {
        Ok(outcome) => outcome.code(),
        Err(failure) => {
            app.with_registry(failure.clone()).tell(&app.screen);
            failure.kind.code()
        }
    };
    app.interrupt.code().unwrap_or(code)
}

/// Help and the version are no failures; everything else is told in the form that was asked for.
fn not_understood(error: &clap::Error) -> ExitCode {
    let wants_json = std::env::args_os().any(|argument| argument == "--json");
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if is_help || !wants_json {
        // Nobody is left to be told that the stream is closed.
        let _ = error.print();
        let shown = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
        return ExitCode::from(if shown { 0 } else { exit::FailureKind::Usage.code() });
    }
    let options = ScreenOptions { format: Format::Json, color: ColorChoice::Never, ..Default::default() };
    let text = error.render().to_string();
    let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let failure = Failure::usage(message).hint("see `lockstep --help`");
    failure.tell(&Screen::new(options));
    ExitCode::from(failure.kind.code())
}
