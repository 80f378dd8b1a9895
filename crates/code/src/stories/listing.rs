//! What a scan found, as Storybook's own `index.json` lists it.

use serde_json::{Map, Value as Json, json};

use crate::model::{CodeScan, DocsPage, Story, StoryTest};

/// The index of a package, `package` being its folder within the workspace.
pub fn index(scan: &CodeScan, package: &str) -> Json {
    let mut entries = Map::new();
    for page in &scan.docs {
        entries.insert(page.id.clone(), page_entry(page, package));
    }
    for story in &scan.stories {
        entries.insert(story.id.clone(), story_entry(story, package));
        for test in &story.tests {
            entries.insert(test.id.clone(), test_entry(story, test, package));
        }
    }
    json!({ "v": 5, "entries": entries })
}

fn story_entry(story: &Story, package: &str) -> Json {
    json!({
        "type": "story",
        "subtype": "story",
        "id": story.id,
        "name": story.name,
        "title": story.title,
        "importPath": import_path(&story.declared.file, package),
        "tags": story.tags,
        "exportName": story.export_name,
    })
}

fn test_entry(story: &Story, test: &StoryTest, package: &str) -> Json {
    let mut entry = story_entry(story, package);
    entry["subtype"] = "test".into();
    entry["id"] = test.id.as_str().into();
    entry["name"] = test.name.as_str().into();
    entry["tags"] = json!(test.tags);
    entry["parent"] = story.id.as_str().into();
    entry["parentName"] = story.name.as_str().into();
    entry
}

fn page_entry(page: &DocsPage, package: &str) -> Json {
    let stories = page.stories.iter().map(|file| import_path(file, package));
    json!({
        "type": "docs",
        "id": page.id,
        "name": page.name,
        "title": page.title,
        "importPath": import_path(&page.file, package),
        "tags": page.tags,
        "storiesImports": stories.collect::<Vec<_>>(),
    })
}

/// A file as seen from the package: `./src/Button.stories.tsx`, `../other/Card.stories.tsx`.
fn import_path(file: &str, package: &str) -> String {
    let from: Vec<&str> = package.split('/').filter(|part| !part.is_empty()).collect();
    let to: Vec<&str> = file.split('/').collect();
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = vec![".."; from.len() - shared];
    let start = if up.is_empty() { vec!["."] } else { up };
    start.into_iter().chain(to[shared..].iter().copied()).collect::<Vec<_>>().join("/")
}
