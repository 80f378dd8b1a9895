//! Reads `[storybook]` and `[browser]`: where the stories are rendered, what opens them, and what fails them.

use std::{ops::Range, path::PathBuf, time::Duration};

use chrono::{DateTime, Utc};
use lockstep_core::session::{Budget, Metric};
use toml::{Spanned, de::DeValue};

use super::{
    WorkspacePath, nearest,
    reader::{Finding, Findings, Section, mismatch},
    sections::workspace_path,
};
use crate::secret::SecretReference;

/// `[storybook]` and `[browser]`.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionRules {
    /// Where the stories are rendered.
    pub storybook: StorybookPlace,
    /// The browser's program; without one, what is usually there is looked for.
    pub executable: Option<PathBuf>,
    /// Browsers that run elsewhere, used in place of one that is started.
    pub endpoints: Vec<BrowserAddress>,
    /// Whether a browser that is started shuts its processes off from the machine.
    pub sandbox: bool,
    /// How many stories are open at once; by default as many as there are processors.
    pub workers: Option<usize>,
    /// How long a story may take.
    pub timeout: Duration,
    /// How often a story is tried again after trouble that says nothing of it.
    pub retries: usize,
    /// How often each is loaded to be measured.
    pub loads: usize,
    /// The width and height of a page.
    pub viewport: (u32, u32),
    /// When it is in every page as it is opened, in UTC; by default what the clock says.
    pub time: Option<DateTime<Utc>>,
    /// Whether an error on the console fails a story.
    pub console_errors: bool,
    /// Whether an accessibility violation does.
    pub accessibility: bool,
    /// What a story may take.
    pub budget: Budget,
    /// How stories are to look.
    pub visual: VisualRules,
}

/// `[visual]`.
#[derive(Debug, Clone, PartialEq)]
pub struct VisualRules {
    /// The folder of approved pictures.
    pub baselines: WorkspacePath,
    /// How far two colours may be apart, from 0 to 1.
    pub threshold: f64,
    /// How much of a picture may differ, in percent.
    pub max_percent: f64,
    /// What no picture shows, by CSS selectors.
    pub mask: Vec<String>,
}

/// Where the stories are rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorybookPlace {
    /// A folder with a static build, which Lockstep serves itself.
    Static(WorkspacePath),
    /// A Storybook that runs.
    Running(url::Url),
}

/// Where a browser is that runs elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrowserAddress {
    /// Written out: it opens nothing by itself.
    Written(String),
    /// Kept where secrets are.
    Kept(SecretReference),
}

impl Default for SessionRules {
    fn default() -> Self {
        Self {
            storybook: StorybookPlace::Static(path_of("storybook-static")),
            executable: None,
            endpoints: Vec::new(),
            sandbox: true,
            workers: None,
            timeout: Duration::from_secs(30),
            retries: 1,
            loads: 1,
            viewport: (1280, 720),
            time: None,
            console_errors: true,
            accessibility: true,
            budget: Budget::new(),
            visual: VisualRules {
                baselines: path_of("visual-baselines"),
                threshold: 0.1,
                max_percent: 0.0,
                mask: Vec::new(),
            },
        }
    }
}

/// A path that is written here, and so is one.
fn path_of(text: &str) -> WorkspacePath {
    WorkspacePath::new(text).unwrap_or_else(|_| WorkspacePath::root())
}

const STORYBOOK: [&str; 2] = ["static", "url"];
const VISUAL: [&str; 4] = ["baselines", "threshold", "max_percent", "mask"];
const BROWSER: [&str; 12] = [
    "executable",
    "endpoints",
    "sandbox",
    "workers",
    "timeout_seconds",
    "retries",
    "loads",
    "viewport",
    "time",
    "console_errors",
    "accessibility",
    "budget",
];

pub(super) fn read(root: &Section<'_, '_>, findings: &mut Findings<'_>) -> SessionRules {
    let mut rules = SessionRules::default();
    let storybook = root.get("storybook");
    if let Some(section) =
        storybook.and_then(|value| Section::open(value, "[storybook]", &STORYBOOK, findings))
    {
        read_storybook(&section, &mut rules, findings);
    }
    let browser = root.get("browser");
    if let Some(section) = browser.and_then(|value| Section::open(value, "[browser]", &BROWSER, findings)) {
        read_browser(&section, &mut rules, findings);
    }
    let visual = root.get("visual");
    if let Some(section) = visual.and_then(|value| Section::open(value, "[visual]", &VISUAL, findings)) {
        read_visual(&section, &mut rules.visual, findings);
    }
    rules
}

fn read_storybook(section: &Section<'_, '_>, rules: &mut SessionRules, findings: &mut Findings<'_>) {
    let folder = section.text("static", findings);
    let url = section.text("url", findings);
    match (folder, url) {
        (Some(_), Some((_, at))) => {
            let finding = Finding::new("duplicate", "[storybook] has both `static` and `url`");
            findings.error(&at, finding.hint("keep one of the two"));
        }
        (Some((folder, at)), None) => {
            if let Some(path) = workspace_path(&folder, &at, findings) {
                rules.storybook = StorybookPlace::Static(path);
            }
        }
        (None, Some((text, at))) => match web_address(&text) {
            Some(url) => rules.storybook = StorybookPlace::Running(url),
            None => {
                let finding =
                    Finding::new("bad-value", "`url` is no address that begins with http:// or https://")
                        .hint(
                            "for example `url = \"http://localhost:6006\"`, without a user name or password",
                        );
                findings.error(&at, finding);
            }
        },
        (None, None) => {}
    }
}

/// An address of a Storybook, below which its files are.
pub(crate) fn web_address(text: &str) -> Option<url::Url> {
    let mut url = url::Url::parse(text).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || !is_plain || !url.has_host() {
        return None;
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

fn read_browser(section: &Section<'_, '_>, rules: &mut SessionRules, findings: &mut Findings<'_>) {
    rules.executable = section.text("executable", findings).map(|(text, _)| PathBuf::from(text));
    for (text, at) in section.texts("endpoints", findings).unwrap_or_default() {
        rules.endpoints.extend(endpoint(&text, &at, findings));
    }
    rules.sandbox = section.boolean("sandbox", findings).unwrap_or(rules.sandbox);
    rules.console_errors = section.boolean("console_errors", findings).unwrap_or(rules.console_errors);
    rules.accessibility = section.boolean("accessibility", findings).unwrap_or(rules.accessibility);
    rules.workers = number(section, "workers", 1..=64, findings).or(rules.workers);
    rules.retries = number(section, "retries", 0..=10, findings).unwrap_or(rules.retries);
    rules.loads = number(section, "loads", 1..=50, findings).unwrap_or(rules.loads);
    let seconds = number(section, "timeout_seconds", 1..=3_600, findings);
    rules.timeout = seconds.map_or(rules.timeout, |seconds| Duration::from_secs(seconds as u64));
    if let Some((text, at)) = section.text("viewport", findings) {
        match viewport(&text) {
            Some(size) => rules.viewport = size,
            None => {
                let finding = Finding::new("bad-value", format!("`{text}` is no size from 1x1 to 8192x8192"));
                findings.error(&at, finding.hint("write it as `viewport = \"1280x720\"`"));
            }
        }
    }
    if let Some((text, at)) = section.text("time", findings) {
        match DateTime::parse_from_rfc3339(&text) {
            Ok(time) => rules.time = Some(time.to_utc()),
            Err(_) => {
                let finding = Finding::new("bad-value", format!("`{text}` is no point in time"));
                findings.error(&at, finding.hint("write it as `time = \"2026-01-01T12:00:00Z\"`"));
            }
        }
    }
    for ((name, at), value) in section.entries("budget", findings) {
        let Ok(metric) = name.parse::<Metric>() else {
            let finding = Finding::new("unknown-key", format!("`{name}` is nothing that is measured"));
            let known = || Metric::ALL.iter().map(|metric| metric.as_str());
            findings.error(
                &at,
                match nearest(&name, known()) {
                    Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
                    None => finding.hint(format!("known here: {}", known().collect::<Vec<_>>().join(", "))),
                },
            );
            continue;
        };
        let name = format!("`{name}` in [browser.budget]");
        if let Some(most) = decimal(value, &name, f64::MAX, findings) {
            rules.budget.insert(metric, most);
        }
    }
}

fn read_visual(section: &Section<'_, '_>, rules: &mut VisualRules, findings: &mut Findings<'_>) {
    if let Some((folder, at)) = section.text("baselines", findings)
        && let Some(path) = workspace_path(&folder, &at, findings)
    {
        rules.baselines = path;
    }
    let mut decimal_of = |key, most| decimal(section.get(key)?, &section.key(key), most, findings);
    rules.threshold = decimal_of("threshold", 1.0).unwrap_or(rules.threshold);
    rules.max_percent = decimal_of("max_percent", 100.0).unwrap_or(rules.max_percent);
    let mask = section.texts("mask", findings).unwrap_or_default();
    rules.mask = mask.into_iter().map(|(selector, _)| selector).collect();
}

/// A number from 0 to `most`.
fn decimal(value: &Spanned<DeValue<'_>>, name: &str, most: f64, findings: &mut Findings<'_>) -> Option<f64> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse::<f64>().ok(),
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => {
            mismatch(value, name, "a number", findings);
            return None;
        }
    };
    let found = number.filter(|number| (0.0..=most).contains(number));
    if found.is_none() {
        let range = if most < f64::MAX { format!("from 0 to {most}") } else { "0 or more".to_owned() };
        findings.error(&value.span(), Finding::new("bad-value", format!("{name} must be {range}")));
    }
    found
}

/// `1280x720`.
fn viewport(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    let size = |text: &str| text.trim().parse().ok().filter(|size| (1..=8_192).contains(size));
    Some((size(width)?, size(height)?))
}

fn number(
    section: &Section<'_, '_>,
    key: &str,
    range: std::ops::RangeInclusive<usize>,
    findings: &mut Findings<'_>,
) -> Option<usize> {
    let (number, at) = section.integer(key, findings)?;
    let found = usize::try_from(number).ok().filter(|number| range.contains(number));
    if found.is_none() {
        let message = format!("`{key}` must be from {} to {}, not {number}", range.start(), range.end());
        findings.error(&at, Finding::new("bad-value", message));
    }
    found
}

/// An address that opens something by itself is kept where secrets are, and not repeated.
fn endpoint(text: &str, at: &Range<usize>, findings: &mut Findings<'_>) -> Option<BrowserAddress> {
    if let Some(reference) = SecretReference::parse(text) {
        return Some(BrowserAddress::Kept(reference));
    }
    let hint = "write `ws://…` or `http://…`; one with a token in it is kept elsewhere: `env:NAME`, `file:PATH` or `sealed:NAME`";
    let refuse = |findings: &mut Findings<'_>, message: &str| {
        findings.error(at, Finding::new("bad-value", message).hint(hint));
        None
    };
    let Ok(url) = url::Url::parse(text) else {
        return refuse(findings, "an item of `endpoints` is no address of a browser");
    };
    if !matches!(url.scheme(), "ws" | "wss" | "http" | "https") || !url.has_host() {
        return refuse(findings, "an item of `endpoints` is no address of a browser");
    }
    if url.query().is_some() || !url.username().is_empty() || url.password().is_some() {
        return refuse(findings, "an item of `endpoints` holds what opens it");
    }
    Some(BrowserAddress::Written(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::config::Config;

    #[test]
    fn what_is_said_of_browsers_is_read() {
        let text = "[storybook]\nurl = \"http://localhost:6006/docs?x=1\"\n[browser]\nendpoints = [\"ws://b:9222\", \"env:BROWSER\"]\n\
                    sandbox = false\nworkers = 3\ntimeout_seconds = 5\nretries = 0\nloads = 5\nviewport = \"400x300\"\n\
                    console_errors = false\naccessibility = false\n[browser.budget]\nrendered_ms = 800\ncumulative_layout_shift = 0.1\n";
        let rules = Config::parse(text, "x").unwrap().0.sessions;
        let StorybookPlace::Running(url) = &rules.storybook else { panic!("{rules:?}") };
        assert_eq!(url.as_str(), "http://localhost:6006/docs/");
        assert!(matches!(&rules.endpoints[..], [BrowserAddress::Written(_), BrowserAddress::Kept(_)]));
        assert_eq!((rules.sandbox, rules.workers, rules.timeout.as_secs()), (false, Some(3), 5));
        assert_eq!((rules.retries, rules.loads, rules.viewport), (0, 5, (400, 300)));
        assert_eq!((rules.console_errors, rules.accessibility), (false, false));
        let budget = Budget::from([(Metric::CumulativeLayoutShift, 0.1), (Metric::Rendered, 800.0)]);
        assert_eq!(rules.budget, budget);
        assert_eq!(Config::parse("", "x").unwrap().0.sessions, SessionRules::default());
    }

    #[test]
    fn what_is_wrong_is_said_with_what_was_meant() {
        for (text, expected) in [
            ("[storybook]\nurl = \"localhost\"", "`url` is no address that begins with http:// or https://"),
            (
                "[storybook]\nurl = \"http://a:b@h\"",
                "`url` is no address that begins with http:// or https://",
            ),
            ("[storybook]\nurl = \"http://h\"\nstatic = \"x\"", "[storybook] has both `static` and `url`"),
            ("[browser]\nworkers = 0", "`workers` must be from 1 to 64, not 0"),
            ("[browser]\ntime = \"noon\"", "`noon` is no point in time"),
            ("[visual]\nthreshold = 2", "`threshold` in [visual] must be from 0 to 1"),
            ("[browser]\nviewport = \"10\"", "`10` is no size from 1x1 to 8192x8192"),
            (
                "[browser]\nendpoints = [\"ws://h?token=s3cret\"]",
                "an item of `endpoints` holds what opens it",
            ),
            ("[browser]\nendpoints = [\"ftp://h\"]", "an item of `endpoints` is no address of a browser"),
            ("[browser.budget]\nrender_ms = 1", "`render_ms` is nothing that is measured"),
            ("[browser.budget]\ndom_nodes = -1", "`dom_nodes` in [browser.budget] must be 0 or more"),
            (
                "[browser.budget]\ndom_nodes = \"1\"",
                "`dom_nodes` in [browser.budget] must be a number, not a string",
            ),
        ] {
            let error = Config::parse(&format!("{text}\n"), "x").unwrap_err();
            let [found] = &error.diagnostics[..] else { panic!("{:?}", error.diagnostics) };
            assert_eq!(found.message, expected);
        }
    }
}
