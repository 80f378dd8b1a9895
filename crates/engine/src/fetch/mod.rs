//! Brings live design files into the workspace: at one cheap call for a file that hasn't changed, within the quota of its
//! token, and never waiting for a quota that is used up.

mod account;
mod copy;

use std::path::Path;

use lockstep_core::{role::Action, undo::Outcome};
use lockstep_design::figma::{
    self,
    client::{FIGMA, Figma, FigmaError, MAX_NODES},
};
use lockstep_store::leases::{self, Lease};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

pub(crate) use account::tier_name;
pub use account::{Calls, Forecast, Parked};
pub use copy::LiveCopy;
pub use lockstep_design::figma::client::{Bounds, Quota, Window};

use account::Account;

use crate::{
    context::Engine,
    error::EngineError,
    process,
    progress::Stage,
    secret::Mask,
    workspace::{
        WorkspacePath,
        config::{DesignFile, LiveFile, nearest},
        files::WorkspaceFiles as _,
    },
};

/// How long a file is left to the process that fetches it, unless that one dies.
const LEASE: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

/// How to fetch.
pub struct FetchRequest<'a> {
    /// The short names of the files; all live ones, when there are none.
    pub files: &'a [String],
    /// How far to go.
    pub reach: Reach,
    /// Where Figma is.
    pub address: Option<String>,
    /// How much is put up with.
    pub bounds: Bounds,
    /// Who is told what a file will cost before it is asked for.
    pub told: &'a dyn Fn(&DesignFile, &Forecast),
}

/// How far a fetch goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// What is there is said, and nobody is called.
    FromCache,
    /// What has changed is fetched.
    #[default]
    Changed,
    /// Everything is fetched, changed or not.
    Everything,
}

/// What became of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FetchState {
    /// It was fetched.
    Fetched,
    /// Figma has the version that is here.
    Unchanged,
    /// Nobody was asked; there is a copy.
    Cached,
    /// Nobody was asked, and there is no copy.
    Missing,
    /// The quota is used up: it waits.
    Parked,
    /// Another process is fetching it.
    Busy,
    /// It could not be fetched. The copy is as it was.
    Failed,
}

/// One file, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileFetch {
    /// The short name of the file.
    pub design: String,
    /// The key that it is asked for by.
    pub key: String,
    /// The copy's place.
    pub file: WorkspacePath,
    /// Where the token is kept.
    pub credential: String,
    /// What became of it.
    pub state: FetchState,
    /// The copy that is there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<LiveCopy>,
    /// The calls that were made, failed ones included.
    pub calls: Calls,
    /// What was expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
    /// Until when it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked: Option<Parked>,
    /// Why it could not be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<FetchProblem>,
}

/// Why a file could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FetchProblem {
    /// A stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl FileFetch {
    fn of(file: &DesignFile, live: &LiveFile, copy: Option<LiveCopy>) -> Self {
        Self {
            design: file.name.clone(),
            key: live.key.clone(),
            file: file.file.clone(),
            credential: live.credential.to_string(),
            state: if copy.is_some() { FetchState::Cached } else { FetchState::Missing },
            copy,
            calls: Calls::default(),
            forecast: None,
            parked: None,
            problem: None,
        }
    }

    fn failed(mut self, code: &str, message: String, hint: Option<String>) -> Self {
        self.state = FetchState::Failed;
        self.problem = Some(FetchProblem { code: code.to_owned(), message, hint });
        self
    }
}

impl Engine {
    /// Fetches live design files, one after another. A file that can't be fetched keeps its copy and doesn't stop the
    /// others.
    ///
    /// # Errors
    /// When a file is named that is not live, the role doesn't allow it, or the registry or the disk fails.
    pub async fn fetch(&self, request: &FetchRequest<'_>) -> Result<Vec<FileFetch>, EngineError> {
        self.permit(Action::Scan, 0).await?;
        let chosen = self.live_files(request.files)?;
        let mut fetched = Vec::with_capacity(chosen.len());
        for (file, live) in chosen {
            if self.progress().wants_stop() {
                break;
            }
            fetched.push(self.fetch_one(file, live, request).await?);
        }
        self.progress().end();
        Ok(fetched)
    }

    fn live_files(&self, names: &[String]) -> Result<Vec<(&DesignFile, &LiveFile)>, EngineError> {
        const LIVE: &str =
            "a live file is a [[design]] entry with `figma = \"https://www.figma.com/design/…\"`";
        let designs = &self.workspace.config.design;
        let live = || designs.iter().filter_map(|file| Some((file, file.live.as_ref()?)));
        if names.is_empty() {
            let all: Vec<_> = live().collect();
            return match all.is_empty() {
                true => Err(EngineError::not_found("no design file of this workspace is live", LIVE)),
                false => Ok(all),
            };
        }
        let named = |name: &String| match designs.iter().find(|file| file.name == *name) {
            Some(file) => match &file.live {
                Some(live) => Ok((file, live)),
                None => Err(EngineError::not_found(format!("the design file `{name}` is not live"), LIVE)),
            },
            None => {
                let known: Vec<&str> = live().map(|(file, _)| file.name.as_str()).collect();
                let hint = match nearest(name, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("live are: {}", known.join(", ")),
                };
                Err(EngineError::not_found(format!("there is no design file `{name}`"), hint))
            }
        };
        names.iter().map(named).collect()
    }

    async fn fetch_one(
        &self,
        file: &DesignFile,
        live: &LiveFile,
        request: &FetchRequest<'_>,
    ) -> Result<FileFetch, EngineError> {
        let fetch = FileFetch::of(file, live, copy::read(&self.workspace, file, &live.key)?);
        if request.reach == Reach::FromCache {
            return Ok(fetch);
        }
        if fetch.copy.is_none() {
            copy::check_place(&self.workspace, file)?;
        }
        let credentials = self.credentials();
        let reference = match credentials.current(&live.credential).await {
            Ok(reference) => reference,
            Err(refusal) => return fetch.refused(refusal),
        };
        let secret = match reference.resolve(self.environment(), Path::new(&self.workspace.folder)) {
            Ok(secret) => secret,
            Err(problem) => {
                return Ok(fetch.failed("no-token", problem.to_string(), Some(problem.hint())));
            }
        };
        let mask = Mask::of(&secret);
        let account = Account::open(self, credentials, live, &secret).await?;
        if let Err(refusal) = account.check_usable().await {
            return fetch.refused(refusal);
        }
        let address = request.address.as_deref().or(account.address()).unwrap_or(FIGMA);
        let figma = match Figma::new(address, secret, request.bounds) {
            Ok(figma) => figma.with_token_kind(account.token_kind()),
            Err(error) => return Ok(fetch.failed_at(&error, &mask)),
        };
        if let Some(parked) = account.parked().await? {
            return Ok(FileFetch { state: FetchState::Parked, parked: Some(parked), ..fetch });
        }
        let lease = Lease {
            name: account.lease_name(),
            holder: Uuid::new_v4().into(),
            process: process::token(),
            until: self.now() + LEASE,
        };
        if self.take_lease(&lease).await?.is_some() {
            return Ok(FileFetch { state: FetchState::Busy, ..fetch });
        }
        let done = Fetching { engine: self, file, figma, account, mask }.run(fetch, request).await;
        let mut tx = self.store.begin().await?;
        leases::release(&mut tx, &lease).await?;
        tx.commit().await?;
        done
    }
}

impl FileFetch {
    /// Not fetched, because the credential is no good any more.
    fn refused(self, refusal: EngineError) -> Result<Self, EngineError> {
        match refusal {
            EngineError::Refused { code, message, hint } => Ok(self.failed(code, message, Some(hint))),
            other => Err(other),
        }
    }

    /// What Figma says may repeat the token.
    fn failed_at(self, error: &FigmaError, mask: &Mask) -> Self {
        self.failed(error.code(), mask.hidden(&error.to_string()), Some(error.hint().to_owned()))
    }
}

/// A file that is being fetched.
struct Fetching<'a> {
    engine: &'a Engine,
    file: &'a DesignFile,
    figma: Figma,
    account: Account<'a>,
    mask: Mask,
}

impl Fetching<'_> {
    async fn run(
        mut self,
        mut fetch: FileFetch,
        request: &FetchRequest<'_>,
    ) -> Result<FileFetch, EngineError> {
        let calls = expected(fetch.copy.as_ref());
        let may_be_current = request.reach == Reach::Changed && fetch.copy.is_some();
        let at_least = if may_be_current { 1 } else { calls.total() };
        let forecast = self.account.forecast(calls, at_least).await?;
        fetch.forecast = Some(forecast);
        (request.told)(self.file, &forecast);
        self.engine.progress().begin(Stage::Fetch, &self.file.name);
        let read = self.read(&mut fetch, request.reach).await;
        let ended = match &read {
            Ok(()) => Ok(()),
            Err(Failed::AtFigma(error)) => Err(error),
            Err(Failed::Here(_) | Failed::Revoked(_)) => Ok(()),
        };
        self.account.settle(&self.figma, ended, &self.mask).await?;
        fetch.calls = calls_of(&self.figma);
        match read {
            Ok(()) => Ok(fetch),
            Err(Failed::Here(error)) => Err(error),
            Err(Failed::Revoked(refusal)) => fetch.refused(refusal),
            Err(Failed::AtFigma(FigmaError::Parked { .. })) => {
                let parked = self.account.parked().await?;
                Ok(FileFetch { state: FetchState::Parked, parked, ..fetch })
            }
            Err(Failed::AtFigma(error)) => Ok(fetch.failed_at(&error, &self.mask)),
        }
    }

    async fn read(&mut self, fetch: &mut FileFetch, reach: Reach) -> Result<(), Failed> {
        let meta = self.figma.file_meta(&fetch.key).await?;
        let now = self.engine.now();
        if reach == Reach::Changed
            && let Some(copy) = fetch.copy.as_mut().filter(|copy| copy.is_current(&meta))
        {
            copy.checked_at = now;
            copy::write_record(&self.engine.workspace, self.file, copy)?;
            fetch.state = FetchState::Unchanged;
            return Ok(());
        }
        // What comes now takes its time, and may not be survived.
        self.account.settle(&self.figma, Ok(()), &self.mask).await?;
        self.account.check_usable().await.map_err(Failed::Revoked)?;
        let progress = self.engine.progress();
        let whole = self.figma.whole_file(&fetch.key, &|done, of| progress.advance(done, of)).await?;
        let unreadable = |error: lockstep_design::DesignError| FigmaError::Malformed {
            call: format!("GET /v1/files/{}", fetch.key),
            cause: error.to_string(),
        };
        figma::read(&whole.bytes, self.file.file.as_str()).map_err(unreadable)?;
        let copy = LiveCopy::of(&fetch.key, &whole, &meta, self.engine.now());
        self.keep(&whole.bytes, &copy).await?;
        fetch.copy = Some(copy);
        fetch.state = FetchState::Fetched;
        Ok(())
    }

    /// Puts the copy in place while nobody reads or writes the workspace's files.
    async fn keep(&self, bytes: &[u8], copy: &LiveCopy) -> Result<(), EngineError> {
        let held = self.engine.hold_files().await?;
        self.engine.workspace.files.write(&self.file.file, bytes)?;
        copy::write_record(&self.engine.workspace, self.file, copy)?;
        drop(held);
        let mut tx = self.engine.store.begin().await?;
        let detail = json!({ "design": self.file.name, "key": copy.key, "version": copy.version });
        self.engine.audit(&mut tx, "fetch", Outcome::Done, 0, detail).await?;
        Ok(tx.commit().await?)
    }
}

/// Why a file was not read: only Figma's part is the file's own affair.
enum Failed {
    AtFigma(FigmaError),
    Here(EngineError),
    /// Somebody took the credential back meanwhile.
    Revoked(EngineError),
}

impl From<FigmaError> for Failed {
    fn from(error: FigmaError) -> Self {
        Self::AtFigma(error)
    }
}

impl From<EngineError> for Failed {
    fn from(error: EngineError) -> Self {
        Self::Here(error)
    }
}

/// The calls of a fetch when the file has changed: its version, its pages, and what stands on them.
fn expected(copy: Option<&LiveCopy>) -> Calls {
    let pages = copy.map_or(1, |copy| copy.pages.max(1));
    Calls { tier_1: 1 + pages.div_ceil(MAX_NODES) as u64, tier_2: 1, tier_3: 0 }
}

fn calls_of(figma: &Figma) -> Calls {
    use lockstep_design::figma::client::Tier;
    Calls { tier_1: figma.calls(Tier::One), tier_2: figma.calls(Tier::Two), tier_3: figma.calls(Tier::Three) }
}
