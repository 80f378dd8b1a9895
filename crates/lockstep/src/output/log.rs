//! The log of a command that goes on and on: on stderr, a line for each thing that happens.

use std::io;

use tracing::Level;
use tracing_subscriber::{
    Layer as _, filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

use super::Screen;

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// From here on what happens is written down: with `--quiet` only what is wrong, with `--verbose` more.
pub fn start(screen: &Screen, format: LogFormat) {
    let level = match () {
        () if screen.quiet() => Level::WARN,
        () if screen.verbose() => Level::DEBUG,
        () => Level::INFO,
    };
    // What libraries say of themselves is not ours to check for secrets.
    let ours = Targets::new().with_target("lockstep", level).with_target("lockstep_server", level);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(false);
    let lines = match format {
        LogFormat::Text => lines.with_target(false).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_span_list(false).boxed(),
    };
    // Only a second start could fail, and there is one.
    let _ = tracing_subscriber::registry().with(lines.with_filter(ours)).try_init();
}
