//! A run as JUnit's XML: one test case for each story, by component.

use std::fmt::Write as _;

use lockstep_core::session::{Problem, SessionStatus};
use lockstep_engine::sessions::{SessionView, TestReport};

use crate::output::markup::escaped;

pub(super) fn junit(report: &TestReport) -> String {
    let totals = &report.totals;
    let counts = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{}\"",
        report.sessions.len(),
        totals.failed,
        totals.aborted,
        seconds(report.duration_ms)
    );
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"lockstep test\" {counts}>\n  <testsuite name=\"stories\" {counts}>\n"
    );
    for session in &report.sessions {
        case(&mut xml, session);
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

fn case(xml: &mut String, session: &SessionView) {
    let component = session.component.as_deref().unwrap_or("stories");
    let time = seconds(session.duration_ms.unwrap_or_default());
    let _ = write!(
        xml,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{time}\"",
        escaped(component),
        escaped(&session.story)
    );
    let (Some(reason), element) = (session.reason, element(session.status)) else {
        xml.push_str("/>\n");
        return;
    };
    let found = &session.detail;
    let message = found.message.as_deref().unwrap_or_default();
    let _ = writeln!(xml, ">\n      <{element} type=\"{reason}\" message=\"{}\">", escaped(message));
    let problems = found.failed_plays.iter().chain(&found.exceptions).chain(&found.console_errors);
    for Problem { message, stack } in problems {
        let _ = writeln!(xml, "{}", escaped(message));
        for frame in stack {
            let _ = writeln!(xml, "    at {}", escaped(frame));
        }
    }
    for violation in &found.violations {
        let _ = writeln!(xml, "{}: {}", escaped(&violation.id), escaped(&violation.targets.join(", ")));
    }
    for failed in &found.failed_requests {
        let _ = writeln!(xml, "not received: {} ({})", escaped(&failed.url), escaped(&failed.why));
    }
    let _ = writeln!(xml, "      </{element}>");
    for artifact in &session.artifacts {
        let _ = writeln!(xml, "      <system-out>[[ATTACHMENT|{}]]</system-out>", escaped(&artifact.path));
    }
    xml.push_str("    </testcase>\n");
}

/// What was cut off is an error of the run, not a failure of the story.
fn element(status: SessionStatus) -> &'static str {
    if status == SessionStatus::Failed { "failure" } else { "error" }
}

fn seconds(milliseconds: i64) -> String {
    format!("{}.{:03}", milliseconds / 1_000, (milliseconds % 1_000).abs())
}
