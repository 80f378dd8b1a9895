//! Coverage on a terminal.

use chrono::{DateTime, Utc};
use lockstep_core::{
    contract::VariantName,
    coverage::{MatrixRow, Presence, Tested},
};
use lockstep_engine::coverage::{ComponentCoverage, CoverageMatrix, CoverageReport, Trend};

use crate::{
    commands::some_of,
    output::{
        Style, Tone,
        table::{Align, Cell, Table},
        time::ago,
        words::{counted, listed},
    },
};

/// How many names a line lists.
const NAMES: usize = 3;
/// How many columns a full bar of a trend has.
const BAR: f64 = 40.0;

/// One line for each component.
pub(super) fn report(report: &CoverageReport, style: Style, width: usize) -> String {
    let mut table = Table::new([
        ("component", Align::Left),
        ("covered", Align::Right),
        ("variants", Align::Right),
        ("missing variants", Align::Left),
        ("missing tests", Align::Left),
    ]);
    for component in &report.components {
        table.row([
            Cell::new(Tone::Strong, &component.name),
            Cell::new(tone(component.percent), percent(component.percent)),
            format!("{}/{}", component.shown, component.variants).into(),
            some_of(&names(&component.missing_variants), NAMES).into(),
            Cell::new(Tone::Dim, tests(component)),
        ]);
    }
    let mut text = table.render(style, width);
    text.push('\n');
    text.push_str(&warnings(report, style));
    text.push_str(&summary(report, style));
    text
}

/// What is missing, all of it.
pub(super) fn missing(report: &CoverageReport, style: Style) -> String {
    let mut text = String::new();
    let lacking = |component: &&ComponentCoverage| {
        !component.missing_variants.is_empty() || !component.missing_tests.is_empty()
    };
    for component in report.components.iter().filter(lacking) {
        text.push_str(&format!("{}\n", style.paint(Tone::Strong, &component.name)));
        for variant in &component.missing_variants {
            text.push_str(&format!("  no story   {}\n", style.paint(Tone::Accent, variant.as_str())));
        }
        for kind in &component.missing_tests {
            text.push_str(&format!("  no test    {}\n", style.paint(Tone::Warn, kind.as_str())));
        }
        for warning in &component.warnings {
            text.push_str(&format!("  {}\n", style.paint(Tone::Dim, &warning.message)));
        }
    }
    text.push_str(&summary(report, style));
    text
}

fn warnings(report: &CoverageReport, style: Style) -> String {
    let mut text = String::new();
    for component in &report.components {
        for warning in &component.warnings {
            let line = format!("{}: {}", component.name, warning.message);
            text.push_str(&format!("{}\n", style.paint(Tone::Dim, line)));
        }
    }
    for file in &report.unattributed {
        text.push_str(&format!("{}\n", style.paint(Tone::Dim, file)));
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn summary(report: &CoverageReport, style: Style) -> String {
    let totals = &report.totals;
    let mut text = format!(
        "{} of {} covered ({} of {}, {})",
        style.paint(tone(totals.percent), percent(totals.percent)),
        counted(totals.components, "component"),
        totals.shown,
        counted(totals.variants, "variant"),
        report.strategy,
    );
    let tests: Vec<String> =
        totals.missing_tests.iter().map(|(kind, count)| format!("{count} without {kind} tests")).collect();
    if !tests.is_empty() {
        text.push_str(&style.paint(Tone::Dim, format!("; {}", listed(&tests))));
    }
    text.push('\n');
    for shortfall in &report.shortfalls {
        let name = shortfall.component.as_deref().unwrap_or("all components together");
        let told = format!(
            "too low: {name} {}, at least {} is asked for",
            percent(shortfall.percent),
            percent(shortfall.wanted)
        );
        text.push_str(&format!("{}\n", style.paint(Tone::Bad, told)));
    }
    text
}

/// One row for each variant of a component.
pub(super) fn matrix(matrix: &CoverageMatrix, style: Style, width: usize, now: DateTime<Utc>) -> String {
    let component = &matrix.component;
    let mut text = format!(
        "{}  {} of {} have a story ({}): {}\n\n",
        style.paint(Tone::Strong, &component.name),
        component.shown,
        counted(component.variants, "variant"),
        matrix.strategy,
        style.paint(tone(component.percent), percent(component.percent)),
    );
    let mut table = Table::new([
        ("variant", Align::Left),
        ("design", Align::Left),
        ("code", Align::Left),
        ("story", Align::Left),
        ("visual", Align::Left),
        ("interaction", Align::Left),
        ("accessibility", Align::Left),
        ("last synced", Align::Left),
    ]);
    let synced = matrix.last_synced_at.map_or_else(|| "never".to_owned(), |at| ago(at, now));
    for row in &matrix.rows {
        table.row([
            Cell::new(if row.counts { Tone::Strong } else { Tone::Dim }, row.variant.as_str()),
            side(row.design),
            side(row.code),
            story(row),
            tested(&row.visual),
            tested(&row.interaction),
            tested(&row.accessibility),
            Cell::new(Tone::Dim, &synced),
        ]);
    }
    text.push_str(&table.render(style, width));
    let mut notes: Vec<String> = component.warnings.iter().map(|warning| warning.message.clone()).collect();
    if matrix.rows.iter().any(|row| {
        [&row.visual, &row.interaction, &row.accessibility].iter().any(|tested| of_component(tested))
    }) {
        notes.push(
            "`component`: something tests the component, and it is not known by which variant".to_owned(),
        );
    }
    if matrix.rows.iter().any(|row| !row.counts) {
        notes.push("a variant that only the design has does not count".to_owned());
    }
    if !notes.is_empty() {
        text.push('\n');
    }
    for note in notes {
        text.push_str(&format!("{}\n", style.paint(Tone::Dim, note)));
    }
    text
}

fn side(presence: Presence) -> Cell {
    match presence {
        Presence::Present => Cell::new(Tone::Good, "yes"),
        Presence::Absent => Cell::new(Tone::Warn, "no"),
        Presence::Unknown => Cell::new(Tone::Dim, "?"),
    }
}

fn story(row: &MatrixRow) -> Cell {
    match (row.stories.len(), row.may_show.is_empty()) {
        (0, true) => Cell::new(if row.counts { Tone::Bad } else { Tone::Dim }, "no"),
        (0, false) => Cell::new(Tone::Dim, "?"),
        (count, _) => Cell::new(Tone::Good, count.to_string()),
    }
}

fn of_component(tested: &Tested) -> bool {
    tested.variant.is_empty() && !tested.component.is_empty()
}

fn tested(tested: &Tested) -> Cell {
    match () {
        () if tested.is_missing() => Cell::new(Tone::Warn, "no"),
        () if of_component(tested) => Cell::new(Tone::Good, "component"),
        () => Cell::new(Tone::Good, "yes"),
    }
}

/// What coverage was, day by day.
pub(super) fn trend(trend: &Trend, style: Style, width: usize) -> String {
    if trend.points.is_empty() {
        return "There is no report yet: `lockstep coverage` makes the first\n".to_owned();
    }
    let mut table = Table::new([
        ("day", Align::Left),
        ("covered", Align::Right),
        ("components", Align::Right),
        ("", Align::Left),
    ]);
    for point in &trend.points {
        table.row([
            point.date.to_string().into(),
            Cell::new(tone(point.percent), percent(point.percent)),
            point.components.to_string().into(),
            Cell::new(Tone::Accent, bar(point.percent)),
        ]);
    }
    table.render(style, width)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 40")]
fn bar(percent: f64) -> String {
    "█".repeat((percent.clamp(0.0, 100.0) / 100.0 * BAR).round() as usize)
}

/// `66.66 %`, `100 %`.
pub(super) fn percent(percent: f64) -> String {
    format!("{percent} %")
}

/// The names of variants.
pub(super) fn names(variants: &[VariantName]) -> Vec<String> {
    variants.iter().map(|name| name.as_str().to_owned()).collect()
}

/// The kinds of tests that a component lacks.
pub(super) fn tests(component: &ComponentCoverage) -> String {
    component.missing_tests.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

fn tone(percent: f64) -> Tone {
    match percent {
        percent if percent >= 100.0 => Tone::Good,
        percent if percent >= 50.0 => Tone::Warn,
        _ => Tone::Bad,
    }
}
