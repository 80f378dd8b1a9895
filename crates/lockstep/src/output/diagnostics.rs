//! Findings about input files, shown at their place: path, line, caret, and what to do.

use std::{
    io::{Read, Seek, SeekFrom},
    ops::Range,
    path::Path,
};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, renderer::DecorStyle};
use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity, TextPlace};

use super::{screen::Screen, style::Style};

/// How much of a long line stands before and after the caret, in bytes.
const AROUND: usize = 60;

/// How far from the place the line's ends are looked for.
const WINDOW: usize = 2_000;

/// A finding with its line from the file, which is found relative to the screen's workspace folder.
pub fn render(diagnostic: &Diagnostic, screen: &Screen) -> String {
    let line =
        diagnostic.place.and_then(|place| SourceLine::read(&screen.source_path(&diagnostic.file), place));
    let text = render_with(diagnostic, line.as_ref(), screen.error_style(), screen.width());
    // A blank line sets it apart from what follows.
    format!("{}\n\n", text.trim_end())
}

/// The part of a file's line that is shown.
#[derive(Debug, PartialEq, Eq)]
struct SourceLine {
    text: String,
    marked: Range<usize>,
}

impl SourceLine {
    /// Reads no more of the file than is shown.
    fn read(path: &Path, place: TextPlace) -> Option<Self> {
        let start = usize::try_from(place.start).ok()?;
        let from = start.saturating_sub(WINDOW);
        let mut file = std::fs::File::open(path).ok().filter(|_| path.is_file())?;
        file.seek(SeekFrom::Start(from as u64)).ok()?;
        let mut bytes = Vec::new();
        file.take(2 * WINDOW as u64).read_to_end(&mut bytes).ok()?;
        Self::around(&bytes, start - from, usize::try_from(place.end.saturating_sub(place.start)).ok()?)
    }

    /// Cuts the line around the marked bytes out of a part of the file.
    fn around(bytes: &[u8], start: usize, length: usize) -> Option<Self> {
        let (before, after) = bytes.split_at_checked(start)?;
        let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
        let line_end = after.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(after.len());
        let cut_start = line_start.max(start.saturating_sub(AROUND));
        let shown_end = line_end.min(AROUND + length.min(AROUND));
        let mut text = String::new();
        if cut_start > line_start || (line_start == 0 && cut_start > 0) {
            text.push('…');
        }
        text.push_str(&String::from_utf8_lossy(before.get(cut_start..)?).replace('\t', " "));
        let marked_start = text.len();
        let tail = String::from_utf8_lossy(after.get(..shown_end)?).replace('\t', " ");
        let marked_length = String::from_utf8_lossy(after.get(..length.min(shown_end))?).len();
        text.push_str(&tail);
        let marked = marked_start..(marked_start + marked_length).min(text.len());
        if shown_end < line_end {
            text.push('…');
        }
        Some(Self { text, marked })
    }
}

fn render_with(diagnostic: &Diagnostic, line: Option<&SourceLine>, style: Style, width: usize) -> String {
    let level = match diagnostic.severity {
        DiagnosticSeverity::Error => Level::ERROR,
        DiagnosticSeverity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str());
    let mut group: Group<'_> = match (line, diagnostic.place) {
        (Some(line), Some(place)) => title.element(
            Snippet::source(line.text.as_str())
                .line_start(place.line as usize)
                .path(diagnostic.file.as_str())
                .annotation(AnnotationKind::Primary.span(line.marked.clone())),
        ),
        (None, Some(place)) => title.element(
            Origin::path(diagnostic.file.as_str())
                .line(place.line as usize)
                .char_column(place.column as usize),
        ),
        (_, None) => title.element(Origin::path(diagnostic.file.as_str())),
    };
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Level::HELP.message(hint.as_str()));
    }
    let renderer = if style.is_colored() { Renderer::styled() } else { Renderer::plain() };
    let text = renderer.term_width(width).decor_style(DecorStyle::Ascii).render(&[group]);
    // Without a line, the arrow would stand left of where the help begins.
    let text = text.replacen("\n--> ", "\n --> ", 1);
    with_column(text, diagnostic, line.is_some())
}

/// The snippet may begin after the line does: its column is set right.
fn with_column(text: String, diagnostic: &Diagnostic, has_line: bool) -> String {
    let Some(place) = diagnostic.place.filter(|_| has_line) else { return text };
    let path_and_line = format!("{}:{}:", diagnostic.file, place.line);
    let Some(start) = text.find(&path_and_line).map(|found| found + path_and_line.len()) else { return text };
    let digits = text[start..].bytes().take_while(u8::is_ascii_digit).count();
    format!("{}{}{}\n", &text[..start], place.column, &text[start + digits..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(text: &str, start: usize, end: usize, hint: Option<&str>) -> Diagnostic {
        Diagnostic {
            file: "lockstep.toml".into(),
            place: Some(TextPlace::of(text, start, end)),
            severity: DiagnosticSeverity::Error,
            code: "unknown-key".into(),
            message: "unknown key `incldue` in [[code]]".into(),
            hint: hint.map(str::to_owned),
        }
    }

    fn shown(text: &str, start: usize, end: usize) -> String {
        let line = SourceLine::around(text.as_bytes(), start, end - start);
        let found = finding(text, start, end, Some("did you mean `include`?"));
        render_with(&found, line.as_ref(), Style::new(false), 100)
    }

    #[test]
    fn a_finding_points_into_its_line() {
        insta::assert_snapshot!(shown("[[code]]\nincldue = []\nroot = 1\n", 9, 16), @r"
        error[unknown-key]: unknown key `incldue` in [[code]]
         --> lockstep.toml:2:1
          |
        2 | incldue = []
          | ^^^^^^^
          |
          = help: did you mean `include`?
        ");
    }

    #[test]
    fn a_long_line_is_cut_around_the_caret() {
        let text = format!("x = \"{}\" incldue \"{}\"\n", "a".repeat(5_000), "b".repeat(10_000_000));
        let start = text.find("incldue").unwrap();
        let line = SourceLine::around(&text.as_bytes()[start - 1_000..start + 1_000], 1_000, 7).unwrap();
        let found = finding(&text, start, start + 7, None);
        let shown = render_with(&found, Some(&line), Style::new(false), 200);
        assert!(shown.contains(&format!("lockstep.toml:1:{}", start + 1)), "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() < 160), "{shown}");
        let source = shown.lines().nth(3).unwrap();
        let (a, b) = ("a".repeat(49), "b".repeat(49));
        assert!(source.starts_with("1 | …") && source.trim_end().ends_with('…'), "{source}");
        assert!(source.contains(&format!("{a}\" incldue \"{b}")), "{source}");
    }

    #[test]
    fn without_the_file_the_place_is_still_named() {
        let found = finding("[[code]]\nincldue = []\n", 9, 16, None);
        insta::assert_snapshot!(render_with(&found, None, Style::new(false), 100), @r"
        error[unknown-key]: unknown key `incldue` in [[code]]
         --> lockstep.toml:2:1
        ");
        let nowhere = Diagnostic { place: None, ..found };
        insta::assert_snapshot!(render_with(&nowhere, None, Style::new(false), 100), @r"
        error[unknown-key]: unknown key `incldue` in [[code]]
         --> lockstep.toml
        ");
    }

    #[test]
    fn odd_bytes_and_ends_of_files_are_no_trouble() {
        for (bytes, start, length) in [
            (&b""[..], 0, 0),
            (b"abc", 3, 10),
            (b"\xff\xfe\n\xff", 3, 1),
            ("é=日本".as_bytes(), 1, 3),
            (b"a\tb", 2, 1),
        ] {
            let line = SourceLine::around(bytes, start, length).unwrap();
            assert!(line.text.is_char_boundary(line.marked.start), "{line:?}");
            assert!(line.text.is_char_boundary(line.marked.end), "{line:?}");
            let found = finding("x", 0, 0, None);
            assert!(!render_with(&found, Some(&line), Style::new(false), 80).is_empty());
        }
        assert_eq!(SourceLine::around(b"abc", 4, 1), None);
    }
}
