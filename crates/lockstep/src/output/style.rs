//! Colour, where it is wanted.

use std::borrow::Cow;

use owo_colors::OwoColorize;

/// `--color`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// Whether to colour a stream, given the environment.
    pub fn applies(self, is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if set("NO_COLOR").is_some() => false,
            Self::Auto if set("CLICOLOR_FORCE").is_some_and(|value| value != "0") => true,
            Self::Auto => is_terminal && set("TERM").is_none_or(|term| term != "dumb"),
        }
    }
}

/// What a piece of text means, which decides its colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    #[default]
    Plain,
    /// A heading, a name.
    Strong,
    /// Beside the point.
    Dim,
    /// In order; added.
    Good,
    /// Wrong; removed.
    Bad,
    /// Deserves a look.
    Warn,
    /// An address, a command to run.
    Accent,
}

/// Paints text, or leaves it alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    color: bool,
}

impl Style {
    /// A style with or without colour.
    pub fn new(color: bool) -> Self {
        Self { color }
    }

    /// Whether it colours.
    pub fn is_colored(self) -> bool {
        self.color
    }

    /// The text in its tone, made safe to show.
    pub fn paint(self, tone: Tone, text: impl AsRef<str>) -> String {
        let text = printable(text.as_ref());
        if !self.color || text.is_empty() {
            return text.into_owned();
        }
        match tone {
            Tone::Plain => text.into_owned(),
            Tone::Strong => text.bold().to_string(),
            Tone::Dim => text.dimmed().to_string(),
            Tone::Good => text.green().to_string(),
            Tone::Bad => text.red().to_string(),
            Tone::Warn => text.yellow().to_string(),
            Tone::Accent => text.cyan().to_string(),
        }
    }

    /// A message of several lines, made safe to show.
    pub fn multiline(self, text: &str) -> String {
        text.lines().map(printable).collect::<Vec<_>>().join("\n")
    }

    /// What is about to be shown, without anything that drives a terminal but this style's own colours: the last guard,
    /// should a text from a file have come here unpainted.
    pub fn guarded(self, text: &str) -> Cow<'_, str> {
        let drives = |c: char| is_unsafe(c) && !matches!(c, '\n' | '\t');
        if !text.contains(drives) {
            return Cow::Borrowed(text);
        }
        let mut safe = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let colour = if self.color { colour_at_start(rest) } else { 0 };
            let length = if colour > 0 { colour } else { c.len_utf8() };
            match c {
                _ if colour > 0 => safe.push_str(&rest[..colour]),
                c if drives(c) => safe.push(char::REPLACEMENT_CHARACTER),
                c => safe.push(c),
            }
            rest = &rest[length..];
        }
        Cow::Owned(safe)
    }
}

/// How long the escape sequence is that a text begins with, if it sets a colour and nothing else.
fn colour_at_start(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("\u{1b}[") else { return 0 };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(rest.len());
    if rest[end..].starts_with('m') { 2 + end + 1 } else { 0 }
}

fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text from files without control characters, which could move the cursor or change the terminal.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_unsafe(c) { '\u{fffd}' } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_obeys_the_flag_then_the_environment_then_the_terminal() {
        let none: &[(&str, &str)] = &[];
        for (choice, terminal, environment, expected) in [
            (ColorChoice::Auto, true, none, true),
            (ColorChoice::Auto, false, none, false),
            (ColorChoice::Auto, true, &[("NO_COLOR", "1")], false),
            (ColorChoice::Auto, true, &[("NO_COLOR", "")], true),
            (ColorChoice::Auto, false, &[("CLICOLOR_FORCE", "1")], true),
            (ColorChoice::Auto, false, &[("CLICOLOR_FORCE", "0")], false),
            (ColorChoice::Auto, true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false),
            (ColorChoice::Auto, true, &[("TERM", "dumb")], false),
            (ColorChoice::Always, false, &[("NO_COLOR", "1")], true),
            (ColorChoice::Never, true, &[("CLICOLOR_FORCE", "1")], false),
        ] {
            let variable = |name: &str| {
                environment.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(choice.applies(terminal, variable), expected, "{choice:?} {terminal} {environment:?}");
        }
    }

    #[test]
    fn text_from_files_cannot_drive_the_terminal() {
        let style = Style::new(false);
        assert_eq!(style.paint(Tone::Plain, "a\u{1b}[31mb\u{7}\u{202e}c"), "a\u{fffd}[31mb\u{fffd}\u{fffd}c");
        assert_eq!(Style::new(true).paint(Tone::Bad, "x"), "\u{1b}[31mx\u{1b}[39m");
        let text = "\ta\u{1b}[31mb\u{1b}[2J\r\n";
        assert_eq!(style.guarded(text), "\ta\u{fffd}[31mb\u{fffd}[2J\u{fffd}\n");
        assert_eq!(Style::new(true).guarded(text), "\ta\u{1b}[31mb\u{fffd}[2J\u{fffd}\n");
        assert_eq!(style.multiline("a\r\nb\u{1b}"), "a\nb\u{fffd}");
    }
}
