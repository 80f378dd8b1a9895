//! Suggestions of which design component a component may be. A person accepts them; they never link by themselves.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::spelling::words;
use crate::contract::{Contract, NormalisedName, normalise};

/// A design component that may be linked.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its contract, in its own spelling.
    pub contract: &'a Contract,
}

/// A possible link, with how likely it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Candidates, with what is compared of each worked out once for all the components that it is held against.
#[derive(Debug, Clone)]
pub struct Candidates<'a>(Vec<(&'a str, Features)>);

impl<'a> FromIterator<Candidate<'a>> for Candidates<'a> {
    fn from_iter<T: IntoIterator<Item = Candidate<'a>>>(candidates: T) -> Self {
        let features =
            |candidate: Candidate<'a>| (candidate.name, Features::of(candidate.name, candidate.contract));
        Self(candidates.into_iter().map(features).collect())
    }
}

impl Candidates<'_> {
    /// The best candidates for a component, best first, at most `limit`.
    ///
    /// The score is the mean of how much the names have in common (the better of the Dice coefficient over their words
    /// and over their letter pairs), weighted 0.7, and the share of properties with the same name, weighted 0.3.
    pub fn suggest(&self, name: &str, contract: &Contract, limit: usize) -> Vec<Suggestion> {
        let mine = Features::of(name, contract);
        let mut suggestions: Vec<Suggestion> = self
            .0
            .iter()
            .enumerate()
            .filter_map(|(index, (name, theirs))| score(index, name, &mine, theirs))
            .collect();
        suggestions.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.name.cmp(&b.name)));
        suggestions.truncate(limit);
        suggestions
    }
}

/// What is compared of a component, each sorted and without repeats.
#[derive(Debug, Clone)]
struct Features {
    /// The words of the name in small letters; a slash path's last parts weigh the same as the others.
    words: Vec<String>,
    letter_pairs: Vec<(char, char)>,
    properties: Vec<NormalisedName>,
}

impl Features {
    fn of(name: &str, contract: &Contract) -> Self {
        let letters: Vec<char> = normalise(name).as_str().chars().collect();
        Self {
            words: sorted(words(name).into_iter().map(|word| word.to_lowercase())),
            letter_pairs: sorted(letters.windows(2).map(|pair| (pair[0], pair[1]))),
            properties: sorted(contract.properties.keys().map(|name| name.normalised().clone())),
        }
    }
}

fn sorted<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut values: Vec<T> = values.collect();
    values.sort();
    values.dedup();
    values
}

/// What two sorted lists share.
fn shared<'a, T: Ord>(mut a: &'a [T], mut b: &[T]) -> impl Iterator<Item = &'a T> {
    std::iter::from_fn(move || {
        while let ([first, rest_of_a @ ..], [other, rest_of_b @ ..]) = (a, b) {
            let order = first.cmp(other);
            if order.is_le() {
                a = rest_of_a;
            }
            if order.is_ge() {
                b = rest_of_b;
            }
            if order.is_eq() {
                return Some(first);
            }
        }
        None
    })
}

/// The suggestion of a candidate that is worth showing.
fn score(index: usize, name: &str, mine: &Features, theirs: &Features) -> Option<Suggestion> {
    let words = shared(&mine.words, &theirs.words).count();
    let by_words = dice(words, mine.words.len(), theirs.words.len());
    let pairs = shared(&mine.letter_pairs, &theirs.letter_pairs).count();
    let by_letters = dice(pairs, mine.letter_pairs.len(), theirs.letter_pairs.len());
    let by_name = 0.7 * by_words.max(by_letters);
    // Nearly all candidates end here: not even the same properties would make up for such a name.
    if rounded(by_name + 0.3) < WORTH_SHOWING {
        return None;
    }
    let mut reasons = Vec::new();
    if words > 0 {
        let words = shared(&mine.words, &theirs.words).cloned().collect();
        reasons.push(SuggestionReason::SharedWords { words });
    } else if by_letters > 0.6 {
        reasons.push(SuggestionReason::SimilarSpelling);
    }
    let common = shared(&mine.properties, &theirs.properties).count();
    let of = mine.properties.len().min(theirs.properties.len());
    let by_properties = if of == 0 { 0.0 } else { ratio(common, of) };
    if common > 0 {
        reasons.push(SuggestionReason::SharedProperties { shared: common, of });
    }
    let score = rounded(by_name + 0.3 * by_properties);
    (score >= WORTH_SHOWING && !reasons.is_empty()).then(|| Suggestion {
        candidate: index,
        name: name.to_owned(),
        score,
        reasons,
    })
}

fn rounded(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
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
        let candidates = Candidates::from_iter(candidates);
        let found = candidates.suggest("ActionButton", &contract(&["size", "quiet"]), 3);
        let names: Vec<&str> = found.iter().map(|suggestion| suggestion.name.as_str()).collect();
        assert_eq!(names, ["Action button"]);
        assert!(found[0].score > 0.8);
        assert_eq!(found[0].reasons[0].to_string(), "both names say action button");
    }

    #[test]
    fn nothing_alike_is_not_suggested() {
        let empty = Contract::default();
        let candidates = Candidates::from_iter([Candidate { name: "Tooltip", contract: &empty }]);
        assert_eq!(candidates.suggest("Avatar", &empty, 3), []);
    }

    #[test]
    fn what_two_lists_share_is_in_both() {
        for (a, b, both) in [
            (&[][..], &[1][..], &[][..]),
            (&[1, 3, 5], &[2, 4, 6], &[]),
            (&[1, 2, 9], &[2, 3, 9], &[2, 9]),
            (&[1, 2, 3], &[1, 2, 3], &[1, 2, 3]),
        ] {
            assert_eq!(shared(a, b).copied().collect::<Vec<_>>(), both);
            assert_eq!(shared(b, a).copied().collect::<Vec<_>>(), both);
        }
    }
}
