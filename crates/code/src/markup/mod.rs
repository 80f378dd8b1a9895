//! Files that hold markup around their scripts: Vue's and Svelte's components.
//!
//! A script is parsed where it stands: everything around it is blanked out, line ends excepted, so that every place
//! that a parser tells is a place of the file.

mod blocks;
mod tags;

pub(crate) use blocks::Block;
pub(crate) use tags::Tag;
use tags::start_tags;

use std::ops::Range;

use oxc_span::SourceType;

/// The kinds of files with markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkupKind {
    Vue,
    Svelte,
}

impl MarkupKind {
    /// The kind of a file, by its name.
    pub fn of(path: &str) -> Option<Self> {
        match path.rsplit_once('.')?.1 {
            "vue" => Some(Self::Vue),
            "svelte" => Some(Self::Svelte),
            _ => None,
        }
    }
}

/// A file with its scripts found.
#[derive(Debug)]
pub(crate) struct Document<'t> {
    pub kind: MarkupKind,
    pub text: &'t str,
    /// The script that stands for the module: `<script>` of Vue, `<script module>` of Svelte.
    pub module: Option<Block<'t>>,
    /// The script of each instance: `<script setup>` of Vue, `<script>` of Svelte.
    pub instance: Option<Block<'t>>,
    /// Where markup stands: the template of Vue, everything outside scripts and styles of Svelte.
    pub markup: Vec<Range<usize>>,
}

impl<'t> Document<'t> {
    /// Finds the scripts of a file, if it is of a kind that has markup.
    pub fn of(path: &str, text: &'t str) -> Option<Self> {
        let kind = MarkupKind::of(path)?;
        let blocks = blocks::top_level(kind, text);
        let mut document = Self { kind, text, module: None, instance: None, markup: Vec::new() };
        let mut outside = 0;
        for block in blocks {
            match (kind, &*block.tag.name.to_ascii_lowercase()) {
                (_, "script") => {
                    let is_instance = match kind {
                        MarkupKind::Vue => block.tag.has("setup"),
                        MarkupKind::Svelte => {
                            !block.tag.has("module") && block.tag.value("context") != Some("module")
                        }
                    };
                    if kind == MarkupKind::Svelte {
                        document.markup.push(outside..block.tag.start);
                        outside = block.end;
                    }
                    let place = if is_instance { &mut document.instance } else { &mut document.module };
                    place.get_or_insert(block);
                }
                (MarkupKind::Svelte, _) => {
                    document.markup.push(outside..block.tag.start);
                    outside = block.end;
                }
                (MarkupKind::Vue, "template") => document.markup.push(block.content),
                (MarkupKind::Vue, _) => {}
            }
        }
        if kind == MarkupKind::Svelte {
            document.markup.push(outside..text.len());
        }
        document.markup.retain(|range| !range.is_empty());
        Some(document)
    }

    fn scripts(&self) -> impl Iterator<Item = &Block<'t>> {
        self.module.iter().chain(&self.instance)
    }

    /// The language that the scripts are written in. What is not said to be TypeScript may hold JSX.
    pub fn source_type(&self) -> SourceType {
        let languages = self.scripts().filter_map(|script| script.tag.value("lang"));
        match languages.last().unwrap_or("js") {
            "ts" | "typescript" => SourceType::ts(),
            "tsx" => SourceType::tsx(),
            _ => SourceType::jsx(),
        }
    }

    /// The scripts alone, each where it stands in the file.
    pub fn script_text(&self) -> String {
        let mut bytes: Vec<u8> =
            self.text.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { byte } else { b' ' }).collect();
        for script in self.scripts() {
            let content = script.content.clone();
            if let (Some(to), Some(from)) =
                (bytes.get_mut(content.clone()), self.text.as_bytes().get(content))
            {
                to.copy_from_slice(from);
            }
        }
        String::from_utf8(bytes).unwrap_or_default()
    }

    /// The elements in the markup, each by its start tag.
    pub fn elements(&self) -> impl Iterator<Item = Tag<'t>> + '_ {
        self.markup.iter().flat_map(|range| start_tags(self.kind, self.text, range.clone()))
    }

    /// Where a text first stands in the markup.
    pub fn text_in_markup(&self, wanted: &str) -> Option<Range<usize>> {
        self.markup.iter().find_map(|range| {
            let at = range.start + self.text.get(range.clone())?.find(wanted)?;
            Some(at..at + wanted.len())
        })
    }

    /// Where the markup speaks of a name: the word alone.
    pub fn mention(&self, name: &str) -> Option<Range<usize>> {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        self.markup.iter().find_map(|range| {
            let text = self.text.get(range.clone())?;
            let mut found = text.match_indices(name);
            found.find_map(|(at, _)| {
                let before = text[..at].chars().next_back();
                let after = text[at + name.len()..].chars().next();
                let alone = !before.is_some_and(is_part) && !after.is_some_and(is_part);
                alone.then_some(range.start + at..range.start + at + name.len())
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scripts(path: &str, text: &str) -> Vec<String> {
        let document = Document::of(path, text).unwrap();
        let content = |block: &Block<'_>| text[block.content.clone()].trim().to_owned();
        [document.module.as_ref().map(content), document.instance.as_ref().map(content)]
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect()
    }

    #[test]
    fn scripts_are_told_from_what_only_looks_like_one() {
        for (path, text, expected) in [
            ("A.vue", "<script setup lang=\"ts\">a</script>", ["", "a"]),
            ("A.vue", "<script>m</script>\n<script setup>i</script>", ["m", "i"]),
            ("A.vue", "<!-- <script>no</script> -->\r\n<script>m</script>", ["m", ""]),
            (
                "A.vue",
                "<template><template #a><script>no</script></template></template><script>m</script>",
                ["m", ""],
            ),
            ("A.vue", "<template lang=\"pug\">\np <script>no\n</template><script>m</script>", ["m", ""]),
            ("A.vue", "<docs><script>no</docs><script title='>' setup>i</script>", ["", "i"]),
            ("A.vue", "\u{feff}<script setup>i</script >", ["", "i"]),
            ("A.vue", "<template src=\"./a.html\" /><script>m</script>", ["m", ""]),
            ("A.svelte", "<script module>m</script><script>i</script>", ["m", "i"]),
            ("A.svelte", "<script context=\"module\">m</script>", ["m", ""]),
            (
                "A.svelte",
                "<svelte:head><script>no</script></svelte:head><script lang='ts'>i</script>",
                ["", "i"],
            ),
            (
                "A.svelte",
                "<b onclick={() => a > '<script>'}>{x < 1 ? '<script>no</script>' : ''}</b><script>i</script>",
                ["", "i"],
            ),
            ("A.svelte", "<!-- <script>no</script> --><script>i</script>", ["", "i"]),
            ("A.vue", "<script>never closed", ["", ""]),
            ("A.svelte", "", ["", ""]),
        ] {
            assert_eq!(scripts(path, text), expected, "{text}");
        }
    }

    #[test]
    fn everything_around_the_scripts_is_blank_and_everything_stays_where_it_is() {
        let text = "<p>é</p>\r\n<script lang=\"ts\">let é = 1</script>\n<style>b {}</style>";
        let document = Document::of("A.svelte", text).unwrap();
        let script = document.script_text();
        assert_eq!(script.len(), text.len());
        assert_eq!(script.find("let é = 1"), text.find("let é = 1"));
        assert_eq!(script.trim(), "let é = 1");
        assert_eq!(script.matches("\r\n").count(), 1);
        assert_eq!(document.source_type(), SourceType::ts());
    }

    #[test]
    fn a_name_is_mentioned_in_markup_only_as_a_word() {
        let text = "<script setup>size</script><template><b :class=\"[sizes, size]\"/></template>";
        let document = Document::of("A.vue", text).unwrap();
        let at = document.mention("size").unwrap();
        assert_eq!(&text[at.start - 2..at.end + 1], ", size]");
        assert_eq!(document.mention("script"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_or_move(
            text in r#"(<script( setup| module| lang="ts")?>|</script>|<template>|</template>|<!--|-->|<slot name="|['"`{}<>/=é\r\n ]|a){0,60}"#
        ) {
            for path in ["A.vue", "A.svelte"] {
                let document = Document::of(path, &text).unwrap();
                prop_assert_eq!(document.script_text().len(), text.len());
                document.elements().for_each(drop);
                document.mention("a");
            }
        }
    }
}
