//! What a file's library and its surroundings say: published components, variables, versions, dev resources, webhooks.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::{Figma, FigmaError, Tier};

/// A user, as Figma shows one to others.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FigmaUser {
    /// Its id.
    pub id: String,
    /// Its name.
    pub handle: String,
    /// Its address for mail: of the token's own user alone.
    pub email: Option<String>,
}

/// A component, or a set of them, that is published in a library.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Published {
    /// Its key, by which other files use it.
    pub key: String,
    /// The file that it is in.
    pub file_key: String,
    /// Its node there.
    pub node_id: String,
    /// Its name; a variant's is `Size=Small, State=Focus`.
    pub name: String,
    /// What its publisher says of it.
    pub description: String,
    /// When it was first published.
    pub created_at: DateTime<Utc>,
    /// When it was last published with a change.
    pub updated_at: DateTime<Utc>,
    /// Where it stands.
    pub containing_frame: Option<Frame>,
}

/// Where a published component stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Frame {
    /// The frame's node.
    pub node_id: Option<String>,
    /// The frame's name.
    pub name: Option<String>,
    /// The page's name.
    pub page_name: String,
    /// The set that it is a variant of.
    pub containing_component_set: Option<ContainingSet>,
}

/// The set that a variant belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContainingSet {
    /// Its node.
    pub node_id: Option<String>,
    /// Its name.
    pub name: Option<String>,
}

/// A saved version of a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FileVersion {
    /// Its id.
    pub id: String,
    /// When it was saved.
    pub created_at: DateTime<Utc>,
    /// The name that a person gave it; of one that Figma saved by itself, none.
    pub label: Option<String>,
    /// What that person said of it.
    pub description: Option<String>,
    /// Who saved it.
    pub user: FigmaUser,
}

/// The variables of a file.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Variables {
    /// By their ids.
    pub variables: BTreeMap<String, Variable>,
    /// By their ids.
    pub variable_collections: BTreeMap<String, VariableCollection>,
}

/// A variable: one design token.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    /// Its id.
    pub id: String,
    /// Its name: `color/text/muted`.
    pub name: String,
    /// The collection that it is in.
    pub variable_collection_id: String,
    /// `BOOLEAN`, `FLOAT`, `STRING` or `COLOR`.
    pub resolved_type: String,
    /// Its value in each mode.
    pub values_by_mode: BTreeMap<String, VariableValue>,
    /// Whether it is of another file.
    pub remote: bool,
    /// What is said of it.
    pub description: String,
    /// Whether libraries leave it out.
    pub hidden_from_publishing: bool,
}

/// The value of a variable in one mode.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum VariableValue {
    /// A boolean.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// That of another variable.
    Alias {
        /// The other one's id.
        id: String,
    },
    /// A colour, each part from 0 to 1.
    Color {
        /// Red.
        r: f64,
        /// Green.
        g: f64,
        /// Blue.
        b: f64,
        /// Opacity.
        #[serde(default = "opaque")]
        a: f64,
    },
    /// Of a kind that came later.
    Other(Value),
}

fn opaque() -> f64 {
    1.0
}

/// Variables that have the same modes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariableCollection {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its modes, in their order.
    pub modes: Vec<VariableMode>,
    /// The mode that holds where none is chosen.
    pub default_mode_id: String,
    /// Whether it is of another file.
    pub remote: bool,
}

/// A mode of a collection: `Light`, `Dark`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VariableMode {
    /// Its id.
    pub mode_id: String,
    /// Its name.
    pub name: String,
}

/// A link that developers see at a node.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DevResource {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it leads.
    pub url: String,
    /// The file that it is in.
    pub file_key: String,
    /// The node that it is at.
    pub node_id: String,
}

/// What Figma is asked to call when something happens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// What for: `FILE_UPDATE`, `LIBRARY_PUBLISH`.
    pub event_type: String,
    /// `ACTIVE` or `PAUSED`.
    pub status: String,
    /// What is called.
    pub endpoint: String,
    /// `FILE`, `PROJECT` or `TEAM`.
    pub context: String,
    /// Which of them.
    pub context_id: String,
}

/// Answers that keep what matters in `meta`.
#[derive(Deserialize)]
struct Meta<T> {
    meta: T,
}

impl Figma {
    /// The token's own user. A plan's token has none, and is refused.
    ///
    /// # Errors
    /// As every call.
    pub async fn me(&self) -> Result<FigmaUser, FigmaError> {
        self.get(Tier::Three, &["v1", "me"], &[]).await
    }

    /// The components that a file's library publishes, variants among them. A branch publishes none.
    ///
    /// # Errors
    /// As every call.
    pub async fn published_components(&self, key: &str) -> Result<Vec<Published>, FigmaError> {
        #[derive(Deserialize)]
        struct List {
            components: Vec<Published>,
        }
        self.of_file::<Meta<List>>(Tier::Three, key, &["components"], &[])
            .await
            .map(|answer| answer.meta.components)
    }

    /// The component sets that a file's library publishes.
    ///
    /// # Errors
    /// As every call.
    pub async fn published_sets(&self, key: &str) -> Result<Vec<Published>, FigmaError> {
        #[derive(Deserialize)]
        struct List {
            component_sets: Vec<Published>,
        }
        let answer = self.of_file::<Meta<List>>(Tier::Three, key, &["component_sets"], &[]).await?;
        Ok(answer.meta.component_sets)
    }

    /// The variables of a file: of Enterprise plans alone, others are refused.
    ///
    /// # Errors
    /// As every call.
    pub async fn variables(&self, key: &str) -> Result<Variables, FigmaError> {
        let answer = self.of_file::<Meta<Variables>>(Tier::Two, key, &["variables", "local"], &[]).await?;
        Ok(answer.meta)
    }

    /// Saved versions of a file, newest first: at most 50, from the one before `before` on.
    ///
    /// # Errors
    /// As every call.
    pub async fn versions(&self, key: &str, before: Option<&str>) -> Result<Vec<FileVersion>, FigmaError> {
        #[derive(Deserialize)]
        struct List {
            versions: Vec<FileVersion>,
        }
        let mut query = vec![("page_size", "50")];
        query.extend(before.map(|id| ("before", id)));
        self.of_file::<List>(Tier::Two, key, &["versions"], &query).await.map(|answer| answer.versions)
    }

    /// The dev resources of a file.
    ///
    /// # Errors
    /// As every call.
    pub async fn dev_resources(&self, key: &str) -> Result<Vec<DevResource>, FigmaError> {
        #[derive(Deserialize)]
        struct List {
            dev_resources: Vec<DevResource>,
        }
        let answer = self.of_file::<List>(Tier::Two, key, &["dev_resources"], &[]).await?;
        Ok(answer.dev_resources)
    }

    /// The webhooks of a file.
    ///
    /// # Errors
    /// As every call.
    pub async fn webhooks(&self, key: &str) -> Result<Vec<Webhook>, FigmaError> {
        #[derive(Deserialize)]
        struct List {
            webhooks: Vec<Webhook>,
        }
        let query = [("context", "file"), ("context_id", key)];
        self.get::<List>(Tier::Two, &["v2", "webhooks"], &query).await.map(|answer| answer.webhooks)
    }

    async fn of_file<T: DeserializeOwned>(
        &self,
        tier: Tier,
        key: &str,
        what: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, FigmaError> {
        let path: Vec<&str> = ["v1", "files", key].iter().chain(what).copied().collect();
        self.get(tier, &path, query).await
    }
}
