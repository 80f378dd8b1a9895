//! What Storybook's versions read differently.

use serde::{Deserialize, Serialize};

/// A version of Storybook, as far as its index depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second.
    pub minor: u64,
}

impl Version {
    /// Reads a version, or the least one of a range as package.json states it: `10.1.0`, `^9.0.0`, `>=8 <9`.
    pub fn of_range(range: &str) -> Option<Self> {
        let range = range.rsplit_once('@').map_or(range, |(_, range)| range);
        let start = range.find(|c: char| c.is_ascii_digit())?;
        let mut numbers = range[start..].split(|c: char| !c.is_ascii_digit());
        let major = numbers.next()?.parse().ok()?;
        // `workspace:*` and addresses of archives hold digits, too.
        let is_plain = !range.contains([':', '/']);
        is_plain.then(|| Self { major, minor: numbers.next().and_then(|n| n.parse().ok()).unwrap_or(0) })
    }

    /// Whether every story is tagged `manifest`.
    pub(super) fn tags_manifests(self) -> bool {
        self >= Self { major: 10, minor: 2 }
    }

    /// Whether play functions are tagged.
    pub(super) fn tags_play(self) -> bool {
        self >= Self { major: 8, minor: 3 }
    }
}

/// The first version that reads something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    /// Every version.
    Always,
    /// From this major version on.
    Version(u64),
}

impl Since {
    /// Whether a version reads it. A version that is not known is taken for the latest.
    pub fn holds(self, version: Option<Version>) -> bool {
        match (self, version) {
            (Self::Always, _) | (_, None) => true,
            (Self::Version(first), Some(version)) => version.major >= first,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_a_least_version() {
        for (range, version) in [
            ("10.6.7", Some((10, 6))),
            ("^9.0.0", Some((9, 0))),
            ("~8.6", Some((8, 6))),
            (">=8 <10", Some((8, 0))),
            ("npm:storybook@9.1.2", Some((9, 1))),
            ("10", Some((10, 0))),
            ("10.0.0-beta.3", Some((10, 0))),
            ("next", None),
            ("*", None),
            ("catalog:v10", None),
            ("https://example.org/storybook-9.tgz", None),
            ("99999999999999999999999", None),
        ] {
            let expected = version.map(|(major, minor)| Version { major, minor });
            assert_eq!(Version::of_range(range), expected, "{range}");
        }
    }
}
