//! Reads the sections about what the workspace consists of.

use std::{collections::BTreeMap, ops::Range};

use lockstep_code::Framework;
use lockstep_core::{
    diagnostic::Diagnostic,
    direction::{Direction, UnknownDirection},
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    CodePackage, CompareRules, Config, DesignFile, LiveFile, StoreLocation, StoreUrl, SyncRules,
    WorkspacePath, browser, coverage, live, nearest,
    reader::{At, Finding, Findings, Section},
    rules,
};

const SECTIONS: [&str; 14] = [
    "workspace",
    "code",
    "design",
    "store",
    "mapping",
    "ignore",
    "accepted",
    "compare",
    "sync",
    "coverage",
    "storybook",
    "browser",
    "visual",
    "hub",
];

/// Reads the whole text: the configuration as far as it could be read, and everything that was found.
pub(super) fn read(text: &str, folder_name: &str, max_bytes: usize) -> (Option<Config>, Vec<Diagnostic>) {
    let mut findings = Findings::new(text, super::CONFIG_FILE);
    if text.len() > max_bytes {
        let message = format!("the file is larger than {} MB", max_bytes / (1024 * 1024));
        findings.error(&(0..0), Finding::new("too-large", message));
        return (None, findings.into_sorted());
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        findings.error(&span, syntax_finding(error.message()));
    }
    if !errors.is_empty() {
        return (None, findings.into_sorted());
    }
    let span = document.span();
    let root = Spanned::new(span, DeValue::Table(document.into_inner()));
    let config = Section::open(&root, "lockstep.toml", &SECTIONS, &mut findings)
        .map(|root| read_root(&root, folder_name, &mut findings));
    (config, findings.into_sorted())
}

fn syntax_finding(message: &str) -> Finding {
    let one_line = message.lines().map(str::trim).collect::<Vec<_>>().join("; ");
    if one_line.contains("duplicate key") {
        return Finding::new("duplicate", "this key stands here twice").hint("keep one of the two");
    }
    Finding::new("config-syntax", one_line)
}

fn read_root(root: &Section<'_, '_>, folder_name: &str, findings: &mut Findings<'_>) -> Config {
    let design = read_designs(root, findings);
    Config {
        name: read_name(root, findings).unwrap_or_else(|| folder_name.to_owned()),
        code: read_code(root, findings),
        store: read_store(root, findings),
        mapping: rules::read_mappings(root, &design, findings),
        ignores: rules::read_ignores(root, findings),
        accepted: rules::read_accepted(root, findings),
        compare: read_compare(root, findings),
        sync: read_sync(root, findings),
        coverage: coverage::read(root, findings),
        sessions: browser::read(root, findings),
        hub: read_hub(root, findings),
        design,
    }
}

fn read_name(root: &Section<'_, '_>, findings: &mut Findings<'_>) -> Option<String> {
    let section = Section::open(root.get("workspace")?, "[workspace]", &["name"], findings)?;
    section.text("name", findings).map(|(name, _)| name)
}

fn read_hub(root: &Section<'_, '_>, findings: &mut Findings<'_>) -> Option<String> {
    let section = Section::open(root.get("hub")?, "[hub]", &["url"], findings)?;
    let (text, span) = section.text("url", findings)?;
    let url = browser::web_address(&text);
    if url.is_none() {
        let finding = Finding::new("bad-value", "`url` is no address that begins with http:// or https://");
        findings.error(&span, finding.hint("for example `url = \"https://hub.example.org\"`"));
    }
    url.map(|url| url.as_str().trim_end_matches('/').to_owned())
}

fn read_code(root: &Section<'_, '_>, findings: &mut Findings<'_>) -> Vec<CodePackage> {
    const KEYS: [&str; 5] = ["root", "framework", "include", "exclude", "stories"];
    let mut packages = Vec::new();
    let mut seen = BTreeMap::new();
    for entry in root.list("code", findings) {
        let Some(section) = Section::open(entry, "[[code]]", &KEYS, findings) else { continue };
        let written = section.text("root", findings).unwrap_or((".".into(), section.span().clone()));
        let Some(path) = workspace_path(&written.0, &written.1, findings) else { continue };
        let place = findings.place(section.span());
        refuse_second(&mut seen, path.clone(), "package root", place.line, &written.1, findings);
        packages.push(CodePackage {
            root: path,
            framework: read_framework(&section, findings),
            include: read_globs(&section, "include", findings),
            exclude: read_globs(&section, "exclude", findings),
            stories: read_globs(&section, "stories", findings),
            place: Some(place),
        });
    }
    if root.get("code").is_none() {
        let root = WorkspacePath::root();
        packages.push(CodePackage {
            root,
            framework: Framework::default(),
            include: vec![],
            exclude: vec![],
            stories: vec![],
            place: None,
        });
    }
    packages
}

fn read_framework(section: &Section<'_, '_>, findings: &mut Findings<'_>) -> Framework {
    let Some((text, span)) = section.text("framework", findings) else { return Framework::default() };
    Framework::named(&text).unwrap_or_else(|| {
        let known = Framework::ALL.map(Framework::key);
        let finding = Finding::new("unknown-framework", format!("`{text}` is no framework that is read"));
        findings.error(
            &span,
            match nearest(&text.to_lowercase(), known) {
                Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
                None => finding.hint(format!("known here: {}", known.join(", "))),
            },
        );
        Framework::default()
    })
}

fn read_globs(section: &Section<'_, '_>, key: &str, findings: &mut Findings<'_>) -> Vec<String> {
    let mut globs = Vec::new();
    for (glob, span) in section.texts(key, findings).unwrap_or_default() {
        if let Err(error) = globset::Glob::new(&glob) {
            findings.error(&span, bad_glob(&glob, &error));
        } else if workspace_path(&glob, &span, findings).is_some() {
            globs.push(glob);
        }
    }
    globs
}

pub(super) fn bad_glob(glob: &str, error: &globset::Error) -> Finding {
    Finding::new("bad-glob", format!("`{glob}` is no glob: {}", error.kind()))
}

fn read_designs(root: &Section<'_, '_>, findings: &mut Findings<'_>) -> Vec<DesignFile> {
    const KEYS: [&str; 5] = ["name", "file", "key", "figma", "credential"];
    let mut designs = Vec::new();
    let (mut names, mut files, mut keys) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for entry in root.list("design", findings) {
        let Some(section) = Section::open(entry, "[[design]]", &KEYS, findings) else { continue };
        let place = findings.place(section.span());
        let line = place.line;
        let name = section.required("name", "give it a short name, such as `name = \"acme\"`", findings);
        let live = live::read(&section, findings);
        let key = read_key(&section, live.as_ref(), findings);
        let Some((name, name_at)) = name else { continue };
        if name.contains('#') || name.chars().any(char::is_whitespace) {
            let message = format!(
                "the design name `{name}` can't hold `#` or blanks: addresses are written `name#4000:1394`"
            );
            findings.error(&name_at, Finding::new("bad-value", message));
        }
        let Some((file, file_at)) = read_file(&section, &name, findings) else { continue };
        refuse_second(&mut names, name.clone(), "design name", line, &name_at, findings);
        refuse_second(&mut files, file.clone(), "design file", line, &file_at, findings);
        if let Some((key, key_at)) = &key {
            refuse_second(&mut keys, key.clone(), "file key", line, key_at, findings);
        }
        designs.push(DesignFile { name, file, key: key.map(|(key, _)| key), live, place });
    }
    designs
}

/// The key of the file: as it is stated, or as it is asked for live.
fn read_key(
    section: &Section<'_, '_>,
    live: Option<&LiveFile>,
    findings: &mut Findings<'_>,
) -> Option<At<String>> {
    let key = section.text("key", findings);
    if section.get("figma").is_none() {
        return key;
    }
    if let Some((_, at)) = key {
        let finding = Finding::new("duplicate", "`figma` names the file already")
            .hint("leave `key` out: it is for files that are saved by hand");
        findings.error(&at, finding);
    }
    live.map(|live| (live.key.clone(), section.span().clone()))
}

/// Where the file is in the workspace. A live one needs no place of its own.
fn read_file(
    section: &Section<'_, '_>,
    name: &str,
    findings: &mut Findings<'_>,
) -> Option<At<WorkspacePath>> {
    if section.get("file").is_none() && section.get("figma").is_some() {
        return Some((LiveFile::default_copy(name)?, section.span().clone()));
    }
    const HINT: &str =
        "say where the file is: `file = \"design/acme.figma.json\"`, or `figma = \"…\"` for a live one";
    let (file, at) = section.required("file", HINT, findings)?;
    Some((workspace_path(&file, &at, findings)?, at))
}

/// Reports a name that stood in an earlier entry too.
fn refuse_second<K: Ord + std::fmt::Display>(
    seen: &mut BTreeMap<K, u32>,
    key: K,
    what: &str,
    line: u32,
    span: &Range<usize>,
    findings: &mut Findings<'_>,
) {
    match seen.get(&key) {
        Some(first) => {
            let message = format!("the {what} `{key}` stands here twice, first in the entry on line {first}");
            findings.error(span, Finding::new("duplicate", message).hint("keep one of the two"));
        }
        None => {
            seen.insert(key, line);
        }
    }
}

/// A path inside the workspace, or a finding that says why it is none.
pub(super) fn workspace_path(
    text: &str,
    span: &Range<usize>,
    findings: &mut Findings<'_>,
) -> Option<WorkspacePath> {
    WorkspacePath::new(text)
        .map_err(|problem| {
            let finding = Finding::new("outside-workspace", problem.to_string())
                .hint("move lockstep.toml to a folder that holds everything it names");
            findings.error(span, finding);
        })
        .ok()
}

fn read_store(root: &Section<'_, '_>, findings: &mut Findings<'_>) -> StoreLocation {
    let section =
        root.get("store").and_then(|store| Section::open(store, "[store]", &["url", "url_env"], findings));
    let Some(section) = section else { return StoreLocation::Embedded };
    match (section.text("url", findings), section.text("url_env", findings)) {
        (Some(_), Some((_, span))) => {
            let message = "[store] has both `url` and `url_env`";
            findings.error(&span, Finding::new("duplicate", message).hint("keep one of the two"));
            StoreLocation::Embedded
        }
        (Some((url, span)), None) => {
            let url = StoreUrl::new(url);
            check_store_url(&url, &span, findings);
            StoreLocation::Url(url)
        }
        (None, Some((name, _))) => StoreLocation::Variable(name),
        (None, None) => StoreLocation::Embedded,
    }
}

fn check_store_url(url: &StoreUrl, span: &Range<usize>, findings: &mut Findings<'_>) {
    let known = ["postgres://", "postgresql://", "sqlite:"];
    if !known.iter().any(|scheme| url.expose().starts_with(scheme)) {
        let finding =
            Finding::new("bad-value", "the database's address must start with postgres:// or sqlite:").hint(
                "for example postgres://user@host/lockstep; leave [store] out for the embedded database",
            );
        findings.error(span, finding);
    } else if url.has_password() {
        let finding = Finding::new("password-in-file", "a password stands in this file")
            .hint("put the address into an environment variable and write `url_env = \"NAME\"`");
        findings.warning(span, finding);
    }
}

fn read_compare(root: &Section<'_, '_>, findings: &mut Findings<'_>) -> CompareRules {
    let states = root
        .get("compare")
        .and_then(|compare| Section::open(compare, "[compare]", &["interaction_states"], findings))
        .and_then(|section| section.texts("interaction_states", findings));
    CompareRules {
        interaction_states: states.map(|states| states.into_iter().map(|(state, _)| state).collect()),
    }
}

fn read_sync(root: &Section<'_, '_>, findings: &mut Findings<'_>) -> SyncRules {
    const KEYS: [&str; 4] = ["default_direction", "bucket_seconds", "stories", "format"];
    let mut rules = SyncRules::default();
    let section = root.get("sync").and_then(|sync| Section::open(sync, "[sync]", &KEYS, findings));
    let Some(section) = section else { return rules };
    if let Some((text, span)) = section.text("default_direction", findings) {
        match text.parse() {
            Ok(direction) => rules.default_direction = direction,
            Err(error) => findings.error(&span, unknown_direction(&error)),
        }
    }
    if let Some((seconds, span)) = section.integer("bucket_seconds", findings) {
        match u32::try_from(seconds).ok().filter(|seconds| (1..=86_400).contains(seconds)) {
            Some(seconds) => rules.bucket_seconds = seconds,
            None => {
                let message = format!("`bucket_seconds` must be from 1 to 86400, not {seconds}");
                findings.error(&span, Finding::new("bad-value", message));
            }
        }
    }
    rules.stories = section.boolean("stories", findings).unwrap_or(rules.stories);
    rules.format = section.boolean("format", findings).unwrap_or(rules.format);
    rules
}

fn unknown_direction(error: &UnknownDirection) -> Finding {
    let finding = Finding::new("unknown-direction", format!("`{}` is no direction", error.0));
    let known = Direction::ALL.map(Direction::as_str);
    match nearest(&error.0.replace('-', "_"), known) {
        Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
        None => finding.hint(format!("known here: {}", known.join(", "))),
    }
}
