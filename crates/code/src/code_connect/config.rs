//! `figma.config.json`: which files are Code Connect files, and what is replaced in their addresses.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// What `codeConnect` of a `figma.config.json` says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeConnectConfig {
    /// Globs of the files that are read; empty for the usual ones.
    pub include: Vec<String>,
    /// Globs of files that are not.
    pub exclude: Vec<String>,
    /// What is replaced in addresses, by what; longest first.
    pub substitutions: Vec<(String, String)>,
}

/// Why a `figma.config.json` can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is no JSON, comments and trailing commas aside.
    #[error("figma.config.json is no JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// A glob of it is none.
    #[error("figma.config.json has a malformed glob: {0}")]
    Glob(#[from] globset::Error),
    /// A setting is of another type.
    #[error("`codeConnect.{setting}` of figma.config.json must be {expected}")]
    Type {
        /// The setting's name.
        setting: &'static str,
        /// What it must be.
        expected: &'static str,
    },
}

/// Reads a `figma.config.json`; comments and trailing commas are tolerated.
///
/// # Errors
/// When it is no JSON, or a setting is of the wrong type.
pub fn read_config(text: &str) -> Result<CodeConnectConfig, ConfigError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let config: Json = serde_json::from_str(&without_comments(text))?;
    let settings = config.get("codeConnect").unwrap_or(&Json::Null);
    let globs = |setting: &'static str| match settings.get(setting) {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned))
            .collect::<Option<Vec<_>>>()
            .ok_or(ConfigError::Type { setting, expected: "an array of globs" }),
        Some(_) => Err(ConfigError::Type { setting, expected: "an array of globs" }),
    };
    let mut substitutions = match settings.get("documentUrlSubstitutions") {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Object(members)) => members
            .iter()
            .map(|(from, to)| Some((from.clone(), to.as_str()?.to_owned())))
            .collect::<Option<Vec<_>>>()
            .ok_or(SUBSTITUTIONS)?,
        Some(_) => return Err(SUBSTITUTIONS),
    };
    // The longest first: `<BUTTON_GROUP>` must not be taken for `<BUTTON`.
    substitutions.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    Ok(CodeConnectConfig { include: globs("include")?, exclude: globs("exclude")?, substitutions })
}

const SUBSTITUTIONS: ConfigError =
    ConfigError::Type { setting: "documentUrlSubstitutions", expected: "an object of strings" };

impl CodeConnectConfig {
    /// An address after all substitutions: each replaces its first occurrence.
    pub fn substitute(&self, url: &str) -> String {
        self.substitutions.iter().fold(url.to_owned(), |url, (from, to)| url.replacen(from, to, 1))
    }

    /// The files that are read, relative to the configuration's folder.
    ///
    /// # Errors
    /// When a glob is malformed.
    pub fn files(&self) -> Result<CodeConnectFiles, ConfigError> {
        Ok(CodeConnectFiles {
            include: (!self.include.is_empty()).then(|| glob_set(&self.include)).transpose()?,
            exclude: glob_set(&self.exclude)?,
        })
    }
}

/// Which files are read as Code Connect files.
#[derive(Debug, Clone)]
pub struct CodeConnectFiles {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl CodeConnectFiles {
    /// Whether a file is read, by its path relative to the configuration's folder.
    pub fn contain(&self, path: &str) -> bool {
        self.include.as_ref().is_none_or(|include| include.is_match(path)) && !self.exclude.is_match(path)
    }
}

fn glob_set(globs: &[String]) -> Result<GlobSet, globset::Error> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let glob = glob.strip_prefix("./").unwrap_or(glob);
        set.add(GlobBuilder::new(glob).literal_separator(true).build()?);
    }
    set.build()
}

/// JSON without `//` and `/* */` comments and trailing commas, each replaced by blanks so that lines stay.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut in_string = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' if in_string => {
                out.push(c);
                out.extend(chars.next());
            }
            '"' => {
                in_string = !in_string;
                out.push(c);
            }
            '/' if !in_string && chars.peek() == Some(&'/') => {
                out.push(' ');
                while chars.next_if(|c| *c != '\n').is_some() {
                    out.push(' ');
                }
            }
            '/' if !in_string && chars.peek() == Some(&'*') => {
                out.push(' ');
                let mut last = ' ';
                for comment in chars.by_ref() {
                    out.push(if comment == '\n' { '\n' } else { ' ' });
                    if last == '*' && comment == '/' {
                        break;
                    }
                    last = comment;
                }
            }
            ']' | '}' if !in_string => {
                let kept = out.trim_end().len();
                if out[..kept].ends_with(',') {
                    out.replace_range(kept - 1..kept, " ");
                }
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_trailing_commas_are_tolerated() {
        let config = read_config(
            r#"{
              // what "is" read
              "codeConnect": {
                "parser": "react", /* the usual, é */
                "include": ["./src/**/*.figma.tsx", "web/**",],
                "exclude": ["**/*.test.*"],
                "documentUrlSubstitutions": { "<KIT>": "https://figma.com/design/K", "<KIT>2": "two // not a comment" },
              },
            }"#,
        )
        .unwrap();
        assert_eq!(config.substitute("<KIT>2?node-id=1-2"), "two // not a comment?node-id=1-2");
        assert_eq!(config.substitute("<KIT>?node-id=1-2"), "https://figma.com/design/K?node-id=1-2");
        let files = config.files().unwrap();
        for (path, read) in [
            ("src/a/Button.figma.tsx", true),
            ("web/x.ts", true),
            ("web/x.test.ts", false),
            ("lib/Button.figma.tsx", false),
        ] {
            assert_eq!(files.contain(path), read, "{path}");
        }
        assert!(read_config("{}").unwrap().files().unwrap().contain("anything.figma.tsx"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let said: Vec<String> = [
            r#"{"codeConnect": {"include": "src/**"}}"#,
            r#"{"codeConnect": {"exclude": [1]}}"#,
            r#"{"codeConnect": {"documentUrlSubstitutions": {"a": 1}}}"#,
            "{",
        ]
        .map(|text| read_config(text).unwrap_err().to_string())
        .into();
        insta::assert_snapshot!(said.join("\n"), @"
        `codeConnect.include` of figma.config.json must be an array of globs
        `codeConnect.exclude` of figma.config.json must be an array of globs
        `codeConnect.documentUrlSubstitutions` of figma.config.json must be an object of strings
        figma.config.json is no JSON: EOF while parsing an object at line 1 column 1
        ");
        let glob = CodeConnectConfig { include: vec!["a{".into()], ..Default::default() };
        assert!(glob.files().is_err());
    }
}
