//! Addresses of design nodes: `https://www.figma.com/design/KEY/Name?node-id=1-2`.

/// What the address of a design node names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeAddress {
    /// The key of the file, or of the branch of it.
    pub file_key: String,
    /// The node's id as the API gives it: `1:2`.
    pub node_id: String,
}

/// Why a text is no address of a design node.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no web address.
    #[error("`{0}` is no web address; copy the link of the component in Figma")]
    NoUrl(String),
    /// It leads to no file.
    #[error("`{0}` names no Figma file; copy the link of the component in Figma")]
    NoFile(String),
    /// It has no `node-id`, or an empty one.
    #[error("`{0}` has no node-id; select the component in Figma and copy the link to it")]
    NoNode(String),
    /// Its `node-id` is none.
    #[error("the node-id `{id}` of `{url}` is none; it reads like 12-34")]
    BadNode {
        /// The address.
        url: String,
        /// What stands as its `node-id`.
        id: String,
    },
}

/// Reads the address of a design node. The file is that of a branch where the address names one.
///
/// # Errors
/// When it is no address, or names no file or no node.
pub fn parse_address(url: &str) -> Result<NodeAddress, AddressError> {
    let text = url.trim();
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let rest = rest.ok_or_else(|| AddressError::NoUrl(url.to_owned()))?;
    let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let parts: Vec<&str> = path.split('/').collect();
    // The first part is the host: any, for organisations may have their own.
    let file_key = match parts.get(1..) {
        Some(["file" | "design" | "proto" | "board", _, "branch", branch, ..]) => *branch,
        Some(["file" | "design" | "proto" | "board", key, ..]) => *key,
        _ => "",
    };
    if file_key.is_empty() {
        return Err(AddressError::NoFile(url.to_owned()));
    }
    let id = query.split('&').find_map(|pair| pair.strip_prefix("node-id=")).unwrap_or_default();
    if id.is_empty() {
        return Err(AddressError::NoNode(url.to_owned()));
    }
    let node_id =
        node_id(id).ok_or_else(|| AddressError::BadNode { url: url.to_owned(), id: id.to_owned() })?;
    Ok(NodeAddress { file_key: file_key.to_owned(), node_id })
}

/// A node id as addresses write it (`1-2`, `1%3A2`, `I1-2;3-4`) in the form of the API (`1:2`, `I1:2;3:4`).
pub fn node_id(text: &str) -> Option<String> {
    let text = text.replace("%3A", ":").replace("%3a", ":").replace("%3B", ";").replace("%3b", ";");
    let (instance, path) = text.strip_prefix('I').map_or(("", text.as_str()), |path| ("I", path));
    let steps: Option<Vec<String>> = path
        .split(';')
        .map(|step| {
            let (session, counter) = step.split_once([':', '-'])?;
            let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            (digits(session) && digits(counter)).then(|| format!("{session}:{counter}"))
        })
        .collect();
    Some(format!("{instance}{}", steps?.join(";")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_a_file_and_a_node() {
        for (url, file_key, node_id) in [
            ("https://www.figma.com/design/KEY/Name?node-id=1-2", "KEY", "1:2"),
            ("https://www.figma.com/file/KEY/Name?type=design&node-id=1%3A2&mode=dev", "KEY", "1:2"),
            ("https://figma.com/design/KEY?m=dev&node-id=10:20#comment", "KEY", "10:20"),
            ("https://www.figma.com/design/KEY/branch/BRANCH/Name?node-id=3-4", "BRANCH", "3:4"),
            ("https://acme.figma.com/file/KEY/?node-id=I1-2;3-4", "KEY", "I1:2;3:4"),
        ] {
            let expected = NodeAddress { file_key: file_key.into(), node_id: node_id.into() };
            assert_eq!(parse_address(url), Ok(expected), "{url}");
        }
    }

    #[test]
    fn what_is_no_address_is_said() {
        let said: Vec<String> = [
            "<FIGMA_BUTTON>",
            "https://www.figma.com/community/1",
            "https://www.figma.com/design/KEY/Name",
            "https://www.figma.com/design/KEY/Name?node-id=",
            "https://www.figma.com/design/KEY/Name?node-id=abc",
            "https://www.figma.com/design//x?node-id=1-2",
        ]
        .map(|url| parse_address(url).unwrap_err().to_string())
        .into();
        insta::assert_snapshot!(said.join("\n"), @"
        `<FIGMA_BUTTON>` is no web address; copy the link of the component in Figma
        `https://www.figma.com/community/1` names no Figma file; copy the link of the component in Figma
        `https://www.figma.com/design/KEY/Name` has no node-id; select the component in Figma and copy the link to it
        `https://www.figma.com/design/KEY/Name?node-id=` has no node-id; select the component in Figma and copy the link to it
        the node-id `abc` of `https://www.figma.com/design/KEY/Name?node-id=abc` is none; it reads like 12-34
        `https://www.figma.com/design//x?node-id=1-2` names no Figma file; copy the link of the component in Figma
        ");
    }
}
