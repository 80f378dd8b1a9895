//! Where output goes: stdout for what was asked for, stderr for everything else.

use std::{
    borrow::Cow,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;

use super::{
    json::{envelope, envelope_line},
    progress::{self, Progress, Watcher},
    style::{ColorChoice, Style},
};
use crate::interrupt::Interrupt;

/// Whether people or programs read the output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// People.
    #[default]
    Human,
    /// Programs: one JSON document on stdout.
    Json,
}

/// What the command line says of the output.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScreenOptions {
    /// For people or for programs.
    pub format: Format,
    /// Colour or none.
    pub color: ColorChoice,
    /// How much is said: below 0 only what was asked for, above 0 the particulars too.
    pub verbosity: i8,
    /// No progress, even on a terminal.
    pub no_progress: bool,
}

/// The terminal, or what stands in its place.
#[derive(Debug)]
pub struct Screen {
    options: ScreenOptions,
    style: Style,
    error_style: Style,
    width: usize,
    /// The reader of stdout has gone (`lockstep drift | head`): the rest is for nobody.
    closed: AtomicBool,
    /// Where the files are that findings point into.
    folder: OnceLock<PathBuf>,
}

/// The width of output that goes to no terminal.
const DEFAULT_WIDTH: usize = 120;

impl Screen {
    /// The process's own streams.
    pub fn new(options: ScreenOptions) -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        let style = |is_terminal| Style::new(options.color.applies(is_terminal, variable));
        Self {
            style: style(io::stdout().is_terminal()),
            error_style: style(io::stderr().is_terminal()),
            width: width(variable),
            closed: AtomicBool::new(false),
            folder: OnceLock::new(),
            options,
        }
    }

    /// Whether the output is one JSON document.
    pub fn json(&self) -> bool {
        self.options.format == Format::Json
    }

    /// Whether only what was asked for is said.
    pub fn quiet(&self) -> bool {
        self.options.verbosity < 0
    }

    /// Whether the particulars are said too.
    pub fn verbose(&self) -> bool {
        self.options.verbosity > 0
    }

    /// The style of stdout.
    pub fn style(&self) -> Style {
        self.style
    }

    /// The style of stderr.
    pub fn error_style(&self) -> Style {
        self.error_style
    }

    /// How many columns a line may have.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Says which folder findings name their files from; the first one counts.
    pub fn set_folder(&self, folder: &Path) {
        let _ = self.folder.set(folder.to_owned());
    }

    /// Where a file of the workspace is on the disk.
    pub fn source_path(&self, file: &str) -> PathBuf {
        self.folder.get().map_or_else(|| PathBuf::from(file), |folder| folder.join(file))
    }

    /// Whether a person can be asked.
    pub fn can_ask(&self) -> bool {
        !self.json() && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Prints what was asked for, with a line break at its end.
    pub fn print(&self, text: &str) {
        if self.closed.load(Ordering::Relaxed) {
            return;
        }
        let text = if self.json() { Cow::Borrowed(text) } else { self.style.guarded(text) };
        let mut out = io::stdout().lock();
        let written = out
            .write_all(text.as_bytes())
            .and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") })
            .and_then(|()| out.flush());
        if written.is_err() {
            self.closed.store(true, Ordering::Relaxed);
        }
    }

    /// Prints the one JSON document of a command: `{"schema": "lockstep.drift/1", "data": …}`.
    pub fn print_json<T: Serialize>(&self, schema: &str, data: &T) {
        self.print(&envelope(schema, data));
    }

    /// Prints one of many JSON documents, each on a line of its own.
    pub fn print_json_line<T: Serialize>(&self, schema: &str, data: &T) {
        self.print(&envelope_line(schema, data));
    }

    /// Whether nobody reads the output any more.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Tells something beside what was asked for, unless `--quiet` or `--json`.
    pub fn note(&self, text: &str) {
        if !self.quiet() && !self.json() {
            self.complain(text);
        }
    }

    /// Tells what went wrong, on stderr.
    pub fn complain(&self, text: &str) {
        // Nobody is left to be told that stderr is closed.
        let text = self.error_style.guarded(text.strip_suffix('\n').unwrap_or(text));
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Asks for one line on the terminal; nothing at the end of input.
    ///
    /// # Errors
    /// When the terminal can't be read.
    pub fn ask(&self, question: &str) -> io::Result<Option<String>> {
        let mut err = io::stderr().lock();
        write!(err, "{} ", self.error_style.guarded(question))?;
        err.flush()?;
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer)?;
        Ok((read > 0).then(|| answer.trim().to_owned()))
    }

    /// Asks for a yes. Anything but a clear yes is a no.
    ///
    /// # Errors
    /// When the terminal can't be read.
    pub fn confirm(&self, question: &str) -> io::Result<bool> {
        let answer = self.ask(&format!("{question} [y/N]"))?.unwrap_or_default();
        Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
    }

    /// Progress on stderr, where that is a terminal and nobody asked for silence.
    pub fn progress(&self) -> Progress {
        let shown = !self.json() && !self.quiet() && !self.options.no_progress && io::stderr().is_terminal();
        progress::start(shown, self.error_style)
    }
}

impl Screen {
    /// Shows what the engine says of its progress.
    pub fn watcher(&self, interrupt: Interrupt) -> Watcher {
        let tells = !self.json() && !self.quiet();
        let shown = tells && !self.options.no_progress && io::stderr().is_terminal();
        Watcher::new(shown, tells, self.error_style, interrupt)
    }
}

/// The terminal's width, or `COLUMNS` where there is none.
fn width(variable: impl Fn(&str) -> Option<String>) -> usize {
    let terminal = terminal_width();
    let given = || variable("COLUMNS").and_then(|columns| columns.parse().ok());
    terminal.or_else(given).unwrap_or(DEFAULT_WIDTH).max(40)
}

fn terminal_width() -> Option<usize> {
    comfy_table::Table::new().width().map(usize::from)
}
