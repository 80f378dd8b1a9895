//! A file's version and its pages.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Figma, FigmaError, Tier, raw::RawObject};

/// What a file is now, for one cheap call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FileMeta {
    /// The file's name.
    pub name: String,
    /// When it was last touched.
    pub last_touched_at: String,
    /// Its version: another one after each change.
    pub version: Option<String>,
}

#[derive(Deserialize)]
struct MetaAnswer {
    file: FileMeta,
}

/// A file without what stands on its pages.
#[derive(Debug, Clone)]
pub struct FileOutline {
    /// The file's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// When it was last modified, as Figma writes it.
    pub last_modified: String,
    pages: Vec<Page>,
    /// The answer as it is written.
    pub(super) written: RawObject,
}

/// A page of a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Page {
    /// The page's node.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl FileOutline {
    /// The file's pages, in their order.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }
}

impl<'de> Deserialize<'de> for FileOutline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Root {
            #[serde(default)]
            children: Vec<Page>,
        }
        let written = RawObject::deserialize(deserializer)?;
        let root: Root = written.member("document")?;
        Ok(Self {
            name: written.member("name")?,
            version: written.member("version")?,
            last_modified: written.member("lastModified")?,
            pages: root.children,
            written,
        })
    }
}

impl FileOutline {
    /// The file's root as it is written.
    pub(super) fn root(&self) -> Option<&RawValue> {
        self.written.get("document")
    }
}

impl Figma {
    /// The file's version and name: what to ask before anything else.
    ///
    /// # Errors
    /// As every call.
    pub async fn file_meta(&self, key: &str) -> Result<FileMeta, FigmaError> {
        let answer: MetaAnswer = self.get(Tier::Two, &["v1", "files", key, "meta"], &[]).await?;
        Ok(answer.file)
    }

    /// The file's pages, without what stands on them. A branch is asked for by its own key.
    ///
    /// # Errors
    /// As every call.
    pub async fn file_outline(&self, key: &str) -> Result<FileOutline, FigmaError> {
        self.get(Tier::One, &["v1", "files", key], &[("depth", "1")]).await
    }
}
