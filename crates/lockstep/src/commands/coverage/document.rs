//! Coverage as Markdown, and as a page of HTML that stands alone.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use lockstep_core::coverage::{MatrixRow, Presence, Tested};
use lockstep_engine::coverage::{CoverageMatrix, CoverageReport};

use super::table::{names, percent, tests};
use crate::output::{markup::escaped, words::counted};

/// What a cell says, and how good that is.
type Told = (String, &'static str);

/// A table as both documents have it.
struct Rows {
    headings: &'static [&'static str],
    rows: Vec<Vec<Told>>,
}

fn plain(text: impl Into<String>) -> Told {
    (text.into(), "")
}

fn rows_of(report: &CoverageReport, single: Option<&CoverageMatrix>) -> Rows {
    match single {
        Some(matrix) => Rows {
            headings: &[
                "Variant",
                "Design",
                "Code",
                "Story",
                "Visual",
                "Interaction",
                "Accessibility",
                "Last synced",
            ],
            rows: matrix.rows.iter().map(|row| variant(row, matrix.last_synced_at)).collect(),
        },
        None => Rows {
            headings: &["Component", "Covered", "Variants", "Missing variants", "Missing tests"],
            rows: report
                .components
                .iter()
                .map(|component| {
                    let grade = if component.percent >= 100.0 { "good" } else { "bad" };
                    vec![
                        plain(&component.name),
                        (percent(component.percent), grade),
                        plain(format!("{}/{}", component.shown, component.variants)),
                        plain(names(&component.missing_variants).join(", ")),
                        plain(tests(component)),
                    ]
                })
                .collect(),
        },
    }
}

fn variant(row: &MatrixRow, synced: Option<DateTime<Utc>>) -> Vec<Told> {
    let side = |presence: Presence| match presence {
        Presence::Present => ("yes".to_owned(), "good"),
        Presence::Absent => ("no".to_owned(), "bad"),
        Presence::Unknown => plain("?"),
    };
    let tested = |tested: &Tested| match () {
        () if tested.is_missing() => ("no".to_owned(), "bad"),
        () if tested.variant.is_empty() => ("component".to_owned(), "good"),
        () => ("yes".to_owned(), "good"),
    };
    let story = match (row.stories.is_empty(), row.may_show.is_empty()) {
        (true, true) => ("no".to_owned(), if row.counts { "bad" } else { "" }),
        (true, false) => plain("?"),
        _ => (row.stories.join(", "), "good"),
    };
    vec![
        plain(row.variant.as_str()),
        side(row.design),
        side(row.code),
        story,
        tested(&row.visual),
        tested(&row.interaction),
        tested(&row.accessibility),
        plain(synced.map_or_else(|| "never".to_owned(), |at| at.date_naive().to_string())),
    ]
}

fn headline(report: &CoverageReport) -> String {
    format!(
        "{} of {} covered: {} of {} have a story ({})",
        percent(report.totals.percent),
        counted(report.totals.components, "component"),
        report.totals.shown,
        counted(report.totals.variants, "variant"),
        report.strategy
    )
}

/// What is below what was asked for, and what deserves a look.
fn remarks(report: &CoverageReport) -> Vec<Told> {
    let short = report.shortfalls.iter().map(|short| {
        let name = short.component.as_deref().unwrap_or("All components together");
        (format!("{name}: {} is less than {}", percent(short.percent), percent(short.wanted)), "bad")
    });
    let warnings = report.components.iter().flat_map(|component| {
        component.warnings.iter().map(|warning| plain(format!("{}: {}", component.name, warning.message)))
    });
    short.chain(warnings).chain(report.unattributed.iter().map(plain)).collect()
}

/// The report in Markdown.
pub(super) fn markdown(report: &CoverageReport, single: Option<&CoverageMatrix>) -> String {
    let Rows { headings, rows } = rows_of(report, single);
    let mut text = format!("## Coverage\n\n{}\n\n", headline(report));
    let _ = writeln!(text, "| {} |\n|{}", headings.join(" | "), " --- |".repeat(headings.len()));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|(cell, _)| in_markdown(cell)).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    let remarks = remarks(report);
    if !remarks.is_empty() {
        text.push('\n');
    }
    for (remark, grade) in remarks {
        let mark = if grade == "bad" { "**Too low.** " } else { "" };
        let _ = writeln!(text, "- {mark}{}", in_markdown(&remark));
    }
    text
}

/// A text that Markdown takes for nothing else.
fn in_markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => safe.push(' '),
            '<' => safe.push_str("&lt;"),
            '\\' | '|' | '*' | '_' | '[' | ']' | '#' => safe.extend(['\\', c]),
            c => safe.push(c),
        }
    }
    safe
}

const STYLE: &str = "\
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1b1f24;background:#fff}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid #d8dee4;vertical-align:top}\
th{font-weight:600}.good{color:#116329}.bad{color:#a40e26}small{color:#59636e}\
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}th,td{border-color:#30363d}.good{color:#56d364}.bad{color:#ff7b72}small{color:#9198a1}}";

/// The report as a page that needs nothing else.
pub(super) fn html(report: &CoverageReport, single: Option<&CoverageMatrix>, now: DateTime<Utc>) -> String {
    let Rows { headings, rows } = rows_of(report, single);
    let title = match single {
        Some(matrix) => format!("Coverage of {}", matrix.component.name),
        None => "Coverage".to_owned(),
    };
    let title = escaped(&title);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n<h1>{title}</h1>\n<p>{}</p>\n<table>\n<thead><tr>",
        escaped(&headline(report))
    );
    for heading in headings {
        let _ = write!(page, "<th scope=\"col\">{heading}</th>");
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        page.push_str("<tr>");
        for (place, (cell, grade)) in row.iter().enumerate() {
            let _ = match (place, *grade) {
                (0, _) => write!(page, "<th scope=\"row\">{}</th>", escaped(cell)),
                (_, "") => write!(page, "<td>{}</td>", escaped(cell)),
                (_, grade) => write!(page, "<td class=\"{grade}\">{}</td>", escaped(cell)),
            };
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table>\n");
    let remarks = remarks(report);
    if !remarks.is_empty() {
        page.push_str("<ul>\n");
        for (remark, grade) in remarks {
            let _ = writeln!(page, "<li class=\"{grade}\">{}</li>", escaped(&remark));
        }
        page.push_str("</ul>\n");
    }
    let _ = writeln!(page, "<p><small>{}</small></p>\n</html>", now.format("%Y-%m-%d %H:%M UTC"));
    page
}
