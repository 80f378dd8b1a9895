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
        let by_place = || by_place.get(&(story.declared.file.to_string(), story.name.as_str())).copied();
        match by_id.or_else(by_place) {
            Some(entry) => {
                story.id.clone_from(&entry.id);
                story.title.clone_from(&entry.title);
                story.name.clone_from(&entry.name);
                if !entry.tags.is_empty() {
                    story.tags.clone_from(&entry.tags);
                }
            }
            None => *unlisted.entry(story.declared.file.to_string()).or_default() += 1,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::Place,
        stories::{sanitize, to_id},
    };

    const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/storybook");

    /// A real index: how many stories and docs it lists, and how many of its stories have a display name of their own.
    fn check(file: &str, stories: usize, docs: usize, renamed: usize) {
        let path = format!("{DATA}/{file}");
        let Ok(bytes) = std::fs::read(&path) else {
            eprintln!("SKIPPED: there is no {path}");
            return;
        };
        let index = read(&bytes).unwrap();
        let count = |kind| index.entries.values().filter(|entry| entry.kind == kind).count();
        assert_eq!(
            (index.version, count(EntryKind::Story), count(EntryKind::Docs), count(EntryKind::Other)),
            (5, stories, docs, 0),
            "{file}"
        );
        let mut other_names = 0;
        for (key, entry) in &index.entries {
            assert_eq!(*key, entry.id);
            let title = sanitize(&entry.title);
            assert!(entry.id.starts_with(&format!("{title}--")), "{} under {}", entry.id, entry.title);
            let name = entry.id.strip_prefix(&format!("{title}--")).unwrap();
            assert_eq!(sanitize(name), name, "ids are sanitised: {}", entry.id);
            if to_id(&entry.title, &entry.name).unwrap() != entry.id {
                other_names += 1;
            }
            let path = entry.import_path.as_deref().unwrap();
            assert!(!path.starts_with('.') && path.contains('/'), "{path}");
            assert!(entry.tags.contains(&"dev".to_owned()) && entry.tags.contains(&"test".to_owned()));
        }
        assert_eq!(other_names, renamed, "{file}");
    }

    #[test]
    fn real_indexes() {
        check("1money-older.index.json", 92, 0, 11);
        check("1money-newer.index.json", 130, 0, 1);
        check("auro-formkit.index.json", 218, 20, 0);
    }

    #[test]
    fn other_versions_are_read_leniently() {
        let index = |text: &str| read(text.as_bytes()).unwrap();
        let old = index(
            r#"{"v": 3, "stories": {
                "a--b": {"id": "a--b", "kind": "A", "story": "B", "importPath": "./a.stories.js"},
                "a--page": {"id": "a--page", "title": "A", "name": "Page", "parameters": {"docsOnly": true}},
                "broken": {"id": "broken"}
            }}"#,
        );
        assert_eq!(old.entries.len(), 2);
        assert_eq!(
            (old.entries["a--b"].kind, old.entries["a--page"].kind),
            (EntryKind::Story, EntryKind::Docs)
        );
        assert_eq!(old.entries["a--b"].import_path.as_deref(), Some("a.stories.js"));
        let later = index(
            "\u{FEFF}{\"v\": 9, \"entries\": {\"a--b:t\": {\"type\": \"story\", \"subtype\": \"test\", \"title\": \"A\", \"name\": \"t\", \"new\": [1]},
              \"a--b\": {\"type\": \"story\", \"subtype\": \"story\", \"title\": \"A\", \"name\": \"B\", \"exportName\": \"B\"}}}",
        );
        assert_eq!(later.entries["a--b:t"].kind, EntryKind::Other);
        assert_eq!(later.entries["a--b"].export_name.as_deref(), Some("B"));
        assert_eq!(later.entries["a--b"].id, "a--b");
    }

    #[test]
    fn what_is_no_index_is_said() {
        for (text, said) in [
            (
                "{",
                "the Storybook index is no JSON: EOF while parsing an object at line 1 column 1; build the Storybook anew",
            ),
            ("{}", "the file lists no `entries`; it is no Storybook index (is it another index.json?)"),
            ("[1]", "the file lists no `entries`; it is no Storybook index (is it another index.json?)"),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap_err().to_string(), said);
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(read(deep.as_bytes()), Err(IndexError::Json(_))));
    }

    #[test]
    fn the_index_has_the_last_word_by_id_and_by_place() {
        let story = |file: &str, id: &str, name: &str| Story {
            id: id.into(),
            title: "Guessed".into(),
            name: name.into(),
            export_name: name.into(),
            declared: Place { file: file.into(), start: 0, end: 1, line: 1 },
            component: None,
            component_file: None,
            args: BTreeMap::new(),
            tags: vec!["dev".into()],
            has_play: false,
            open_args: Vec::new(),
            tests: Vec::new(),
            design_url: None,
        };
        let index = read(
            br#"{"v": 5, "entries": {
                "ui-a--one": {"type": "story", "title": "UI/A", "name": "One", "importPath": "./src/a.stories.tsx", "tags": ["x"]},
                "ui-a--two": {"type": "story", "title": "UI/A", "name": "Zwei", "importPath": "./src/a.stories.tsx", "tags": []}
            }}"#,
        )
        .unwrap();
        let file = "web/src/a.stories.tsx";
        let mut stories = [
            story(file, "guessed--one", "One"),
            story(file, "ui-a--two", "Two"),
            story(file, "guessed--three", "Three"),
            story("web/src/b.stories.tsx", "guessed--one", "One"),
        ];
        let diagnostics = reconcile(&mut stories, &index, "web");
        let told = stories
            .map(|story| format!("{} {} {} {}", story.id, story.title, story.name, story.tags.join(",")));
        assert_eq!(
            told,
            [
                "ui-a--one UI/A One x",
                "ui-a--two UI/A Zwei dev",
                "guessed--three Guessed Three dev",
                "guessed--one Guessed One dev"
            ]
        );
        let outdated: Vec<&str> = diagnostics.iter().map(|diagnostic| diagnostic.file.as_str()).collect();
        assert_eq!(outdated, [file, "web/src/b.stories.tsx"]);
    }
}
