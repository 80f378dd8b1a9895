//! Coverage as test results: one for each component, and one for all of them together. What fails here is what fails
//! under `--check`.

use std::fmt::Write as _;

use lockstep_core::coverage::Shortfall;
use lockstep_engine::coverage::CoverageReport;

use super::table::{names, percent, tests};
use crate::output::markup::escaped;

/// The report in JUnit's XML.
pub(super) fn junit(report: &CoverageReport) -> String {
    let (cases, failures) = (report.components.len() + 1, report.shortfalls.len());
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"lockstep coverage\" tests=\"{cases}\" \
         failures=\"{failures}\">\n  <testsuite name=\"lockstep coverage ({})\" tests=\"{cases}\" failures=\"{failures}\">\n",
        report.strategy
    );
    let told = format!("{} of {} variants have a story", report.totals.shown, report.totals.variants);
    case(&mut xml, "all components", short(report, None), &told);
    for component in &report.components {
        let mut told = format!("{} of {} variants have a story", component.shown, component.variants);
        if !component.missing_variants.is_empty() {
            let _ = write!(told, "\nwithout: {}", names(&component.missing_variants).join(", "));
        }
        if !component.missing_tests.is_empty() {
            let _ = write!(told, "\nno tests: {}", tests(component));
        }
        for warning in &component.warnings {
            let _ = write!(told, "\n{}", warning.message);
        }
        case(&mut xml, &component.name, short(report, Some(&component.name)), &told);
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

fn short<'r>(report: &'r CoverageReport, component: Option<&str>) -> Option<&'r Shortfall> {
    report.shortfalls.iter().find(|shortfall| shortfall.component.as_deref() == component)
}

fn case(xml: &mut String, name: &str, short: Option<&Shortfall>, told: &str) {
    let _ = writeln!(xml, "    <testcase classname=\"coverage\" name=\"{}\">", escaped(name));
    if let Some(short) = short {
        let message = format!("{} is less than {}", percent(short.percent), percent(short.wanted));
        let _ = writeln!(xml, "      <failure message=\"{message}\">{}</failure>", escaped(told));
    }
    let _ = writeln!(xml, "      <system-out>{}</system-out>\n    </testcase>", escaped(told));
}
