//! A folder that looks to a browser as a static build of Storybook 10: small enough to be made for each test.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde_json::{Value, json};

const PAGE: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Stories</title>\n\
                    <link rel=\"icon\" href=\"data:,\">\n<body>\n<div id=\"storybook-root\"></div>\n\
                    <script type=\"module\" src=\"./assets/stories.js\"></script>\n</body>\n</html>\n";

const SCRIPT: &str = include_str!("storybook/stories.js");

/// Writes a static Storybook into a folder. It lists `stories`, by Storybook's ids, each with what it does: `passes`,
/// `throws`, `fails-play`, `logs-error`, `tells-time`, `lacks-name`, `lacks-picture`, `hangs` (no other script runs any more) or `waits`
/// (nothing happens any more). Its script's map leads to `src/stories.ts`, line by line.
///
/// # Errors
/// When it can't be written.
pub fn write_storybook(folder: &Path, stories: &[(&str, &str)]) -> io::Result<()> {
    let entries: BTreeMap<&str, Value> =
        stories.iter().map(|(id, _)| (*id, json!({"id": id, "type": "story"}))).collect();
    let behaviours: BTreeMap<&str, &str> = stories.iter().copied().collect();
    let lines = SCRIPT.lines().count();
    // Each line begins where it begins in the source.
    let mappings = format!("AAAA{}", ";AACA".repeat(lines.saturating_sub(1)));
    let map = json!({"version": 3, "sources": ["../src/stories.ts"], "names": [], "mappings": mappings});
    fs::create_dir_all(folder.join("assets"))?;
    fs::write(folder.join("iframe.html"), PAGE)?;
    fs::write(folder.join("index.json"), json!({"v": 5, "entries": entries}).to_string())?;
    fs::write(folder.join("behaviours.json"), json!(behaviours).to_string())?;
    fs::write(folder.join("assets/stories.js"), format!("{SCRIPT}\n//# sourceMappingURL=stories.js.map\n"))?;
    fs::write(folder.join("assets/stories.js.map"), map.to_string())
}
