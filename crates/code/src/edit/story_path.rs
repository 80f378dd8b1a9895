//! Where a new story file goes, and how it imports its component, as a model of the same project has it.

use super::StoryModel;
use crate::model::ScannedComponent;

/// The path of a component's new story file: it stands to the component as the model stands to its own.
pub(super) fn story_path(model: &StoryModel, component: &ScannedComponent) -> String {
    let (model_folder, model_name) = split(&model.file);
    let (folder, name) = split(&component.declared.file);
    let (their_folder, their_name) = model.component_file.as_deref().map(split).unwrap_or((model_folder, ""));
    let place = match below(model_folder, their_folder) {
        Some("") => folder.to_owned(),
        Some(inner) => join(folder, inner),
        // All stories stand in a folder of their own.
        None => model_folder.to_owned(),
    };
    let (stem, their_stem) = (stem(name), stem(their_name));
    let behind = &model_name[model_name.find('.').unwrap_or(model_name.len())..];
    let own = match model_name.strip_suffix(behind) {
        // Named as the file of its component is, which is no name where that is `index`.
        Some(named) if named == their_stem && named != "index" && stem != "index" => stem,
        _ => component.name.as_str(),
    };
    join(&place, &format!("{own}{behind}"))
}

/// How a file imports another one: relatively, with an extension where the model's import of its own component has one.
pub(super) fn import_of(file: &str, from: &str, model: &str) -> String {
    let (folder, name) = split(file);
    let extension = [".tsx", ".ts", ".jsx", ".js"].into_iter().find(|end| model.ends_with(end));
    relative(&join(folder, &format!("{}{}", stem(name), extension.unwrap_or_default())), from)
}

/// A relative import of one file, as another file imports the same.
pub(super) fn rebased(import: &str, of: &str, from: &str) -> Option<String> {
    let mut path: Vec<&str> = split(of).0.split('/').filter(|part| !part.is_empty()).collect();
    for part in import.split('/') {
        match part {
            "." => {}
            ".." => _ = path.pop()?,
            part => path.push(part),
        }
    }
    Some(relative(&path.join("/"), from))
}

/// A path as a file names it relatively.
fn relative(path: &str, from: &str) -> String {
    let mut down: Vec<&str> = path.split('/').collect();
    let mut up: Vec<&str> = split(from).0.split('/').filter(|part| !part.is_empty()).collect();
    while down.len() > 1 && !up.is_empty() && up.first() == down.first() {
        up.remove(0);
        down.remove(0);
    }
    let start = if up.is_empty() { "./".to_owned() } else { "../".repeat(up.len()) };
    format!("{start}{}", down.join("/"))
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// What of a folder lies below another one.
fn below<'p>(folder: &'p str, above: &str) -> Option<&'p str> {
    let rest = folder.strip_prefix(above)?;
    if above.is_empty() {
        Some(rest)
    } else if rest.is_empty() {
        Some("")
    } else {
        rest.strip_prefix('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(file: &str, component: &str) -> StoryModel {
        StoryModel { file: file.into(), component_file: Some(component.into()) }
    }

    fn component(file: &str) -> ScannedComponent {
        let json = serde_json::json!({
            "name": "Spinner", "package": null, "statement": { "contract": { "properties": {} } }, "origins": {},
            "declared": { "file": file, "start": 0, "end": 0, "line": 1 },
            "props_type": null, "description": null, "deprecated": null,
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_new_file_stands_as_the_model_does() {
        for (model_file, its_component, own, expected) in [
            (
                "ui/Button/Button.stories.tsx",
                "ui/Button/Button.tsx",
                "ui/Spin/Spin.tsx",
                "ui/Spin/Spin.stories.tsx",
            ),
            ("ui/button.stories.ts", "ui/button.tsx", "ui/spin.tsx", "ui/spin.stories.ts"),
            ("Button.stories.tsx", "Button.tsx", "a/spin.tsx", "a/spin.stories.tsx"),
            (
                "ui/Button/__stories__/Button.stories.tsx",
                "ui/Button/Button.tsx",
                "ui/Spin/Spin.tsx",
                "ui/Spin/__stories__/Spin.stories.tsx",
            ),
            (
                "stories/Button.stories.js",
                "ui/Button/Button.tsx",
                "ui/Spin/Spin.tsx",
                "stories/Spin.stories.js",
            ),
            (
                "ui/Button/index.stories.tsx",
                "ui/Button/index.tsx",
                "ui/Spin/index.tsx",
                "ui/Spin/Spinner.stories.tsx",
            ),
            (
                "ui/Button/Button.stories.tsx",
                "ui/Button/Button.tsx",
                "ui/Spin/index.tsx",
                "ui/Spin/Spinner.stories.tsx",
            ),
            (
                "ui/Button/Button.stories.tsx",
                "ui/Button/index.tsx",
                "ui/Spin/index.tsx",
                "ui/Spin/Spinner.stories.tsx",
            ),
        ] {
            let found = story_path(&model(model_file, its_component), &component(own));
            assert_eq!(found, expected, "{model_file}, {own}");
        }
    }

    #[test]
    fn imports_are_relative() {
        for (file, from, model, expected) in [
            ("ui/Spin/Spin.tsx", "ui/Spin/Spin.stories.tsx", "./Button", "./Spin"),
            ("ui/Spin/Spin.tsx", "ui/Spin/Spin.stories.tsx", "./Button.js", "./Spin.js"),
            ("ui/Spin/Spin.tsx", "ui/Spin/__stories__/Spin.stories.tsx", "../Button", "../Spin"),
            ("ui/Spin/Spin.tsx", "stories/Spin.stories.tsx", "@acme/ui", "../ui/Spin/Spin"),
            ("Spin.tsx", "Spin.stories.tsx", "./Button.tsx", "./Spin.tsx"),
        ] {
            assert_eq!(import_of(file, from, model), expected, "{file} from {from}");
        }
    }

    #[test]
    fn what_a_model_imports_relatively_is_found_from_elsewhere() {
        for (import, of, from, expected) in [
            (
                "../.storybook/preview",
                "src/Badge.stories.ts",
                "src/ui/Spin.stories.ts",
                Some("../../.storybook/preview"),
            ),
            ("./fixtures", "src/Badge.stories.ts", "src/ui/Spin.stories.ts", Some("../fixtures")),
            ("./fixtures", "src/Badge.stories.ts", "src/Spin.stories.ts", Some("./fixtures")),
            ("../../outside", "src/Badge.stories.ts", "src/Spin.stories.ts", None),
        ] {
            assert_eq!(rebased(import, of, from).as_deref(), expected, "{import}");
        }
    }
}
