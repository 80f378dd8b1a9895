//! What one Code Connect file says, before other files and the configuration are known.

use lockstep_core::diagnostic::Diagnostic;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::{
    imports::ComponentName,
    model::{CodeConnectFormat, ConnectedProperty, Place},
};

/// What one Code Connect file says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectFacts {
    /// Its connections, in the order of writing.
    pub connections: Vec<ConnectionFacts>,
    /// What is wrong with the file.
    pub diagnostics: Vec<Diagnostic>,
}

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionFacts {
    /// Which of the two formats.
    pub format: CodeConnectFormat,
    /// The design node's address, before substitutions.
    pub url: String,
    /// Where the address stands.
    pub url_place: Place,
    /// The component, as far as it is named.
    pub component: Option<ComponentName>,
    /// What `// source=` names.
    pub source: Option<String>,
    /// The properties.
    pub properties: Vec<ConnectedProperty>,
    /// `variant: { … }`.
    pub variant: BTreeMap<String, String>,
    /// Where the connection is declared.
    pub place: Place,
}
