//! Which files a Storybook shows, and under which titles: the `stories` of its main file.

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};

/// What the Storybooks of a workspace say about stories.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryOptions {
    /// One per `.storybook` folder.
    pub storybooks: Vec<Storybook>,
}

/// What one `.storybook` folder says about stories.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storybook {
    /// The `stories` entries of its main file.
    pub entries: Vec<StoriesEntry>,
    /// Whether every entry could be read. If not, a file that none matches may still be shown.
    pub complete: bool,
    /// The `tags` of its preview, which every story has.
    pub tags: Vec<String>,
}

/// One entry of `stories`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoriesEntry {
    /// The folder that titles start from, relative to the workspace; empty for the workspace itself.
    pub directory: String,
    /// The glob of the files in it.
    pub files: String,
    /// What titles are prefixed by.
    pub title_prefix: String,
}

/// What an object entry without `files` matches.
pub(super) const DEFAULT_FILES: &str = "**/*.@(mdx|stories.@(js|jsx|mjs|ts|tsx))";

/// A file's place in its Storybook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown<'o> {
    pub(super) entry: &'o StoriesEntry,
    pub(super) tags: &'o [String],
}

/// [`StoryOptions`] with their globs compiled.
pub(super) struct Matcher<'o> {
    entries: Vec<(GlobMatcher, Shown<'o>)>,
    complete: bool,
}

impl<'o> Matcher<'o> {
    pub(super) fn of(options: &'o StoryOptions) -> Self {
        let mut complete = !options.storybooks.is_empty();
        let mut entries = Vec::new();
        for storybook in &options.storybooks {
            complete &= storybook.complete;
            for entry in &storybook.entries {
                match GlobBuilder::new(&glob_of(entry)).literal_separator(true).build() {
                    Ok(glob) => {
                        entries.push((glob.compile_matcher(), Shown { entry, tags: &storybook.tags }));
                    }
                    Err(_) => complete = false,
                }
            }
        }
        Self { entries, complete }
    }

    /// The first entry that matches a file, as Storybook takes it.
    pub(super) fn shown(&self, file: &str) -> Option<&Shown<'o>> {
        self.entries.iter().find(|(glob, _)| glob.is_match(file)).map(|(_, shown)| shown)
    }

    /// Whether a file that no entry matches is certainly not shown.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }
}

/// The entry as one glob in this crate's syntax: Storybook's `@(a|b)` is `{a,b}`.
fn glob_of(entry: &StoriesEntry) -> String {
    let mut glob = String::new();
    for c in entry.directory.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\') {
            glob.push('\\');
        }
        glob.push(c);
    }
    if !glob.is_empty() {
        glob.push('/');
    }
    let mut groups = 0;
    let mut chars = entry.files.trim_start_matches("./").chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '@' | '?' | '+' | '*' if chars.peek() == Some(&'(') => {
                chars.next();
                groups += 1;
                // `?(x)` may be absent; `+` and `*` are taken as one, which is how they are written in practice.
                glob.push_str(if matches!(c, '?' | '*') { "{," } else { "{" });
            }
            '(' => {
                groups += 1;
                glob.push('{');
            }
            '|' if groups > 0 => glob.push(','),
            ')' if groups > 0 => {
                groups -= 1;
                glob.push('}');
            }
            c => glob.push(c),
        }
    }
    glob
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(directory: &str, files: &str, file: &str) -> bool {
        let entry =
            StoriesEntry { directory: directory.into(), files: files.into(), title_prefix: String::new() };
        let options = StoryOptions {
            storybooks: vec![Storybook { entries: vec![entry], complete: true, tags: Vec::new() }],
        };
        Matcher::of(&options).shown(file).is_some()
    }

    #[test]
    fn entries_match_as_in_storybook() {
        for (directory, files, file, expected) in [
            ("src", "**/*.stories.@(js|jsx|mjs|ts|tsx)", "src/a/B.stories.tsx", true),
            ("src", "**/*.stories.@(js|jsx|mjs|ts|tsx)", "src/B.stories.tsx", true),
            ("src", "**/*.stories.@(js|jsx)", "src/B.stories.tsx", false),
            ("src", "**/*.stories.@(js|jsx)", "lib/B.stories.js", false),
            ("src", "*.stories.tsx", "src/a/B.stories.tsx", false),
            ("src", DEFAULT_FILES, "src/a/B.stories.tsx", true),
            ("src", DEFAULT_FILES, "src/a/B.mdx", true),
            ("src", DEFAULT_FILES, "src/a/B.tsx", false),
            ("", "**/*.story.{ts,tsx}", "a/b.story.ts", true),
            ("", "**/*.(stories|story).tsx", "a/b.story.tsx", true),
            ("a[1]", "*.tsx", "a[1]/b.tsx", true),
            ("src", "B.stories.tsx", "src/B.stories.tsx", true),
        ] {
            assert_eq!(matches(directory, files, file), expected, "{directory} {files} {file}");
        }
    }
}
