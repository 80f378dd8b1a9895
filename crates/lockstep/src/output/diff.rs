//! Text diffs, as a reviewer expects them.

use similar::{ChangeTag, TextDiff};

use super::style::{Style, Tone};

/// How many unchanged lines stand around a change.
const CONTEXT: usize = 3;

/// Longer lines are cut: nobody reviews a minified file by eye.
const MAX_LINE: usize = 400;

/// The change of one file.
#[derive(Debug, Clone, Copy)]
pub struct FileChange<'a> {
    /// The file, relative to the workspace.
    pub path: &'a str,
    /// Its text before; nothing for a new file.
    pub before: Option<&'a str>,
    /// Its text after; nothing for a deleted one.
    pub after: Option<&'a str>,
}

/// A unified diff with line numbers; empty when nothing changes.
pub fn render(change: FileChange<'_>, style: Style) -> String {
    if change.before == change.after {
        return String::new();
    }
    let (before, after) = (change.before.unwrap_or_default(), change.after.unwrap_or_default());
    let diff = TextDiff::from_lines(before, after);
    let (added, removed) = counts(&diff);
    let state = match (change.before, change.after) {
        (None, _) => "new file, ",
        (_, None) => "deleted, ",
        _ => "",
    };
    let mut text = format!(
        "{} {}\n",
        style.paint(Tone::Strong, change.path),
        style.paint(Tone::Dim, format!("({state}+{added} -{removed})"))
    );
    let number_width = before.lines().count().max(after.lines().count()).to_string().len().max(3);
    for (index, group) in diff.grouped_ops(CONTEXT).iter().enumerate() {
        if index > 0 {
            text.push_str(&format!("{}\n", style.paint(Tone::Dim, format!("{:>number_width$} ⋮", ""))));
        }
        for line in group.iter().flat_map(|op| diff.iter_changes(op)) {
            text.push_str(&render_line(&line, number_width, style));
        }
    }
    text
}

fn counts(diff: &TextDiff<'_, '_, str>) -> (usize, usize) {
    diff.iter_all_changes().fold((0, 0), |(added, removed), line| match line.tag() {
        ChangeTag::Insert => (added + 1, removed),
        ChangeTag::Delete => (added, removed + 1),
        ChangeTag::Equal => (added, removed),
    })
}

fn render_line(line: &similar::Change<&str>, number_width: usize, style: Style) -> String {
    let (sign, tone) = match line.tag() {
        ChangeTag::Insert => ('+', Tone::Good),
        ChangeTag::Delete => ('-', Tone::Bad),
        ChangeTag::Equal => (' ', Tone::Plain),
    };
    // A removed line keeps its old number, every other one shows its new one.
    let number = line.new_index().or(line.old_index()).map_or(String::new(), |index| (index + 1).to_string());
    let number = style.paint(Tone::Dim, format!("{number:>number_width$}"));
    let content = cut(line.value().trim_end_matches(['\n', '\r']));
    let painted = style.paint(tone, format!("{sign} {}", content.replace('\t', "    ")));
    let ending = if line.missing_newline() {
        format!("{}\n", style.paint(Tone::Dim, format!("{:>number_width$} (no line break at the end)", "")))
    } else {
        String::new()
    };
    format!("{}\n{ending}", format!("{number} {painted}").trim_end())
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(MAX_LINE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(before: Option<&str>, after: Option<&str>) -> String {
        render(FileChange { path: "src/Button.tsx", before, after }, Style::new(false))
    }

    #[test]
    fn changed_lines_stand_in_their_surroundings() {
        let before: String = (1..=30).map(|n| format!("line {n}\n")).collect();
        let after = before.replace("line 5\n", "line five\n").replace("line 25\n", "line 25\nline 25.5\n");
        insta::assert_snapshot!(plain(Some(&before), Some(&after)), @r"
        src/Button.tsx (+2 -1)
          2   line 2
          3   line 3
          4   line 4
          5 - line 5
          5 + line five
          6   line 6
          7   line 7
          8   line 8
            ⋮
         23   line 23
         24   line 24
         25   line 25
         26 + line 25.5
         27   line 26
         28   line 27
         29   line 28
        ");
    }

    #[test]
    fn new_and_deleted_files_say_so() {
        insta::assert_snapshot!(plain(None, Some("a\n\tb")), @r"
        src/Button.tsx (new file, +2 -0)
          1 + a
          2 +     b
            (no line break at the end)
        ");
        insta::assert_snapshot!(plain(Some("a\n"), None), @r"
        src/Button.tsx (deleted, +0 -1)
          1 - a
        ");
        assert_eq!(plain(Some("a"), Some("a")), "");
    }

    #[test]
    fn colours_stand_around_whole_lines() {
        let text =
            render(FileChange { path: "a", before: Some("x\n"), after: Some("y\n") }, Style::new(true));
        assert!(
            text.contains("\u{1b}[31m- x\u{1b}[39m") && text.contains("\u{1b}[32m+ y\u{1b}[39m"),
            "{text:?}"
        );
    }

    #[test]
    fn very_long_lines_are_cut() {
        let text = plain(None, Some(&"x".repeat(10_000_000)));
        assert!(text.len() < 1_000, "{}", text.len());
    }
}
