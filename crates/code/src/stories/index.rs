//! Storybook's own list of stories: `index.json` (versions 4 and 5, later ones leniently) and the older
//! `stories.json`.

use std::collections::{BTreeMap, HashMap};

use lockstep_core::diagnostic::{Diagnostic, DiagnosticSeverity};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::model::Story;

/// What an index lists.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryIndex {
    /// The version that the file states.
    pub version: u64,
    /// Its entries by id.
    pub entries: BTreeMap<String, IndexEntry>,
}

/// One entry of an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexEntry {
    /// The id.
    pub id: String,
    /// The title: `Components/Button`.
    pub title: String,
    /// The display name.
    pub name: String,
    /// What kind of entry it is.
    pub kind: EntryKind,
    /// The story file, relative to the Storybook's package, without a leading `./`.
    pub import_path: Option<String>,
    /// The component's file, where the index names it.
    pub component_path: Option<String>,
    /// The export's name, where the index names it.
    pub export_name: Option<String>,
    /// The tags.
    pub tags: Vec<String>,
}

/// The kinds of index entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// A story.
    Story,
    /// A page of documentation.
    Docs,
    /// Something that later versions added, such as tests of stories.
    Other,
}

/// Why an index can't be read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// It is no JSON.
    #[error("the Storybook index is no JSON: {0}; build the Storybook anew")]
    Json(#[from] serde_json::Error),
    /// It has neither `entries` nor `stories`.
    #[error("the file lists no `entries`; it is no Storybook index (is it another index.json?)")]
    NoEntries,
}

/// Reads an index. Entries that lack an id, a title or a name are passed over.
///
/// # Errors
/// When the file is no JSON, or no index at all.
pub fn read(bytes: &[u8]) -> Result<StoryIndex, IndexError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let index: Json = serde_json::from_slice(bytes)?;
    let entries = index.get("entries").or_else(|| index.get("stories")).and_then(Json::as_object);
    let entries = entries.ok_or(IndexError::NoEntries)?;
    Ok(StoryIndex {
        version: index.get("v").and_then(Json::as_u64).unwrap_or_default(),
        entries: entries
            .iter()
            .filter_map(|(key, entry)| Some((key.clone(), read_entry(key, entry)?)))
            .collect(),
    })
}

fn read_entry(key: &str, entry: &Json) -> Option<IndexEntry> {
    let text = |name: &str| entry.get(name).and_then(Json::as_str).map(str::to_owned);
    let path =
        |name: &str| text(name).map(|path| path.strip_prefix("./").map_or(path.clone(), str::to_owned));
    let docs_only = entry.pointer("/parameters/docsOnly").and_then(Json::as_bool) == Some(true);
    let kind = match (text("type").as_deref(), text("subtype").as_deref()) {
        (None, _) if docs_only => EntryKind::Docs,
        (Some("story") | None, Some("story") | None) => EntryKind::Story,
        (Some("docs"), _) => EntryKind::Docs,
        _ => EntryKind::Other,
    };
    let tags = entry.get("tags").and_then(Json::as_array).into_iter().flatten();
    Some(IndexEntry {
        id: text("id").unwrap_or_else(|| key.to_owned()),
        title: text("title").or_else(|| text("kind"))?,
        name: text("name").or_else(|| text("story"))?,
        kind,
        import_path: path("importPath"),
        component_path: path("componentPath"),
        export_name: text("exportName"),
        tags: tags.filter_map(Json::as_str).map(str::to_owned).collect(),
    })
}

/// Lets an index have the last word on ids, titles, names and tags of scanned stories.
///
/// `root` is the folder of the Storybook's package, relative to the workspace. What only one side knows stays as it
/// is: a built index may be older than the code, and is said to be.
pub fn reconcile(stories: &mut [Story], index: &StoryIndex, root: &str) -> Vec<Diagnostic> {
    let in_workspace = |path: &str| if root.is_empty() { path.to_owned() } else { format!("{root}/{path}") };
    let mut by_place: HashMap<(String, &str), &IndexEntry> = HashMap::new();
    for entry in index.entries.values().filter(|entry| entry.kind == EntryKind::Story) {
        if let Some(path) = &entry.import_path {
            by_place.insert((in_workspace(path), entry.name.as_str()), entry);
        }
    }
    let mut unlisted: BTreeMap<String, usize> = BTreeMap::new();
    for story in stories.iter_mut() {
        let by_id = index.entries.get(&story.id);
        let by_place = || by_place.get(&(story.declared.file.clone(), story.name.as_str())).copied();
        match by_id.or_else(by_place) {
            Some(entry) => {
                story.id.clone_from(&entry.id);
                story.title.clone_from(&entry.title);
                story.name.clone_from(&entry.name);
                if !entry.tags.is_empty() {
                    story.tags.clone_from(&entry.tags);
                }
            }
            None => *unlisted.entry(story.declared.file.clone()).or_default() += 1,
        }
    }
    let outdated = unlisted.into_iter().map(|(file, count)| Diagnostic {
        file,
        place: None,
        severity: DiagnosticSeverity::Warning,
        code: "story-index-outdated".into(),
        message: format!("the Storybook index lists {count} of this file's stories not at all"),
        hint: Some("build the Storybook anew, or take its index out of the configuration".into()),
    });
    outdated.collect()
}
