//! Edits of a design file as a person's tool makes them: a few bytes of it, everything else as it was.

use std::ops::Range;

use lockstep_testkit::workspace::Workspace;

pub const DESIGN: &str = "design/acme.figma.json";

/// A design file's text that is being edited.
pub struct DesignText(String);

impl DesignText {
    pub fn of(workspace: &Workspace) -> Self {
        Self(workspace.read(DESIGN))
    }

    pub fn save(self, workspace: &Workspace) {
        serde_json::from_str::<serde_json::Value>(&self.0).expect("an edit by hand leaves JSON");
        workspace.write(DESIGN, self.0);
    }

    /// The braces of a node.
    pub fn node(&self, id: &str) -> Option<Range<usize>> {
        let at = self.0.find(&format!("\"id\": \"{id}\""))?;
        self.object(self.0[..at].rfind('{')?)
    }

    /// The braces of a member of the file's last lists: `components` and `componentSets`.
    pub fn entry(&self, id: &str) -> Option<Range<usize>> {
        let lists = self.0.find("\n  \"components\"")?;
        self.member(lists..self.0.len(), id)
    }

    /// The braces of an object that is a member.
    pub fn member(&self, within: Range<usize>, key: &str) -> Option<Range<usize>> {
        let at = self.0[within.clone()].find(&format!("\"{key}\": {{"))? + within.start;
        self.object(at + key.len() + 4)
    }

    pub fn text(&self, within: Range<usize>) -> &str {
        &self.0[within]
    }

    /// Replaces the first of a text within a span; says whether it stands there.
    pub fn replace(&mut self, within: Range<usize>, from: &str, to: &str) -> bool {
        let Some(at) = self.0[within.clone()].find(from).map(|at| at + within.start) else { return false };
        self.0.replace_range(at..at + from.len(), to);
        true
    }

    pub fn insert(&mut self, at: usize, text: &str) {
        self.0.insert_str(at, text);
    }

    /// The first string or number that a key has within a span, as it is written.
    pub fn value(&self, within: Range<usize>, key: &str) -> Option<Range<usize>> {
        let mark = format!("\"{key}\": ");
        let at = self.0[within.clone()].find(&mark)? + within.start + mark.len();
        let rest = &self.0[at..];
        let end = match rest.strip_prefix('"') {
            Some(text) => text.find('"')? + 2,
            None => rest.find([',', '\n'])?,
        };
        Some(at..at + end)
    }

    pub fn set(&mut self, value: Range<usize>, json: &str) {
        self.0.replace_range(value, json);
    }

    fn object(&self, open: usize) -> Option<Range<usize>> {
        let (mut depth, mut quoted, mut escaped) = (0, false, false);
        for (at, byte) in self.0.bytes().enumerate().skip(open) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = quoted,
                b'"' => quoted = !quoted,
                b'{' if !quoted => depth += 1,
                b'}' if !quoted => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(open..at + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}
