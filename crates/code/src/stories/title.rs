//! Titles that Storybook infers from a file's path.

use super::options::StoriesEntry;

/// The title of a file that an entry matches: prefixed where the entry says so, inferred where none is written.
pub(super) fn title_of(file: &str, entry: &StoriesEntry, written: Option<&str>) -> String {
    if let Some(written) = written.filter(|written| !written.is_empty()) {
        return if entry.title_prefix.is_empty() {
            written.to_owned()
        } else {
            join([entry.title_prefix.as_str(), written])
        };
    }
    if entry.is_path && entry.directory == file {
        let name = file.rsplit('/').next().unwrap_or(file);
        return infer(&join([entry.title_prefix.as_str(), name]));
    }
    let suffix = match file.strip_prefix(entry.directory.as_str()) {
        Some(rest) if entry.directory.is_empty() || rest.starts_with('/') => rest,
        _ => file,
    };
    infer(&join([entry.title_prefix.as_str(), suffix]))
}

/// The title of a file when no Storybook is known: from the first `src` folder on, where titles start by Storybook's
/// own initial configuration.
pub(super) fn title_without_storybook(file: &str) -> String {
    let from_source = file.find("/src/").map(|index| &file[index + 5..]);
    infer(from_source.or_else(|| file.strip_prefix("src/")).unwrap_or(file))
}

fn infer(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let Some(last) = parts.pop() else { return String::new() };
    let stripped = strip_extension(last);
    let repeats = parts.last().is_some_and(|folder| folder.to_lowercase() == stripped.to_lowercase());
    if repeats {
        parts.pop();
    }
    let says_nothing =
        !repeats && !parts.is_empty() && (stripped.eq_ignore_ascii_case("index") || is_bare_story_name(last));
    if !says_nothing {
        parts.push(stripped);
    }
    parts.join("/")
}

/// Without its extension, and `.stories` or `.story` before it.
fn strip_extension(name: &str) -> &str {
    let Some((stem, _)) = name.rsplit_once('.') else { return name };
    match stem.rsplit_once('.') {
        Some((shorter, last))
            if last.eq_ignore_ascii_case("stories") || last.eq_ignore_ascii_case("story") =>
        {
            shorter
        }
        _ => stem,
    }
}

/// `stories.tsx` says no more than the folder it stands in.
fn is_bare_story_name(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(stem, _)| stem.eq_ignore_ascii_case("stories") || stem.eq_ignore_ascii_case("story"))
}

fn join<'a>(paths: impl IntoIterator<Item = &'a str>) -> String {
    paths
        .into_iter()
        .flat_map(|path| path.split('/'))
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_inferred_as_storybook_does() {
        let entry = |directory: &str, title_prefix: &str| StoriesEntry {
            directory: directory.into(),
            files: String::new(),
            title_prefix: title_prefix.into(),
            is_path: false,
        };
        for (file, directory, prefix, title) in [
            ("src/components/Button.stories.tsx", "src", "", "components/Button"),
            ("src/components/button/Button.stories.tsx", "src", "", "components/Button"),
            ("src/Button/index.stories.tsx", "src", "", "Button"),
            ("src/Button/stories.tsx", "src", "", "Button"),
            ("src/Button.tsx", "src", "", "Button"),
            ("src/Button.dark.stories.tsx", "src", "", "Button.dark"),
            ("src/Button.stories.tsx", "src", "Design System/Atoms", "Design System/Atoms/Button"),
            ("a/src2/x.stories.js", "a/src", "", "a/src2/x"),
            ("Button.stories.tsx", "", "", "Button"),
        ] {
            assert_eq!(title_of(file, &entry(directory, prefix), None), title, "{file}");
        }
        assert_eq!(title_of("x", &entry("", "Lib"), Some("Forms/Input")), "Lib/Forms/Input");
        assert_eq!(title_of("x", &entry("", ""), Some("Forms / Input")), "Forms / Input");
    }

    #[test]
    fn without_a_storybook_titles_start_at_the_source_folder() {
        for (file, title) in [
            ("packages/core/src/forms/input/Input.stories.tsx", "forms/Input"),
            ("src/Input.stories.tsx", "Input"),
            ("stories/Input.stories.tsx", "stories/Input"),
        ] {
            assert_eq!(title_without_storybook(file), title);
        }
    }
}
