//! Which stories are opened.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use lockstep_code::model::Story;
use lockstep_core::ids::ComponentId;

use crate::{error::EngineError, registry::Current, workspace::Workspace, workspace::config::NameGlob};

/// A story that is to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chosen {
    /// Storybook's id.
    pub(super) story: String,
    /// The file that declares it.
    pub(super) file: String,
    /// The component that it shows, with the file that declares that.
    pub(super) component: Option<(ComponentId, String, String)>,
}

/// The stories that names are about, by Storybook's id; all that are tagged `test` without any. A name is a story's id, a
/// component's, or a glob of either. With a revision only those of components that changed since are left.
pub(super) fn choose(
    current: &Current,
    workspace: &Workspace,
    names: &[String],
    since: Option<&str>,
) -> Result<Vec<Chosen>, EngineError> {
    let mut owners = BTreeMap::new();
    for index in 0..current.entries.len() {
        for story in current.stories(index) {
            owners.insert(story.id.as_str(), index);
        }
    }
    let stories: BTreeMap<&str, &Story> =
        current.sides.stories.iter().map(|story| (story.id.as_str(), &**story)).collect();
    let is_run = |story: &Story| story.tags.iter().any(|tag| tag == "test");
    let mut wanted = BTreeSet::new();
    if names.is_empty() {
        wanted.extend(stories.iter().filter(|(_, story)| is_run(story)).map(|(id, _)| *id));
    }
    for name in names {
        let glob = NameGlob::new(name).ok();
        let matches = |id: &str| id == name || glob.as_ref().is_some_and(|glob| glob.matches(id));
        let before = wanted.len();
        // Whoever names a story wants it, however it is tagged.
        wanted.extend(stories.keys().filter(|id| matches(id)));
        if wanted.len() > before || stories.contains_key(name.as_str()) {
            continue;
        }
        let components: BTreeSet<usize> = current
            .matching(std::slice::from_ref(name))
            .map_err(|error| unknown(name, &error, &stories))?
            .into_iter()
            .collect();
        let of_these = |id: &str| owners.get(id).is_some_and(|index| components.contains(index));
        wanted.extend(stories.iter().filter(|(id, story)| of_these(id) && is_run(story)).map(|(id, _)| *id));
    }
    if let Some(revision) = since {
        let changed = changed_components(current, &changed_files(workspace, revision)?);
        wanted.retain(|id| owners.get(id).is_some_and(|index| changed.contains(index)));
    }
    let chosen = wanted.into_iter().filter_map(|id| {
        let story = stories.get(id)?;
        let component = owners.get(id).map(|index| {
            let code = &current.sides.components[*index];
            (current.entries[*index].id, code.name.clone(), code.component.declared.file.as_str().to_owned())
        });
        Some(Chosen { story: id.to_owned(), file: story.declared.file.as_str().to_owned(), component })
    });
    Ok(chosen.collect())
}

fn unknown(name: &str, error: &EngineError, stories: &BTreeMap<&str, &Story>) -> EngineError {
    let hint = match crate::workspace::config::nearest(name, stories.keys().copied()) {
        Some(meant) if name.contains("--") => format!("did you mean `{meant}`?"),
        _ => error.hint().unwrap_or_default(),
    };
    EngineError::not_found(format!("`{name}` is neither a story nor a component"), hint)
}

/// The components of which something changed: their own file, one of their stories', or a file beside these that is no
/// other component's.
fn changed_components(current: &Current, files: &BTreeSet<String>) -> BTreeSet<usize> {
    let folder = |file: &str| file.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let mut own = BTreeMap::<&str, BTreeSet<usize>>::new();
    for (index, code) in current.sides.components.iter().enumerate() {
        own.entry(code.component.declared.file.as_str()).or_default().insert(index);
        for story in current.stories(index) {
            own.entry(story.declared.file.as_str()).or_default().insert(index);
        }
    }
    let mut beside = BTreeMap::<String, BTreeSet<usize>>::new();
    for (file, indices) in &own {
        beside.entry(folder(file)).or_default().extend(indices);
    }
    let of_file = |file: &String| match own.get(file.as_str()) {
        Some(indices) => indices.clone(),
        None => beside.get(&folder(file)).cloned().unwrap_or_default(),
    };
    files.iter().flat_map(of_file).collect()
}

/// The files of the workspace that are other than at a revision, those that git does not know yet among them.
fn changed_files(workspace: &Workspace, revision: &str) -> Result<BTreeSet<String>, EngineError> {
    let known = git(
        &workspace.folder,
        &["diff", "--name-only", "--relative", "-z", "--end-of-options", revision, "--"],
    )
    .map_err(|why| {
        let message = format!("git can't say what changed since `{revision}`: {why}");
        EngineError::refused("no-revision", message, "name a commit, a branch or a tag: `--changed main`")
    })?;
    let new =
        git(&workspace.folder, &["ls-files", "--others", "--exclude-standard", "-z"]).unwrap_or_default();
    let names = known.split('\0').chain(new.split('\0'));
    Ok(names.filter(|name| !name.is_empty()).map(str::to_owned).collect())
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it failed");
    Err(line.trim_start_matches("fatal: ").to_owned())
}
