//! `includeStories` and `excludeStories`.

use regex::{Regex, RegexBuilder};

use crate::literal::Value;

/// Which exports a meta's filter names.
#[derive(Debug)]
pub(super) enum Filter {
    Names(Vec<String>),
    Pattern(Regex),
}

impl Filter {
    /// Reads an array of names, a string that holds a pattern, or a regular expression's source text.
    pub(super) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Array(items) => {
                let names: Option<Vec<_>> =
                    items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
                names.map(Self::Names)
            }
            Value::Opaque(text) => {
                let (pattern, flags) = text.strip_prefix('/')?.rsplit_once('/')?;
                Self::pattern(pattern, flags.contains('i'))
            }
            value => Self::pattern(value.as_str()?, false),
        }
    }

    fn pattern(pattern: &str, ignore_case: bool) -> Option<Self> {
        // A pattern comes from the workspace: the size limit bounds what compiling it may cost.
        let regex = RegexBuilder::new(pattern).case_insensitive(ignore_case).size_limit(1 << 18).build();
        regex.ok().map(Self::Pattern)
    }

    pub(super) fn matches(&self, export: &str) -> bool {
        match self {
            Self::Names(names) => names.iter().any(|name| name == export),
            Self::Pattern(regex) => regex.is_match(export),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_match_as_in_storybook() {
        let opaque = |text: &str| Filter::of(&Value::Opaque(text.into()));
        for (filter, matched, other) in [
            (opaque("/^Data/").unwrap(), "DataSet", "MyData"),
            (opaque("/.*data$/i").unwrap(), "someDATA", "dataSome"),
            (Filter::of(&Value::Scalar("Data$".into())).unwrap(), "someData", "Database"),
            (Filter::of(&Value::Array(vec![Value::Scalar("a".into())])).unwrap(), "a", "ab"),
        ] {
            assert!(filter.matches(matched) && !filter.matches(other), "{filter:?}");
        }
        for unreadable in ["isData", "/(?=look)/", "/(/", "x => x"] {
            assert!(opaque(unreadable).is_none(), "{unreadable}");
        }
    }
}
