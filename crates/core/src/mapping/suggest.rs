//! Suggestions of which design component a component may be. A person accepts them; they never link by themselves.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::spelling::words;
use crate::contract::{Contract, normalise};

/// A design component that may be linked.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its contract, in its own spelling.
    pub contract: &'a Contract,
}

/// A possible link, with how likely it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The index of the candidate in the list given.
    #[serde(skip)]
    pub candidate: usize,
    /// The design component's name.
    pub name: String,
    /// From 0 to 1.
    pub score: f64,
    /// What speaks for it.
    pub reasons: Vec<SuggestionReason>,
}

/// What speaks for a suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum SuggestionReason {
    /// The words of the names that both share.
    SharedWords {
        /// The words.
        words: Vec<String>,
    },
    /// The names are spelt almost alike.
    SimilarSpelling,
    /// Properties that both have.
    SharedProperties {
        /// How many.
        shared: usize,
        /// Of how many in the smaller contract.
        of: usize,
    },
}

impl std::fmt::Display for SuggestionReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::SharedWords { words } => write!(f, "both names say {}", words.join(" ")),
            Self::SimilarSpelling => f.write_str("the names are spelt almost alike"),
            Self::SharedProperties { shared, of } => {
                write!(f, "{shared} of {of} properties have the same name")
            }
        }
    }
}

/// The least score worth showing.
const WORTH_SHOWING: f64 = 0.5;

/// The best candidates for a component, best first, at most `limit`.
///
/// The score is the mean of how much the names have in common (the better of the Dice coefficient over their words
/// and over their letter pairs), weighted 0.7, and the share of properties with the same name, weighted 0.3.
pub fn suggest(
    name: &str,
    contract: &Contract,
    candidates: &[Candidate<'_>],
    limit: usize,
) -> Vec<Suggestion> {
    let mut suggestions: Vec<Suggestion> = candidates
        .iter()
        .enumerate()
        .map(|(index, candidate)| score(index, name, contract, candidate))
        .filter(|suggestion| suggestion.score >= WORTH_SHOWING && !suggestion.reasons.is_empty())
        .collect();
    suggestions.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.name.cmp(&b.name)));
    suggestions.truncate(limit);
    suggestions
}

fn score(index: usize, name: &str, contract: &Contract, candidate: &Candidate<'_>) -> Suggestion {
    let mut reasons = Vec::new();
    let (mine, theirs) = (word_set(name), word_set(candidate.name));
    let shared: Vec<String> = mine.intersection(&theirs).cloned().collect();
    let by_words = dice(shared.len(), mine.len(), theirs.len());
    let by_letters = letter_pairs_alike(name, candidate.name);
    if !shared.is_empty() {
        reasons.push(SuggestionReason::SharedWords { words: shared });
    } else if by_letters > 0.6 {
        reasons.push(SuggestionReason::SimilarSpelling);
    }
    let properties = |contract: &Contract| {
        contract.properties.keys().map(|name| name.normalised()).collect::<BTreeSet<_>>()
    };
    let (mine, theirs) = (properties(contract), properties(candidate.contract));
    let (common, of) = (mine.intersection(&theirs).count(), mine.len().min(theirs.len()));
    let by_properties = if of == 0 { 0.0 } else { ratio(common, of) };
    if common > 0 {
        reasons.push(SuggestionReason::SharedProperties { shared: common, of });
    }
    let score = 0.7 * by_words.max(by_letters) + 0.3 * by_properties;
    Suggestion {
        candidate: index,
        name: candidate.name.to_owned(),
        score: (score * 100.0).round() / 100.0,
        reasons,
    }
}

/// The words of a name in small letters; a slash path's last parts weigh the same as the others.
fn word_set(name: &str) -> BTreeSet<String> {
    words(name).into_iter().map(|word| word.to_lowercase()).collect()
}

fn letter_pairs_alike(a: &str, b: &str) -> f64 {
    let pairs = |text: &str| {
        let letters: Vec<char> = normalise(text).as_str().chars().collect();
        letters.windows(2).map(|pair| (pair[0], pair[1])).collect::<BTreeSet<_>>()
    };
    let (a, b) = (pairs(a), pairs(b));
    dice(a.intersection(&b).count(), a.len(), b.len())
}

fn dice(shared: usize, a: usize, b: usize) -> f64 {
    if a + b == 0 { 0.0 } else { 2.0 * ratio(shared, a + b) }
}

#[expect(clippy::cast_precision_loss, reason = "counts of words and properties are far below 2^52")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Property;

    fn contract(properties: &[&str]) -> Contract {
        properties.iter().map(|name| ((*name).into(), Property::Text)).collect()
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let (action, list) = (contract(&["Size", "Label"]), contract(&[]));
        let candidates = [
            Candidate { name: "Action button", contract: &action },
            Candidate { name: "Button group", contract: &list },
            Candidate { name: "Tooltip", contract: &list },
        ];
        let found = suggest("ActionButton", &contract(&["size", "quiet"]), &candidates, 3);
        let names: Vec<&str> = found.iter().map(|suggestion| suggestion.name.as_str()).collect();
        assert_eq!(names, ["Action button"]);
        assert!(found[0].score > 0.8);
        assert_eq!(found[0].reasons[0].to_string(), "both names say action button");
    }

    #[test]
    fn nothing_alike_is_not_suggested() {
        let empty = Contract::default();
        assert_eq!(suggest("Avatar", &empty, &[Candidate { name: "Tooltip", contract: &empty }], 3), []);
    }
}
