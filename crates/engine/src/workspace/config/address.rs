//! How a workspace points at a design component.

use serde::{Deserialize, Serialize};

/// A design component as a person names it in `lockstep.toml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DesignAddress {
    /// A node of a `[[design]]` file: `acme#4000:1394`.
    Node {
        /// The short name of the file.
        file: String,
        /// The node's id.
        node: String,
    },
    /// The design component's name, in whichever design file has it.
    Name(String),
    /// An address on figma.com whose file is none of the workspace's, or not known yet.
    Link(FigmaLink),
}

impl DesignAddress {
    /// Reads an address. Which files there are is not looked at: `acme#4000:1394` is a node of `acme`.
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Some(link) = FigmaLink::parse(text) {
            return Self::Link(link);
        }
        match text.rsplit_once('#') {
            Some((file, node)) if !file.is_empty() && is_node_id(node) => {
                Self::Node { file: file.to_owned(), node: node.to_owned() }
            }
            _ => Self::Name(text.to_owned()),
        }
    }
}

impl std::fmt::Display for DesignAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Node { file, node } => write!(f, "{file}#{node}"),
            Self::Name(name) => f.write_str(name),
            Self::Link(link) => f.write_str(&link.url),
        }
    }
}

/// `4000:1394`, also inside an instance: `I5:1;6:2`.
fn is_node_id(text: &str) -> bool {
    text.contains(':') && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | ';' | 'I' | '-'))
}

/// An address such as `https://www.figma.com/design/KEY/Name?node-id=4000-1394`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FigmaLink {
    /// The address as given.
    pub url: String,
    /// The key of the file.
    pub file_key: String,
    /// The key of the branch, where the address is of one.
    pub branch: Option<String>,
    /// The node's id as the API spells it: `4000:1394`.
    pub node: Option<String>,
}

impl FigmaLink {
    /// Reads an address on figma.com; nothing for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let (host, rest) = rest.split_once('/')?;
        if host != "figma.com" && host != "www.figma.com" {
            return None;
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut parts = path.split('/');
        if !matches!(parts.next()?, "file" | "design" | "proto" | "board") {
            return None;
        }
        let file_key = parts.next().filter(|key| !key.is_empty())?.to_owned();
        let branch = match parts.next() {
            Some("branch") => parts.next().map(str::to_owned),
            _ => None,
        };
        let node = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("node-id="))
            .map(|id| id.replace("%3A", ":").replace("%3a", ":").replace("%3B", ";").replace('-', ":"))
            .filter(|id| !id.is_empty());
        Some(Self { url: text.to_owned(), file_key, branch, node })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart() {
        let node = |file: &str, node: &str| DesignAddress::Node { file: file.into(), node: node.into() };
        for (text, expected) in [
            ("acme#4000:1394", node("acme", "4000:1394")),
            ("acme#I5:1;6:2", node("acme", "I5:1;6:2")),
            ("Button", DesignAddress::Name("Button".into())),
            ("Icon #2", DesignAddress::Name("Icon #2".into())),
            ("Button / Primary", DesignAddress::Name("Button / Primary".into())),
        ] {
            assert_eq!(DesignAddress::parse(text), expected);
            assert_eq!(expected.to_string(), text);
        }
    }

    #[test]
    fn links_give_their_file_and_node() {
        let parts = |text| FigmaLink::parse(text).map(|link| (link.file_key, link.branch, link.node));
        let some = |text: &str| Some(text.to_owned());
        for (text, expected) in [
            ("https://www.figma.com/design/AbC/Acme?node-id=4000-1394&t=x", ("AbC", None, some("4000:1394"))),
            ("https://figma.com/file/AbC?node-id=1%3A2", ("AbC", None, some("1:2"))),
            (
                "https://www.figma.com/design/AbC/branch/XyZ/Acme?node-id=1:2",
                ("AbC", some("XyZ"), some("1:2")),
            ),
            ("https://www.figma.com/design/AbC/Acme", ("AbC", None, None)),
        ] {
            assert_eq!(parts(text), Some((expected.0.into(), expected.1, expected.2)), "{text}");
        }
        for text in ["https://example.com/design/AbC", "https://figma.com.example.com/file/AbC", "AbC"] {
            assert_eq!(parts(text), None);
        }
    }
}
