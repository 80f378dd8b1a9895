//! Reads `[coverage]`: what is counted, which kinds of tests a component shall have, and how much is enough.

use std::{collections::BTreeSet, ops::Range};

use lockstep_core::{
    coverage::{Strategy, TestKind, Thresholds},
    word::{UnknownWord, Word},
};
use toml::{Spanned, de::DeValue};

use super::{
    NameGlob, nearest,
    reader::{Finding, Findings, Section, mismatch},
    sections::bad_glob,
};

/// `[coverage]`.
#[derive(Debug, Clone)]
pub struct CoverageRules {
    /// What is counted; by default each option.
    pub strategy: Strategy,
    /// How much is enough, of all components together and of each.
    pub thresholds: Thresholds,
    /// What is enough of some components; the first pattern that fits counts.
    pub components: Vec<(NameGlob, f64)>,
    /// The kinds of tests that each component shall have; by default all.
    pub tests: BTreeSet<TestKind>,
    /// Components that are not counted.
    pub exclude: Vec<NameGlob>,
    /// Components that nothing is written for but what a sync asks for: no scaffolds.
    pub paused: Vec<NameGlob>,
    /// Whether a sync is followed by stories for what still has none.
    pub scaffold: bool,
}

impl Default for CoverageRules {
    fn default() -> Self {
        Self {
            strategy: Strategy::EachOption,
            thresholds: Thresholds::default(),
            components: Vec::new(),
            tests: TestKind::ALL.iter().copied().collect(),
            exclude: Vec::new(),
            paused: Vec::new(),
            scaffold: false,
        }
    }
}

impl CoverageRules {
    /// What is enough of a component, where it has a threshold of its own.
    pub fn own_threshold(&self, component: &str) -> Option<f64> {
        self.components.iter().find(|(pattern, _)| pattern.matches(component)).map(|(_, percent)| *percent)
    }

    /// What pauses scaffolds of a component, if anything does.
    pub fn paused(&self, component: &str) -> Option<&NameGlob> {
        self.paused.iter().find(|pattern| pattern.matches(component))
    }

    /// Whether a component is not counted.
    pub fn excludes(&self, component: &str) -> bool {
        self.exclude.iter().any(|pattern| pattern.matches(component))
    }
}

const KEYS: [&str; 8] =
    ["strategy", "min", "min_component", "components", "tests", "exclude", "paused", "scaffold"];

pub(super) fn read(root: &Section<'_, '_>, findings: &mut Findings<'_>) -> CoverageRules {
    let mut rules = CoverageRules::default();
    let section = root.get("coverage").and_then(|value| Section::open(value, "[coverage]", &KEYS, findings));
    let Some(section) = section else { return rules };
    if let Some((text, span)) = section.text("strategy", findings) {
        rules.strategy = word(&text, &span, findings).unwrap_or(rules.strategy);
    }
    let mut percent_of = |key| percent(section.get(key)?, &section.key(key), findings);
    rules.thresholds = Thresholds { overall: percent_of("min"), component: percent_of("min_component") };
    for ((name, span), value) in section.entries("components", findings) {
        let Some(pattern) = pattern(&name, &span, findings) else { continue };
        let percent = percent(value, &format!("`{name}` in [coverage.components]"), findings);
        rules.components.extend(percent.map(|percent| (pattern, percent)));
    }
    if let Some(kinds) = section.texts("tests", findings) {
        rules.tests = kinds.iter().filter_map(|(text, span)| word(text, span, findings)).collect();
    }
    rules.exclude = patterns(&section, "exclude", findings);
    rules.paused = patterns(&section, "paused", findings);
    rules.scaffold = section.boolean("scaffold", findings).unwrap_or(rules.scaffold);
    rules
}

fn word<W: Word>(text: &str, span: &Range<usize>, findings: &mut Findings<'_>) -> Option<W> {
    let known = || W::all().iter().map(|word| word.word());
    W::of_word(text)
        .map_err(|UnknownWord { what, word, known: all }| {
            let finding = Finding::new("bad-value", format!("`{word}` is no {what}"));
            findings.error(
                span,
                match nearest(&word.replace('_', "-"), known()) {
                    Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
                    None => finding.hint(format!("known here: {all}")),
                },
            );
        })
        .ok()
}

fn patterns(section: &Section<'_, '_>, key: &str, findings: &mut Findings<'_>) -> Vec<NameGlob> {
    let texts = section.texts(key, findings).unwrap_or_default();
    texts.iter().filter_map(|(text, span)| pattern(text, span, findings)).collect()
}

fn pattern(text: &str, span: &Range<usize>, findings: &mut Findings<'_>) -> Option<NameGlob> {
    NameGlob::new(text).map_err(|error| findings.error(span, bad_glob(text, &error))).ok()
}

/// A number from 0 to 100.
fn percent(value: &Spanned<DeValue<'_>>, name: &str, findings: &mut Findings<'_>) -> Option<f64> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse::<f64>().ok(),
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => {
            mismatch(value, name, "a number of percent", findings);
            return None;
        }
    };
    let percent = number.filter(|percent| (0.0..=100.0).contains(percent));
    if percent.is_none() {
        let message = format!("{name} must be from 0 to 100");
        findings.error(&value.span(), Finding::new("bad-value", message));
    }
    percent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::config::Config;

    #[test]
    fn what_is_asked_for_is_read() {
        let text = "[coverage]\nstrategy = \"pairwise\"\nmin = 80\nmin_component = 12.5\ntests = [\"visual\"]\nexclude = [\"Old*\"]\n\
                    [coverage.components]\nButton = 100\n\"B*\" = 60\n";
        let rules = Config::parse(text, "x").unwrap().0.coverage;
        assert_eq!(rules.strategy, Strategy::Pairwise);
        assert_eq!(rules.thresholds, Thresholds { overall: Some(80.0), component: Some(12.5) });
        assert_eq!(rules.tests, BTreeSet::from([TestKind::Visual]));
        let own = ["Button", "Badge", "Card"].map(|name| rules.own_threshold(name));
        assert_eq!(own, [Some(100.0), Some(60.0), None]);
        assert_eq!(["OldCard", "Card"].map(|name| rules.excludes(name)), [true, false]);
        let nothing = Config::parse("", "x").unwrap().0.coverage;
        assert_eq!((nothing.strategy, nothing.tests.len()), (Strategy::EachOption, 3));
    }

    #[test]
    fn what_is_wrong_is_said_with_what_was_meant() {
        for (text, expected) in [
            ("strategy = \"pair_wise\"", "`pair_wise` is no coverage strategy (did you mean `pairwise`?)"),
            ("min = 101", "`min` in [coverage] must be from 0 to 100"),
            ("min = \"90\"", "`min` in [coverage] must be a number of percent, not a string"),
            ("min = nan", "`min` in [coverage] must be from 0 to 100"),
            ("tests = [\"visuel\"]", "`visuel` is no test kind (did you mean `visual`?)"),
            ("strateg = 1", "unknown key `strateg` in [coverage] (did you mean `strategy`?)"),
            ("components = { \"[\" = 1 }", "`[` is no glob: unclosed character class; missing ']'"),
        ] {
            let error = Config::parse(&format!("[coverage]\n{text}\n"), "x").unwrap_err();
            let [found] = &error.diagnostics[..] else { panic!("{:?}", error.diagnostics) };
            let hint = found.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
            assert_eq!(format!("{}{hint}", found.message), expected);
        }
    }
}
