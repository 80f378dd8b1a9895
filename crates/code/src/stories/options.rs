//! Which files a Storybook shows, and under which titles: the `stories` of its main file.

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};

use super::version::Version;

/// What the Storybooks of a workspace say about stories.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryOptions {
    /// One per `.storybook` folder.
    pub storybooks: Vec<Storybook>,
    /// The version of Storybook, where package.json or what is installed tells.
    pub version: Option<Version>,
}

impl StoryOptions {
    /// The files that an entry of a Storybook matches.
    pub fn shown<'f>(&self, files: &'f [String]) -> Vec<&'f str> {
        let matcher = Matcher::of(self);
        files.iter().map(String::as_str).filter(|file| matcher.shows(file)).collect()
    }

    /// Whether Storybook is known to be older than a major version.
    pub(super) fn is_before(&self, major: u64) -> bool {
        self.version.is_some_and(|version| version.major < major)
    }

    /// The tags that every entry of a Storybook has.
    pub(super) fn tags_of(&self, storybook: Option<&Storybook>) -> Vec<String> {
        let mut tags: Vec<String> = vec!["dev".to_owned(), "test".to_owned()];
        if self.version.is_some_and(Version::tags_manifests) {
            tags.push("manifest".to_owned());
        }
        let Some(storybook) = storybook else { return tags };
        if self.is_before(9) && storybook.autodocs == Some(true) {
            tags.push("autodocs".to_owned());
        }
        super::resolve::combine_tags(tags.iter().chain(&storybook.tags))
    }
}

/// What one `.storybook` folder says about stories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storybook {
    /// The `stories` entries of its main file.
    pub entries: Vec<StoriesEntry>,
    /// Whether every entry could be read. If not, a file that none matches may still be shown.
    pub complete: bool,
    /// The `tags` of its preview, which every story has.
    pub tags: Vec<String>,
    /// Whether it has an addon that shows pages of documentation, as far as that is known.
    pub has_docs: bool,
    /// `docs.defaultName` of its main file.
    pub docs_name: Option<String>,
    /// `docs.autodocs` of its main file, which versions before 9 obey.
    pub autodocs: Option<bool>,
}

impl Default for Storybook {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            complete: false,
            tags: Vec::new(),
            has_docs: true,
            docs_name: None,
            autodocs: None,
        }
    }
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
    /// Whether the entry is a plain path: of one file, or of a folder with all its stories.
    pub is_path: bool,
}

/// What an object entry without `files` matches.
pub(super) const DEFAULT_FILES: &str = "**/*.@(mdx|stories.@(js|jsx|mjs|ts|tsx))";

/// An entry and the Storybook that it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown<'o> {
    pub(super) entry: &'o StoriesEntry,
    pub(super) storybook: &'o Storybook,
}

/// [`StoryOptions`] with their globs compiled.
pub(super) struct Matcher<'o> {
    /// In the order in which Storybook shows what they match.
    pub(super) entries: Vec<(GlobMatcher, Shown<'o>)>,
    complete: bool,
}

impl<'o> Matcher<'o> {
    pub(super) fn of(options: &'o StoryOptions) -> Self {
        let mut complete = !options.storybooks.is_empty();
        let mut entries = Vec::new();
        for storybook in &options.storybooks {
            complete &= storybook.complete;
            for entry in &storybook.entries {
                match compiled(entry) {
                    Some(glob) => entries.push((glob, Shown { entry, storybook })),
                    None => complete = false,
                }
            }
        }
        Self { entries, complete }
    }

    /// Whether any entry matches a file.
    pub(super) fn shows(&self, file: &str) -> bool {
        self.entries.iter().any(|(glob, shown)| shown.matches(glob, file))
    }

    /// Whether a file that no entry matches is certainly not shown.
    pub(super) fn is_complete(&self) -> bool {
        self.complete
    }
}

impl Shown<'_> {
    pub(super) fn matches(&self, glob: &GlobMatcher, file: &str) -> bool {
        (self.entry.is_path && self.entry.directory == file) || glob.is_match(file)
    }
}

/// The glob of an entry, where it can be understood.
pub(super) fn compiled(entry: &StoriesEntry) -> Option<GlobMatcher> {
    let glob = GlobBuilder::new(&glob_of(entry)?).literal_separator(true).build();
    glob.ok().map(|glob| glob.compile_matcher())
}

/// The entry as one glob in this crate's syntax: Storybook's `@(a|b)` is `{a,b}`.
/// Nothing for what has no like here: `!(a)`, which matches anything else.
fn glob_of(entry: &StoriesEntry) -> Option<String> {
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
    if entry.files.contains("!(") || entry.files.starts_with('!') {
        return None;
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
    Some(glob)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(directory: &str, files: &str, file: &str) -> bool {
        let entry = StoriesEntry {
            directory: directory.into(),
            files: files.into(),
            title_prefix: String::new(),
            is_path: false,
        };
        let storybook = Storybook { entries: vec![entry], complete: true, ..Storybook::default() };
        let options = StoryOptions { storybooks: vec![storybook], version: None };
        Matcher::of(&options).shows(file)
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
