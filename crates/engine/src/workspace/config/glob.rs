//! Patterns over names.

use globset::{Glob, GlobMatcher};

/// A glob over names such as `Button` or `properties/*`; `*` matches `/` too.
#[derive(Debug, Clone)]
pub struct NameGlob {
    text: String,
    matcher: GlobMatcher,
}

impl NameGlob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// With the reason, when it is no glob.
    pub fn new(text: &str) -> Result<Self, globset::Error> {
        Ok(Self { text: text.to_owned(), matcher: Glob::new(text)?.compile_matcher() })
    }

    /// Whether a name matches. A name that is spelt as the pattern always does.
    pub fn matches(&self, name: &str) -> bool {
        self.text == name || self.matcher.is_match(name)
    }

    /// The pattern as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it stands for more than its own spelling.
    pub fn is_pattern(text: &str) -> bool {
        text.contains(['*', '?', '[', '{'])
    }
}
