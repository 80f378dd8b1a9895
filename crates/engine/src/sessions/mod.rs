//! Browser test sessions: stories opened in a real browser, judged, and recorded.

mod choose;
mod look;
mod picture;
mod pixels;
mod pool;
mod record;
mod show;
mod storybook;
mod watched;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
};

use chrono::{DateTime, Utc};
use futures_util::{StreamExt as _, stream};
use lockstep_core::{
    contract::sha256_hex,
    ids::{CorrelationId, StoryId},
    role::Action,
    session::{ArtifactKind, Ending, Judging, Outcomes, SessionReason, SessionStatus},
    undo::Outcome,
};
use lockstep_providers::browser::{BrowserError, Endpoint, Sources};
use schemars::JsonSchema;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::json;
use url::Url;

use crate::{
    context::Engine, error::EngineError, process::Claim, progress::Stage, workspace::config::BrowserAddress,
};
use choose::Chosen;
use look::{Eye, Seen};
pub use picture::{ApprovedPicture, ComparedPicture, PictureChange};
use pool::Pool;
pub use show::{
    ArtifactView, ComponentOutcomes, Detail, SessionView, StoryOutcomes, list, of_run, one, rates,
};
pub use storybook::Storybook;
pub use watched::{FailedRequest, Violation};

/// Reads the address of a Storybook; nothing for a text that is none.
pub fn web_address(text: &str) -> Option<Url> {
    crate::workspace::config::web_address(text)
}

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestRequest {
    /// Stories by their ids, components by their names, or globs of either; without any, every story tagged `test`.
    pub names: Vec<String>,
    /// Only those of components that changed since this revision.
    pub changed: Option<String>,
    /// How many are open at once, instead of what the configuration says.
    pub workers: Option<usize>,
    /// How often one is tried again after trouble that says nothing of it, instead of what the configuration says.
    pub retries: Option<usize>,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TestReport {
    /// What runs through all of it.
    pub correlation_id: CorrelationId,
    /// Where the stories were rendered.
    pub storybook: String,
    /// What the browser calls itself; none where no story was opened.
    pub browser: Option<String>,
    /// When it began.
    pub start_time: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
    /// How many were open at once.
    pub workers: usize,
    /// The last session of each story, by story.
    pub sessions: Vec<SessionView>,
    /// Of how many stories it passed, failed and was cut off.
    pub totals: TestTotals,
    /// How the sessions of stories that are flaky ended so far, by story.
    pub flaky: BTreeMap<String, Outcomes>,
    /// Why accessibility was not checked, where no story was.
    pub unchecked: Option<String>,
}

/// How many stories ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TestTotals {
    /// All of them.
    pub stories: usize,
    /// Those that passed.
    pub passed: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that were cut off.
    pub aborted: usize,
    /// Those that were not opened any more, as the run was to end.
    pub not_run: usize,
    /// How many more sessions there were than stories, after trouble that says nothing of them.
    pub retries: usize,
}

/// What all stories of a run have in common.
struct Run<'a> {
    eye: Eye<'a>,
    pool: Pool,
    judging: Judging,
    code: String,
    ids: BTreeMap<String, StoryId>,
    retries: usize,
    tried_again: AtomicUsize,
    done: AtomicUsize,
    of: usize,
}

impl Engine {
    /// Opens stories of the Storybook at that address, which ends with a slash, and records a session for each. A run that
    /// is to end lets none go on.
    ///
    /// # Errors
    /// When the role does not allow it; when a name is about nothing, there is no Storybook or no browser, or the registry
    /// fails.
    pub async fn test(&self, request: &TestRequest, address: &Url) -> Result<TestReport, EngineError> {
        self.permit(Action::StartSession, 0).await?;
        let began = self.now();
        let current = self.refresh().await?;
        let chosen = choose::choose(&current, &self.workspace, &request.names, request.changed.as_deref())?;
        let rules = &self.workspace.config.sessions;
        let code = Storybook::hash(address).await?;
        let pool = Pool::of(self.endpoints().await?);
        // Whoever can't have a browser hears of it before anything is recorded.
        let browser = match chosen.is_empty() {
            true => None,
            false => {
                let browser = pool.turn(0).await.map_err(|error| no_browser(&error))?;
                Some(browser.version().await.map_err(|error| no_browser(&error))?)
            }
        };
        let axe = match rules.accessibility {
            true => self.workspace.axe(),
            false => Err("`accessibility` under `[browser]` is off".to_owned()),
        };
        let default_workers = || std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let workers = request.workers.or(rules.workers).unwrap_or_else(default_workers).max(1);
        let sources = Sources::default();
        let run = Run {
            eye: Eye {
                storybook: address,
                limit: rules.timeout,
                loads: rules.loads,
                viewport: rules.viewport,
                time: rules.time,
                mask: &rules.visual.mask,
                axe: axe.as_deref().map_err(String::as_str),
                sources: &sources,
                stops: &|| self.progress().wants_stop(),
            },
            pool,
            judging: Judging {
                console_errors: rules.console_errors,
                violations: rules.accessibility,
                budget: rules.budget.clone(),
            },
            code,
            ids: self.story_ids().await?,
            retries: request.retries.unwrap_or(rules.retries),
            tried_again: AtomicUsize::new(0),
            done: AtomicUsize::new(0),
            of: chosen.len(),
        };
        self.progress().begin(Stage::Test, "");
        let turns = chosen.iter().enumerate().map(|(turn, story)| self.story(&run, turn, story));
        let ended: Vec<_> = stream::iter(turns).buffer_unordered(workers).collect().await;
        self.progress().end();
        let mut sessions = Vec::new();
        for session in ended {
            sessions.extend(session?);
        }
        sessions.sort_by(|one, other| one.story.cmp(&other.story));
        let totals = totals(&sessions, chosen.len(), run.tried_again.load(Ordering::Relaxed));
        let flaky = self.flaky(&run, &sessions).await?;
        // The browsers are gone when this is recorded.
        drop(run);
        let report = TestReport {
            correlation_id: self.correlation,
            storybook: address.to_string(),
            browser,
            start_time: began,
            duration_ms: (self.now() - began).num_milliseconds(),
            workers,
            sessions,
            totals,
            flaky,
            unchecked: axe.err(),
        };
        let mut tx = self.store.begin().await?;
        let components = chosen.iter().filter_map(|story| Some(story.component.as_ref()?.0));
        let components = components.collect::<std::collections::BTreeSet<_>>().len();
        let detail = json!({ "storybook": report.storybook, "totals": report.totals });
        self.audit(&mut tx, Action::StartSession.as_str(), Outcome::Done, components, detail).await?;
        tx.commit().await?;
        Ok(report)
    }

    /// One story, as often as it takes; nothing where the run is to end before it began.
    async fn story(
        &self,
        run: &Run<'_>,
        turn: usize,
        chosen: &Chosen,
    ) -> Result<Option<SessionView>, EngineError> {
        if (run.eye.stops)() {
            return Ok(None);
        }
        let Some(id) = run.ids.get(&chosen.story) else {
            return Err(EngineError::Bug(format!("the registry has no story `{}`", chosen.story)));
        };
        let mut retry = 0;
        loop {
            let detail = Detail { code: Some(self.code_of(run, chosen)), retry, ..Detail::default() };
            let begun = self.begin_session(*id, &detail).await?;
            let mut claim = Claim::of(begun.id.into());
            let mut seen = match run.pool.turn(turn).await {
                Ok(browser) => run.eye.look(&browser, &chosen.story).await,
                Err(error) => Seen::without_browser(error.to_string()),
            };
            self.compare_picture(chosen, &mut seen).await?;
            let is_trouble = matches!(seen.observed.ending, Ending::BrowserLost | Ending::Unreachable);
            let is_last = !is_trouble || retry >= run.retries;
            let ended = self.end_session(begun, chosen, detail, seen, &run.judging, is_last).await?;
            claim.end();
            self.progress().tested(&ended);
            if is_last || !ended.reason.is_some_and(SessionReason::is_infrastructure) {
                let done = run.done.fetch_add(1, Ordering::Relaxed) + 1;
                self.progress().advance(done, run.of);
                return Ok(Some(ended));
            }
            retry += 1;
            run.tried_again.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The hash of what a story is rendered from: the build's, and that of its files here.
    fn code_of(&self, run: &Run<'_>, chosen: &Chosen) -> String {
        let mut text = run.code.clone();
        let files = std::iter::once(&chosen.file).chain(chosen.component.as_ref().map(|(_, _, file)| file));
        for file in files {
            let bytes = std::fs::read(self.workspace.folder.join(file)).unwrap_or_default();
            text.push_str(&sha256_hex(&bytes));
        }
        sha256_hex(text.as_bytes())
    }

    /// Those of these stories whose outcome varies with nothing of their code.
    async fn flaky(
        &self,
        run: &Run<'_>,
        sessions: &[SessionView],
    ) -> Result<BTreeMap<String, Outcomes>, EngineError> {
        let mut flaky = BTreeMap::new();
        for session in sessions {
            let Some(id) = run.ids.get(&session.story) else { continue };
            let outcomes = show::of_story(&self.store, *id).await?;
            if outcomes.flaky > 0 {
                flaky.insert(session.story.clone(), outcomes);
            }
        }
        Ok(flaky)
    }

    /// What the browser calls itself that stories would be opened in.
    ///
    /// # Errors
    /// When there is none, or a secret that leads to it can't be had.
    pub async fn browser_version(&self) -> Result<String, EngineError> {
        let pool = Pool::of(self.endpoints().await?);
        let browser = pool.turn(0).await.map_err(|error| no_browser(&error))?;
        browser.version().await.map_err(|error| no_browser(&error))
    }

    /// The browsers that the configuration names; one that is started where it names none.
    async fn endpoints(&self) -> Result<Vec<Endpoint>, EngineError> {
        let rules = &self.workspace.config.sessions;
        let mut endpoints = Vec::new();
        for address in &rules.endpoints {
            endpoints.push(Endpoint::Remote(match address {
                BrowserAddress::Written(address) => address.clone(),
                BrowserAddress::Kept(reference) => {
                    self.credentials().secret_at(reference).await?.expose_secret().to_owned()
                }
            }));
        }
        if endpoints.is_empty() {
            let executable = rules.executable.clone().map(|path| match path.components().count() {
                // A name alone is one of the search path's.
                0 | 1 => path,
                _ => self.workspace.folder.join(path),
            });
            endpoints.push(Endpoint::Started {
                executable,
                sandbox: rules.sandbox,
                profiles: None::<PathBuf>,
            });
        }
        Ok(endpoints)
    }
}

fn totals(sessions: &[SessionView], stories: usize, retries: usize) -> TestTotals {
    let count = |status| sessions.iter().filter(|session| session.status == status).count();
    TestTotals {
        stories,
        passed: count(SessionStatus::Passed),
        failed: count(SessionStatus::Failed),
        aborted: count(SessionStatus::Aborted),
        not_run: stories.saturating_sub(sessions.len()),
        retries,
    }
}

fn no_browser(error: &BrowserError) -> EngineError {
    EngineError::refused("no-browser", error.to_string(), error.hint().unwrap_or("try again"))
}
