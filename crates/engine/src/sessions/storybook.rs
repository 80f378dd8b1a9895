//! The Storybook that stories are rendered in: whether it is there, and which code it is of.

use std::path::{Path, PathBuf};

use lockstep_core::contract::sha256_hex;
use lockstep_providers::line::{Call, Line, Patience};
use url::Url;

use crate::{
    error::EngineError,
    workspace::{Workspace, config::StorybookPlace},
};

/// A larger axe-core is none.
const LARGEST_AXE: u64 = 8 << 20;

/// Where stories are rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storybook {
    /// A folder with a static build, to be served.
    Static(PathBuf),
    /// One that runs.
    Running(Url),
}

impl Storybook {
    /// Asks for what every Storybook has, and gives the hash of it: it says which scripts there are, and a static build
    /// names these by their content.
    pub(super) async fn hash(address: &Url) -> Result<String, EngineError> {
        let line = Line::new(Patience::default()).map_err(|error| EngineError::Bug(error.to_string()))?;
        let mut bytes = Vec::new();
        for file in ["iframe.html", "index.json"] {
            let url = address.join(file).map_err(|error| EngineError::Bug(error.to_string()))?;
            let answer =
                line.ask(&Call::get(url)).await.map_err(|error| no_answer(address, &error.to_string()))?;
            if !answer.is_success() {
                return Err(no_answer(address, &format!("it answers {} for {file}", answer.status)));
            }
            bytes.extend_from_slice(&answer.body);
        }
        Ok(sha256_hex(&bytes))
    }
}

fn no_answer(address: &Url, why: &str) -> EngineError {
    let message = format!("there is no Storybook at {address}: {why}");
    EngineError::refused(
        "no-storybook",
        message,
        "start it, or name another one under `[storybook]` in lockstep.toml",
    )
}

impl Workspace {
    /// Where the stories are rendered.
    ///
    /// # Errors
    /// When that is a static build, and there is none.
    pub fn storybook(&self) -> Result<Storybook, EngineError> {
        let path = match &self.config.sessions.storybook {
            StorybookPlace::Running(address) => return Ok(Storybook::Running(address.clone())),
            StorybookPlace::Static(path) => path,
        };
        let folder = self.folder.join(path.as_str());
        if folder.join("iframe.html").is_file() {
            return Ok(Storybook::Static(folder));
        }
        let message = format!("there is no static Storybook in `{path}`");
        let hint = "`npx storybook build` makes one; `[storybook]` in lockstep.toml names another folder (`static`) or \
                    one that runs (`url`)";
        Err(EngineError::refused("no-storybook", message, hint))
    }

    /// axe-core as the project has it, or why it is not used.
    pub(super) fn axe(&self) -> Result<String, String> {
        let roots = self.config.code.iter().map(|package| self.folder.join(package.root.as_str()));
        let found = roots.flat_map(|root| candidates(&root)).find(|file| {
            let size = std::fs::metadata(file).map(|found| found.len());
            size.is_ok_and(|size| size <= LARGEST_AXE)
        });
        let Some(file) = found else {
            return Err("the project has no axe-core: `npm install --save-dev axe-core`".to_owned());
        };
        std::fs::read_to_string(&file).map_err(|error| format!("{} can't be read: {error}", file.display()))
    }
}

/// Where axe-core is installed: by itself, or for Storybook's addon.
fn candidates(root: &Path) -> Vec<PathBuf> {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let mut files = Vec::new();
    for folder in root.ancestors() {
        let modules = folder.join("node_modules");
        files.push(modules.join("axe-core/axe.min.js"));
        // It may be linked to where its own packages stand beside it.
        if let Ok(addon) = modules.join("@storybook/addon-a11y").canonicalize() {
            files.push(addon.join("node_modules/axe-core/axe.min.js"));
            files.extend(addon.ancestors().nth(2).map(|beside| beside.join("axe-core/axe.min.js")));
        }
    }
    files
}
