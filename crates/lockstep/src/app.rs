//! What every command is given.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use lockstep_engine::workspace::{OpenError, Workspace};

use crate::{
    cli::GlobalArgs,
    exit::Failure,
    output::{Screen, diagnostics},
};

/// The run: its output, its workspace, its clock.
#[derive(Debug)]
pub struct App {
    /// The output.
    pub screen: Screen,
    global: GlobalArgs,
}

impl App {
    /// The run that the flags describe.
    pub fn new(global: GlobalArgs) -> Self {
        Self { screen: Screen::new(global.screen_options()), global }
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

    /// The workspace, or nothing where there is none: for what a database address alone is enough for.
    pub fn workspace_if_any(&self) -> Result<Option<Workspace>, Failure> {
        match self.workspace() {
            Err(failure) if failure.is_no_workspace && self.global.workspace.is_none() => Ok(None),
            opened => opened.map(Some),
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
