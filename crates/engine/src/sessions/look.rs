//! One story, opened in a browser and watched to its end.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use lockstep_core::session::{Ending, Metric, Observed, PerformanceSummary, Problem};
use lockstep_providers::browser::{Browser, BrowserError, Look, Sources, Tab, TabEvent, TabOptions, Thrown};
use serde_json::Value as Json;
use tokio::time::{Instant, timeout, timeout_at};
use url::Url;

use super::{
    picture::ComparedPicture,
    watched::{FailedRequest, Step, Violation, Watched},
};

/// What runs in the page before anything of its own.
const RECORDER: &str = include_str!("recorder.js");

/// What asks axe-core.
const ACCESSIBLE: &str = include_str!("accessible.js");

/// How long a story that threw may take to say that it ended.
const FAILING: Duration = Duration::from_secs(2);

/// How long what is looked at afterwards may take: a picture, what was measured.
const AFTERWARDS: Duration = Duration::from_secs(10);

/// How often it is asked whether the run shall end.
const ASKED: Duration = Duration::from_millis(100);

/// What all stories of a run are looked at with.
pub(super) struct Eye<'a> {
    /// Where the Storybook is; ends with a slash.
    pub(super) storybook: &'a Url,
    /// How long a story may take.
    pub(super) limit: Duration,
    /// How often each is loaded.
    pub(super) loads: usize,
    /// How large a page is.
    pub(super) viewport: (u32, u32),
    /// When it is in every page as it is opened.
    pub(super) time: Option<DateTime<Utc>>,
    /// What no picture shows, by CSS selectors.
    pub(super) mask: &'a [String],
    /// axe-core's source, or why nothing is checked by it.
    pub(super) axe: Result<&'a str, &'a str>,
    /// The maps of scripts.
    pub(super) sources: &'a Sources,
    /// Whether the run shall end.
    pub(super) stops: &'a (dyn Fn() -> bool + Sync),
}

/// What was seen of a story.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// What is judged.
    pub(super) observed: Observed,
    /// What was asked for and did not come.
    pub(super) requests: Vec<FailedRequest>,
    /// What accessibility checks found; why nothing was checked.
    pub(super) violations: Vec<Violation>,
    /// Why it was not checked.
    pub(super) unchecked: Option<String>,
    /// What it looked like at its end.
    pub(super) picture: Option<Vec<u8>>,
    /// What holding that against the approved picture came to …
    pub(super) compared: Option<ComparedPicture>,
    /// … and a picture of what differs.
    pub(super) difference: Option<Vec<u8>>,
}

impl Eye<'_> {
    /// Opens a story as often as it is to be loaded; what is judged is the first time.
    pub(super) async fn look(&self, browser: &Browser, story: &str) -> Seen {
        let mut seen = self.once(browser, story, true).await;
        let Some(first) = seen.observed.performance.take() else { return seen };
        let mut loads = vec![first.metrics];
        while loads.len() < self.loads && seen.observed.ending == Ending::Finished {
            let again = self.once(browser, story, false).await;
            match again.observed.performance {
                Some(measured) => loads.push(measured.metrics),
                None => break,
            }
        }
        seen.observed.performance = Some(PerformanceSummary::of(&loads));
        seen
    }

    fn address(&self, story: &str) -> String {
        let mut url = self.storybook.clone();
        url.set_path(&format!("{}iframe.html", url.path()));
        url.query_pairs_mut().append_pair("id", story).append_pair("viewMode", "story");
        url.into()
    }

    async fn once(&self, browser: &Browser, story: &str, checked: bool) -> Seen {
        let (width, height) = self.viewport;
        let look = Look { width, height, still: true, ..Look::default() };
        let options = TabOptions {
            look,
            script: match self.time {
                Some(time) => format!("globalThis.__lockstepNow = {};\n{RECORDER}", time.timestamp_millis()),
                None => RECORDER.to_owned(),
            },
            // Where it is a fixed time, it is one everywhere.
            time_zone: self.time.map(|_| "UTC".to_owned()),
            ..TabOptions::default()
        };
        let mut tab = match browser.tab(&options).await {
            Ok(tab) => tab,
            Err(error) => return Seen::lost(browser, &error),
        };
        let mut watched = Watched::default();
        let (ending, told) = self.watch(browser, &mut tab, &self.address(story), &mut watched).await;
        let mut seen = Seen::default();
        seen.observed.ending = ending;
        seen.observed.ending_told = told;
        if matches!(ending, Ending::Finished | Ending::TimedOut) {
            // A page that hangs answers nothing any more.
            let patience = if ending == Ending::Finished { AFTERWARDS } else { AFTERWARDS / 5 };
            seen.picture = timeout(patience, self.picture(&tab)).await.ok().and_then(Result::ok);
        }
        if ending == Ending::Finished {
            let _ = timeout(AFTERWARDS, measure(&tab, &mut watched)).await;
            if checked {
                let checking = timeout(AFTERWARDS, self.check(&tab, &mut watched)).await;
                seen.unchecked =
                    checking.unwrap_or_else(|_| Some("axe-core did not come to its end".to_owned()));
            }
        }
        // What happened before these answers came has been told by now; what ended a story may have overtaken it.
        for event in tab.rest() {
            watched.take(event);
        }
        if ending == Ending::Finished {
            watched.metrics.insert(Metric::Received, watched.received());
            seen.observed.performance =
                Some(PerformanceSummary { loads: 1, metrics: watched.metrics.clone() });
        }
        seen.put(&watched);
        if checked {
            let is_alive = ending == Ending::Finished;
            seen.observed.exceptions = self.problems(&tab, &watched.exceptions(), is_alive).await;
            seen.observed.failed_plays = self.problems(&tab, &watched.plays, is_alive).await;
            seen.observed.console_errors = self.problems(&tab, &watched.console_errors(), is_alive).await;
        }
        browser.close(tab).await;
        if let (Some(why), Ending::Finished) = (browser.lost(), ending) {
            // It ended while the story was looked at.
            seen.observed.ending = Ending::BrowserLost;
            seen.observed.ending_told = Some(why);
        }
        seen
    }

    /// Watches a story until it ends.
    async fn watch(
        &self,
        browser: &Browser,
        tab: &mut Tab,
        address: &str,
        watched: &mut Watched,
    ) -> (Ending, Option<String>) {
        let going = tab.go(address);
        tokio::pin!(going);
        let document = address.split('?').next().unwrap_or_default();
        let (mut is_there, mut deadline) = (false, Instant::now() + self.limit);
        loop {
            tokio::select! {
                biased;
                event = tab.next() => {
                    let Some(event) = event else {
                        return (Ending::BrowserLost, browser.lost());
                    };
                    if let TabEvent::RequestFailed { url, why } = &event
                        && url == document
                    {
                        return (Ending::Unreachable, Some(format!("{why} for iframe.html")));
                    }
                    match watched.take(event) {
                        Step::On => {}
                        Step::Failing => deadline = deadline.min(Instant::now() + FAILING),
                        Step::Ended(ending) => return (ending, None),
                    }
                }
                why = browser.until_lost() => return (Ending::BrowserLost, Some(why)),
                arrived = &mut going, if !is_there => {
                    is_there = true;
                    // Other failures show in that the story never ends.
                    if let Err(BrowserError::Page(why)) = arrived
                        && why.starts_with("net::")
                    {
                        return (Ending::Unreachable, Some(why));
                    }
                }
                () = self.stopped() => return (Ending::Cancelled, None),
                () = tokio::time::sleep_until(deadline) => {
                    // What threw and says nothing more has ended.
                    let has_failed = !watched.plays.is_empty() || !watched.threw.is_empty();
                    let ending = if has_failed { Ending::Finished } else { Ending::TimedOut };
                    let told = format!("{} s, and Storybook did not say that it ended", self.limit.as_secs());
                    return (ending, (ending == Ending::TimedOut).then_some(told));
                }
            }
        }
    }

    /// A picture of what no longer moves, without what it must not show. One that can't be so is none.
    async fn picture(&self, tab: &Tab) -> Result<Vec<u8>, BrowserError> {
        tab.evaluate(&format!("__lockstep.still({})", serde_json::json!(self.mask))).await?;
        tab.picture().await
    }

    async fn stopped(&self) {
        while !(self.stops)() {
            tokio::time::sleep(ASKED).await;
        }
    }

    /// Has axe-core look at the story, unless its own checks did; gives why nothing was looked at.
    async fn check(&self, tab: &Tab, watched: &mut Watched) -> Option<String> {
        if watched.violations.is_some() {
            return None;
        }
        let source = match self.axe {
            Ok(source) => source,
            Err(why) => return Some(why.to_owned()),
        };
        let found = async {
            tab.evaluate(&format!("{source};undefined")).await?;
            tab.evaluate(ACCESSIBLE).await
        };
        let found = match found.await {
            Ok(found) => found,
            Err(error) => return Some(format!("axe-core failed: {error}")),
        };
        if let Some(why) = found.get("skipped").and_then(Json::as_str) {
            return Some(why.to_owned());
        }
        watched.violations =
            found.get("violations").and_then(|found| serde_json::from_value(found.clone()).ok());
        None
    }

    async fn problems(&self, tab: &Tab, all: &[Thrown], is_alive: bool) -> Vec<Problem> {
        let mut problems = Vec::with_capacity(all.len());
        for thrown in all {
            let unmapped = || thrown.frames.iter().map(|frame| frame.to_string()).collect();
            let stack = if is_alive {
                let until = Instant::now() + AFTERWARDS;
                timeout_at(until, self.sources.told(tab, &thrown.frames)).await.unwrap_or_else(|_| unmapped())
            } else {
                unmapped()
            };
            problems.push(Problem { message: thrown.message.clone(), stack });
        }
        problems
    }
}

impl Seen {
    /// Nothing: the browser is gone, or opens no page.
    pub(super) fn lost(browser: &Browser, error: &BrowserError) -> Self {
        let told = browser.lost().unwrap_or_else(|| error.to_string());
        Self::without_browser(told)
    }

    /// Nothing: there is no browser.
    pub(super) fn without_browser(why: String) -> Self {
        let observed =
            Observed { ending: Ending::BrowserLost, ending_told: Some(why), ..Observed::default() };
        Self { observed, ..Self::default() }
    }

    fn put(&mut self, watched: &Watched) {
        self.requests.clone_from(&watched.requests);
        self.observed.is_missing = watched.is_missing;
        self.violations = watched.violations.clone().unwrap_or_default();
        self.observed.violations = self.violations.iter().map(Violation::problem).collect();
    }
}

impl Violation {
    fn problem(&self) -> Problem {
        let others = self.count.saturating_sub(1);
        let first = self.targets.first().map(String::as_str).unwrap_or_default();
        let at = match (first, others) {
            ("", _) => String::new(),
            (first, 0) => format!(" ({first})"),
            (first, others) => format!(" ({first} and {others} more)"),
        };
        Problem { message: format!("{}: {}{at}", self.id, self.help), stack: Vec::new() }
    }
}

/// Asks the page and the browser for what was measured.
async fn measure(tab: &Tab, watched: &mut Watched) -> Result<(), BrowserError> {
    let told = tab.evaluate("__lockstep.measured()").await?;
    let own: BTreeMap<Metric, Option<f64>> = serde_json::from_value(told).unwrap_or_default();
    let counts = tab.counts().await?;
    let own = own.into_iter().filter_map(|(metric, value)| Some((metric, value?)));
    watched.metrics.extend(own);
    for (metric, name) in [(Metric::Heap, "JSHeapUsedSize"), (Metric::Nodes, "Nodes")] {
        watched.metrics.extend(counts.get(name).map(|value| (metric, *value)));
    }
    Ok(())
}
