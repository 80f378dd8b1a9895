//! Places in the sources that scripts were made from, where the server has their maps.

use std::{collections::HashMap, sync::Arc};

use sourcemap::DecodedMap;
use tokio::sync::Mutex;
use url::Url;

use super::{Frame, Tab};

/// Larger scripts and maps are not read.
const LARGEST: usize = 32 * 1024 * 1024;

/// The maps that were asked for, one for each script.
#[derive(Debug, Default)]
pub struct Sources(Mutex<HashMap<String, Option<Arc<DecodedMap>>>>);

impl Sources {
    /// Each frame on a line: `Button (src/Button.tsx:12:7)`. Where there is no map, the place is the script's.
    pub async fn told(&self, tab: &Tab, frames: &[Frame]) -> Vec<String> {
        let mut lines = Vec::with_capacity(frames.len());
        for frame in frames {
            let map = self.map(tab, &frame.url).await;
            lines.push(told(frame, map.as_deref()));
        }
        lines
    }

    async fn map(&self, tab: &Tab, script: &str) -> Option<Arc<DecodedMap>> {
        if !script.starts_with("http") {
            return None;
        }
        let mut maps = self.0.lock().await;
        if let Some(known) = maps.get(script) {
            return known.clone();
        }
        let found = fetched(tab, script).await.map(Arc::new);
        maps.insert(script.to_owned(), found.clone());
        found
    }
}

/// Asked for by the page itself, so that who may see the script may see its map.
async fn fetched(tab: &Tab, script: &str) -> Option<DecodedMap> {
    let text = tab.fetch(script, LARGEST).await?;
    let address = address_in(&text)?;
    if address.starts_with("data:") {
        return sourcemap::decode_data_url(address).ok();
    }
    let map = Url::parse(script).ok()?.join(address).ok()?;
    let text = tab.fetch(map.as_str(), LARGEST).await?;
    sourcemap::decode_slice(text.as_bytes()).ok()
}

/// What the last `//# sourceMappingURL=` of a script says.
fn address_in(script: &str) -> Option<&str> {
    let line = script.lines().rev().find_map(|line| {
        let line = line.trim();
        line.strip_prefix("//# sourceMappingURL=").or_else(|| line.strip_prefix("//@ sourceMappingURL="))
    })?;
    Some(line.trim()).filter(|address| !address.is_empty())
}

fn told(frame: &Frame, map: Option<&DecodedMap>) -> String {
    let (line, column) = (frame.line.saturating_sub(1), frame.column.saturating_sub(1));
    let token = map.and_then(|map| map.lookup_token(line, column));
    let Some((source, token)) = token.and_then(|token| Some((token.get_source()?, token))) else {
        return frame.to_string();
    };
    let url = source.trim_start_matches("../").trim_start_matches("./").to_owned();
    let (line, column) = (token.get_src_line() + 1, token.get_src_col() + 1);
    Frame { function: frame.function.clone(), url, line, column }.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_that_of_the_source_where_it_is_known() {
        let map = br#"{"version":3,"sources":["../src/Button.tsx"],"names":[],"mappings":"AAUA;AACA"}"#;
        let map = sourcemap::decode_slice(map).unwrap();
        let frame = |function: &str, line| Frame {
            function: function.to_owned(),
            url: "http://127.0.0.1:6006/assets/a.js?v=2".to_owned(),
            line,
            column: 1,
        };
        assert_eq!(told(&frame("Button", 1), Some(&map)), "Button (src/Button.tsx:11:1)");
        assert_eq!(told(&frame("", 2), Some(&map)), "src/Button.tsx:12:1");
        assert_eq!(told(&frame("", 2), None), "assets/a.js:2:1");
    }

    #[test]
    fn the_last_word_of_a_script_says_where_its_map_is() {
        for (script, expected) in [
            ("x\n//# sourceMappingURL=a.js.map\n", Some("a.js.map")),
            (
                "//# sourceMappingURL=old.map\ny\n//# sourceMappingURL=data:application/json;base64,e30=",
                Some("data:application/json;base64,e30="),
            ),
            ("const a = '//# sourceMappingURL=no'", None),
            ("//# sourceMappingURL=", None),
            ("", None),
        ] {
            assert_eq!(address_in(script), expected, "{script}");
        }
    }
}
