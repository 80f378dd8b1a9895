//! What was seen of a story in a tab, put together from what its page and the browser tell.

use std::collections::BTreeMap;

use lockstep_core::session::{Ending, Metric};
use lockstep_providers::browser::{TabEvent, Thrown};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// More of one kind say nothing more.
const MOST: usize = 50;

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Watched {
    pub(super) is_missing: bool,
    pub(super) threw: Vec<Thrown>,
    pub(super) plays: Vec<Thrown>,
    console: Vec<Thrown>,
    pub(super) requests: Vec<FailedRequest>,
    /// What the story's own checks of accessibility found.
    pub(super) violations: Option<Vec<Violation>>,
    pub(super) metrics: BTreeMap<Metric, f64>,
    uncaught: BTreeMap<i64, Thrown>,
    received: f64,
}

/// Something that was asked for and did not come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FailedRequest {
    /// What, without its query.
    pub url: String,
    /// Why: `404`, `net::ERR_CONNECTION_REFUSED`.
    pub why: String,
}

/// Something that somebody can't use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Violation {
    /// The rule of axe-core: `button-name`.
    pub id: String,
    /// How bad it is: `minor` to `critical`.
    #[serde(default)]
    pub impact: String,
    /// What the rule asks for.
    #[serde(default)]
    pub help: String,
    /// How many elements break it.
    #[serde(default)]
    pub count: usize,
    /// The first of them, as selectors.
    #[serde(default)]
    pub targets: Vec<String>,
}

/// How far a story has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It goes on.
    On,
    /// It can't go on for long.
    Failing,
    /// It ended.
    Ended(Ending),
}

/// What the page's script tells.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Told {
    Rendered { at: f64 },
    Finished { reports: Vec<Report> },
    Missing,
    Threw { error: ToldError },
    Play { error: ToldError },
}

#[derive(Debug, Deserialize)]
struct ToldError {
    message: String,
    stack: String,
}

/// What an addon reports of a story.
#[derive(Debug, Deserialize)]
struct Report {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    violations: Vec<Violation>,
}

impl ToldError {
    fn thrown(&self) -> Thrown {
        Thrown::of_stack(&self.message, &self.stack)
    }
}

impl Watched {
    /// Takes in what happened.
    pub(super) fn take(&mut self, event: TabEvent) -> Step {
        match event {
            TabEvent::Told(text) => match serde_json::from_str(&text) {
                Ok(told) => return self.hear(told),
                // A page may call what it likes.
                Err(_) => return Step::On,
            },
            TabEvent::Exception { id, thrown } if self.uncaught.len() < MOST => {
                self.uncaught.insert(id, thrown);
            }
            TabEvent::Revoked(id) => {
                self.uncaught.remove(&id);
            }
            TabEvent::Console { level, thrown } if level == "error" => push(&mut self.console, thrown),
            // Browsers ask for it by themselves.
            TabEvent::RequestFailed { url, .. } if url.ends_with("/favicon.ico") => {}
            TabEvent::RequestFailed { url, why } if self.requests.len() < MOST => {
                self.requests.push(FailedRequest { url, why });
            }
            TabEvent::Received(bytes) => self.received += bytes,
            TabEvent::Crashed => return Step::Ended(Ending::PageCrashed),
            TabEvent::Exception { .. } | TabEvent::Console { .. } | TabEvent::RequestFailed { .. } => {}
        }
        Step::On
    }

    fn hear(&mut self, told: Told) -> Step {
        match told {
            Told::Rendered { at } => {
                self.metrics.insert(Metric::Rendered, at);
                Step::On
            }
            Told::Finished { reports } => {
                for report in reports {
                    self.report(report);
                }
                Step::Ended(Ending::Finished)
            }
            Told::Missing => {
                self.is_missing = true;
                Step::Ended(Ending::Finished)
            }
            Told::Threw { error } => {
                push(&mut self.threw, error.thrown());
                Step::Failing
            }
            Told::Play { error } => {
                push(&mut self.plays, error.thrown());
                Step::Failing
            }
        }
    }

    fn report(&mut self, report: Report) {
        if report.kind == "a11y" {
            self.violations.get_or_insert_default().extend(report.violations);
        } else if report.status == "failed" {
            let message = format!("the report `{}` of an addon says that it failed", report.kind);
            push(&mut self.plays, Thrown { message, frames: Vec::new() });
        }
    }

    /// What was thrown around the story, once each: a failed play function is told as an exception, too, and what
    /// Storybook tells nobody may have caught.
    pub(super) fn exceptions(&self) -> Vec<Thrown> {
        let mut all: Vec<Thrown> = Vec::new();
        for thrown in self.threw.iter().chain(self.uncaught.values()) {
            let is_known = |other: &Thrown| says_the_same(&other.message, &thrown.message);
            if !self.plays.iter().any(is_known) && !all.iter().any(is_known) {
                all.push(thrown.clone());
            }
        }
        all
    }

    /// What was written to the console as an error, but for what repeats what was thrown.
    pub(super) fn console_errors(&self) -> Vec<Thrown> {
        let thrown = || self.plays.iter().chain(&self.threw).chain(self.uncaught.values());
        let has_thrown = thrown().next().is_some();
        let is_own = |line: &&Thrown| {
            let is_preface = has_thrown && line.message.starts_with("Error rendering story ");
            !is_preface && !thrown().any(|thrown| says_the_same(&thrown.message, &line.message))
        };
        self.console.iter().filter(is_own).cloned().collect()
    }

    /// How many bytes came over the line.
    pub(super) fn received(&self) -> f64 {
        self.received
    }
}

/// Whether two texts are one error's, which some tell with its name and others without. Minified code has given it another.
fn says_the_same(one: &str, other: &str) -> bool {
    let bare = |text: &str| {
        let text = text.trim();
        let text = text.strip_prefix("Uncaught ").unwrap_or(text);
        match text.split_once(": ") {
            Some((name, rest)) if name.chars().all(char::is_alphanumeric) => rest.trim().to_owned(),
            _ => text.to_owned(),
        }
    };
    bare(one) == bare(other)
}

fn push(all: &mut Vec<Thrown>, thrown: Thrown) {
    let is_new = !all.iter().any(|known| known.message == thrown.message);
    if is_new && all.len() < MOST {
        all.push(thrown);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> TabEvent {
        TabEvent::Told(text.to_owned())
    }

    #[test]
    fn a_failed_play_is_told_once() {
        let mut watched = Watched::default();
        let error = r#"{"message":"expected 1 to be 2","stack":"AssertionError: x\n    at play (http://h/a.js:1:2)"}"#;
        assert_eq!(
            watched.take(told(&format!(r#"{{"kind":"play","at":1,"error":{error}}}"#))),
            Step::Failing
        );
        assert_eq!(
            watched.take(told(&format!(r#"{{"kind":"threw","at":1,"error":{error}}}"#))),
            Step::Failing
        );
        let uncaught = Thrown { message: "AssertionError: expected 1 to be 2".to_owned(), frames: vec![] };
        watched.take(TabEvent::Exception { id: 1, thrown: uncaught });
        watched.take(TabEvent::Exception {
            id: 2,
            thrown: Thrown { message: "Error: other".into(), frames: vec![] },
        });
        watched.take(TabEvent::Exception {
            id: 3,
            thrown: Thrown { message: "Error: caught".into(), frames: vec![] },
        });
        watched.take(TabEvent::Revoked(3));
        for line in ["hF: expected 1 to be 2", "Error rendering story 'x':", "Badge is deprecated"] {
            let thrown = Thrown { message: line.to_owned(), frames: vec![] };
            watched.take(TabEvent::Console { level: "error".into(), thrown });
        }
        let own: Vec<String> = watched.console_errors().into_iter().map(|line| line.message).collect();
        assert_eq!(own, ["Badge is deprecated"]);
        let finished = r#"{"kind":"finished","at":2,"reports":[]}"#;
        assert_eq!(watched.take(told(finished)), Step::Ended(Ending::Finished));
        assert_eq!(watched.plays.len(), 1);
        assert_eq!(watched.plays[0].frames[0].line, 1);
        let others: Vec<String> = watched.exceptions().into_iter().map(|thrown| thrown.message).collect();
        assert_eq!(others, ["Error: other"]);
    }

    #[test]
    fn what_a_page_tells_is_taken_as_far_as_it_is_understood() {
        let mut watched = Watched::default();
        for text in ["", "done", "{}", r#"{"kind":"finished"}"#, r#"{"kind":"rendered","at":"x"}"#] {
            assert_eq!(watched.take(told(text)), Step::On, "{text}");
        }
        for _ in 0..200 {
            let line = Thrown { message: format!("{}", watched.console.len()), frames: vec![] };
            watched.take(TabEvent::Console { level: "error".into(), thrown: line.clone() });
            watched.take(TabEvent::Console { level: "log".into(), thrown: line });
            watched.take(TabEvent::RequestFailed { url: "http://h/x".into(), why: "404".into() });
        }
        assert_eq!((watched.console.len(), watched.requests.len()), (MOST, MOST));
        assert_eq!(watched.take(TabEvent::Crashed), Step::Ended(Ending::PageCrashed));
        assert_eq!(watched.take(told(r#"{"kind":"missing","at":1}"#)), Step::Ended(Ending::Finished));
        assert!(watched.is_missing);
    }

    #[test]
    fn what_an_addon_found_counts() {
        let mut watched = Watched::default();
        let reports = r#"[{"type":"a11y","status":"failed","violations":[{"id":"button-name"}]},
                          {"type":"visual","status":"failed","violations":[]},
                          {"type":"other","status":"passed","violations":[]}]"#;
        watched.take(told(&format!(r#"{{"kind":"finished","at":2,"reports":{reports}}}"#)));
        assert_eq!(watched.violations.unwrap()[0].id, "button-name");
        let plays: Vec<&str> = watched.plays.iter().map(|thrown| thrown.message.as_str()).collect();
        assert_eq!(plays, ["the report `visual` of an addon says that it failed"]);
    }
}
