//! What every command is given.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use chrono::{DateTime, Utc};
use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity};
use lockstep_engine::{
    Store,
    access::Access,
    context::{Actor, Engine, SystemClock},
    workspace::{OpenError, Workspace, config::StoreUrl},
};

use crate::{
    cli::GlobalArgs,
    exit::Failure,
    interrupt::Interrupt,
    output::{Screen, Tone, diagnostics, words::counted},
};

/// The run: its output, its workspace, its clock.
#[derive(Debug)]
pub struct App {
    /// The output.
    pub screen: Arc<Screen>,
    /// Whether somebody wants the run to end.
    pub interrupt: Interrupt,
    global: GlobalArgs,
    /// The registry's address as it may be shown, once it is known.
    registry: OnceLock<String>,
}

impl App {
    /// The run that the flags describe.
    pub fn new(global: GlobalArgs) -> Self {
        let screen = Arc::new(Screen::new(global.screen_options()));
        Self { screen, interrupt: Interrupt::default(), global, registry: OnceLock::new() }
    }

    /// The folder to start from: `--workspace`, or the current one.
    pub fn start_folder(&self) -> PathBuf {
        self.global.workspace.clone().unwrap_or_else(|| PathBuf::from("."))
    }

    /// Opens the workspace and tells what is odd about its configuration.
    pub fn workspace(&self) -> Result<Workspace, Failure> {
        let opened = match &self.global.workspace {
            Some(folder) => Workspace::open(folder),
            None => Workspace::discover(&self.start_folder()),
        };
        if let Err(OpenError::Config(_)) = &opened {
            self.point_findings_at_config();
        }
        let workspace = opened?;
        self.screen.set_folder(&workspace.folder);
        for warning in &workspace.warnings {
            self.screen.note(&diagnostics::render(warning, &self.screen));
        }
        Ok(workspace)
    }

    /// Runs asynchronous work to its end.
    pub fn run<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::internal(format!("can't start: {error}")))?;
        runtime.block_on(work)
    }

    /// The same on several threads, for what answers many at once.
    pub fn run_on_threads<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::internal(format!("can't start: {error}")))?;
        runtime.block_on(work)
    }

    /// Whether there is a workspace, good or bad.
    pub fn has_workspace(&self) -> bool {
        let is_named = self.global.workspace.is_some();
        is_named || !matches!(Workspace::discover(&self.start_folder()), Err(OpenError::NotFound(_)))
    }

    /// Who the operating system says is there.
    pub fn os_user(&self) -> String {
        whoami::username()
    }

    /// Opens the workspace with its registry, and brings back what a run that was cut off left half-done.
    pub async fn engine(&self) -> Result<Engine, Failure> {
        let workspace = self.workspace()?;
        let store = Store::connect(&self.store_url(&workspace)?).await?;
        let _ = self.registry.set(store.address());
        let progress = Box::new(self.screen.watcher(self.interrupt.clone()));
        let engine = Engine::open(workspace, store, &self.os_user(), Box::new(SystemClock), progress).await?;
        engine.recover().await?;
        Ok(engine)
    }

    /// Opens the registry alone: `DATABASE_URL` is enough, and without it the workspace says where it is.
    pub async fn registry(&self) -> Result<Store, Failure> {
        let url = match self.database_url() {
            Some(url) => url.expose().to_owned(),
            None => self.store_url(&self.workspace()?)?,
        };
        let store = Store::connect(&url).await?;
        let _ = self.registry.set(store.address());
        Ok(store)
    }

    /// The users, tokens and the audit log of the registry, and who acts on them: the operating system's user.
    pub async fn access(&self) -> Result<(Access, Actor), Failure> {
        let store = self.registry().await?;
        store.migrate().await?;
        let access = Access::new(store, Arc::new(SystemClock));
        let actor = access.os_user(&self.os_user()).await?;
        Ok((access, actor))
    }

    /// Where the registry is: `DATABASE_URL`, `[store]`, or a file in the workspace, whose folder is made.
    pub fn store_url(&self, workspace: &Workspace) -> Result<String, Failure> {
        if let Some(url) = workspace.config.store.resolve(variable)? {
            return Ok(url.expose().to_owned());
        }
        let folder = workspace.folder.join(".lockstep");
        let made = std::fs::create_dir_all(&folder).and_then(|()| {
            let ignore = folder.join(".gitignore");
            if ignore.exists() { Ok(()) } else { std::fs::write(ignore, "*\n") }
        });
        made.map_err(|error| {
            Failure::bad_input(format!("can't make {}: {error}", folder.display()))
                .hint("the registry and the cache are kept there; set DATABASE_URL for a registry elsewhere")
        })?;
        Ok(format!("sqlite://{}", folder.join("lockstep.db").display()))
    }

    /// From here on components are written: a signal lets the one at hand be finished.
    pub fn heed_interrupts(&self) -> Result<(), Failure> {
        self.interrupt.heed().map_err(|error| Failure::internal(format!("can't wait for signals: {error}")))
    }

    /// This run goes on until a signal comes, which is its end.
    pub fn run_until_signal(&self) -> Result<(), Failure> {
        let failed = |error| Failure::internal(format!("can't wait for signals: {error}"));
        self.interrupt.expect().map_err(failed)
    }

    /// A failure of the registry with where that is.
    pub fn with_registry(&self, failure: Failure) -> Failure {
        let (Some("store"), Some(registry)) = (failure.code.as_deref(), self.registry.get()) else {
            return failure;
        };
        let place = format!("the registry is {registry}");
        let hint = failure.hint.as_ref().map_or_else(|| place.clone(), |hint| format!("{hint}; {place}"));
        failure.hint(hint)
    }

    /// `DATABASE_URL`, for what needs no workspace.
    pub fn database_url(&self) -> Option<StoreUrl> {
        variable("DATABASE_URL").map(StoreUrl::new)
    }

    /// Tells what was wrong with files, each at its place.
    pub fn tell_findings(&self, findings: &[Diagnostic]) {
        for finding in findings {
            self.screen.note(&diagnostics::render(finding, &self.screen));
        }
    }

    /// Tells what was wrong with files beside what was asked for: errors at their place, the rest as a count, which
    /// would otherwise stand before every answer.
    pub fn tell_errors(&self, findings: &[Diagnostic]) {
        if self.screen.verbose() {
            return self.tell_findings(findings);
        }
        let (errors, others): (Vec<_>, Vec<_>) =
            findings.iter().partition(|finding| finding.severity == DiagnosticSeverity::Error);
        for error in errors {
            self.screen.complain(&diagnostics::render(error, &self.screen));
        }
        if !others.is_empty() {
            let count = counted(others.len(), "warning");
            let hint = format!("{count} about files: `lockstep scan` shows them");
            self.screen.note(&self.screen.error_style().paint(Tone::Dim, hint));
        }
    }

    /// The time now.
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    /// The folder of a `lockstep.toml` that could not be read is found again to show its lines.
    fn point_findings_at_config(&self) {
        let Ok(start) = self.start_folder().canonicalize() else { return };
        if let Some(folder) = start.ancestors().find(|folder| folder.join("lockstep.toml").is_file()) {
            self.screen.set_folder(folder);
        }
    }
}

/// An environment variable that is set to something.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
