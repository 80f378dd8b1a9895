//! The formatter that a project has of its own, Prettier or Biome, for what is written anew in its files.
//!
//! It is run as the project installed and configured it, with nothing of the environment but where programs and the home
//! folder are.

mod biome;
mod child;
mod found;
mod prettier;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Mutex, PoisonError},
};

use found::{Found, Kind};
use prettier::Prettier;

use crate::workspace::{Workspace, WorkspacePath};

/// The formatters of a workspace's packages. Prettier is started when it is first needed, and kept for the next file.
#[derive(Debug, Default)]
pub struct Formatters {
    running: Mutex<BTreeMap<PathBuf, Prettier>>,
}

/// What the formatter is called that a workspace's packages have, if any has one.
pub fn formatter_of(workspace: &Workspace) -> Option<&'static str> {
    let file = |root: &WorkspacePath| root.join("package.json").ok();
    let files = workspace.config.code.iter().filter_map(|package| file(&package.root));
    files.filter_map(|file| Found::of(&workspace.folder, &file)).map(|found| found.kind.name()).next()
}

/// What a formatter makes of texts of one file.
enum Answer {
    /// The texts, laid out.
    LaidOut(Vec<String>),
    /// The project does not format this file.
    NotFormatted,
}

impl Formatters {
    /// A file's new text as the project's own formatter lays it out. `None` where the project formats no such file, or
    /// the file was laid out otherwise before: then formatting it would touch lines that nobody asked to change.
    ///
    /// # Errors
    /// Why the formatter gave no answer, as a clause.
    pub(crate) fn laid_out(
        &self,
        workspace: &std::path::Path,
        file: &WorkspacePath,
        before: Option<&str>,
        after: &str,
    ) -> Result<Option<String>, String> {
        let Some(found) = Found::of(workspace, file) else { return Ok(None) };
        let texts: Vec<&str> = before.into_iter().chain([after]).collect();
        let answer = match found.kind {
            Kind::Prettier => self.prettier(&found, &workspace.join(file.as_str()), &texts),
            Kind::Biome => biome::laid_out(&found, &workspace.join(file.as_str()), &texts),
        };
        let laid_out = match answer.map_err(|reason| format!("{}: {reason}", found.kind.name()))? {
            Answer::LaidOut(texts) => texts,
            Answer::NotFormatted => return Ok(None),
        };
        let was_formatted = before.is_none() || before == laid_out.first().map(String::as_str);
        Ok(laid_out.into_iter().next_back().filter(|_| was_formatted))
    }

    fn prettier(&self, found: &Found, file: &std::path::Path, texts: &[&str]) -> Result<Answer, String> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut prettier = match running.remove(&found.folder) {
            Some(prettier) => prettier,
            None => Prettier::start(&found.folder)?,
        };
        // One that gave no answer is not asked again.
        let answer = prettier.laid_out(file, texts)?;
        running.insert(found.folder.clone(), prettier);
        Ok(answer)
    }
}
