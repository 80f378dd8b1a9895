//! How the options of two `enum` properties correspond.

use std::collections::{BTreeMap, BTreeSet};

use super::spelling::Spelling;
use crate::contract::{NormalisedName, OptionName};

/// Design option to code's spelling of it, whether code has that option or not.
pub(super) struct MatchedOptions {
    pub(super) to_code: BTreeMap<OptionName, OptionName>,
    pub(super) remarks: Vec<String>,
}

/// Matches options by rule, then by normalised name, then by the default that a rule leaves out. Options that code
/// lacks get a name in code's spelling.
pub(super) fn match_options(
    design: &BTreeSet<OptionName>,
    code: &BTreeSet<OptionName>,
    code_default: Option<&OptionName>,
    rules: Option<&BTreeMap<String, OptionName>>,
) -> MatchedOptions {
    let mut to_code = BTreeMap::new();
    let mut remarks = Vec::new();
    let by_name: BTreeMap<NormalisedName, &OptionName> =
        code.iter().map(|option| (option.normalised(), option)).collect();
    let rules: BTreeMap<NormalisedName, &OptionName> = rules
        .into_iter()
        .flatten()
        .map(|(design, code)| (OptionName::from(design.as_str()).normalised(), code))
        .collect();

    let mut unmatched = Vec::new();
    for option in design {
        let normalised = option.normalised();
        if let Some(target) = rules.get(&normalised).copied().or_else(|| by_name.get(&normalised).copied()) {
            to_code.insert(option.clone(), target.clone());
        } else {
            unmatched.push(option);
        }
    }

    let default_is_free = |default: &OptionName| !to_code.values().any(|taken| taken == default);
    if let (false, [left_out], Some(default)) = (rules.is_empty(), &unmatched[..], code_default)
        && default_is_free(default)
    {
        remarks.push(format!(
            "`{left_out}` is left out by the mapping and stands for code's default `{default}`"
        ));
        to_code.insert((*left_out).clone(), default.clone());
        unmatched.clear();
    }

    if !unmatched.is_empty() {
        let spelling = Spelling::of(code.iter().map(OptionName::as_str), Spelling::Camel);
        let respelt = |option: &OptionName| (option.clone(), spelling.write(option.as_str()).into());
        to_code.extend(unmatched.into_iter().map(respelt));
    }
    remarks.extend(merged(&to_code));
    MatchedOptions { to_code, remarks }
}

/// Several design options that are one option in code.
fn merged(to_code: &BTreeMap<OptionName, OptionName>) -> Vec<String> {
    if to_code.values().collect::<BTreeSet<_>>().len() == to_code.len() {
        return Vec::new();
    }
    let mut by_target: BTreeMap<&OptionName, Vec<String>> = BTreeMap::new();
    for (design, code) in to_code {
        by_target.entry(code).or_default().push(format!("`{design}`"));
    }
    by_target
        .into_iter()
        .filter(|(_, names)| names.len() > 1)
        .map(|(code, names)| format!("{} are one option, `{code}`", names.join(" and ")))
        .collect()
}

/// `true` or `false` for what designers call them: `True/False`, `Yes/No`, `On/Off`.
pub(super) fn boolean_word(option: &OptionName) -> Option<bool> {
    match option.normalised().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// The words for true and false, when the options are nothing but the two.
pub(super) fn as_boolean(options: &BTreeSet<OptionName>) -> Option<(OptionName, OptionName)> {
    let (mut yes, mut no) = (None, None);
    for option in options {
        match boolean_word(option)? {
            true => yes = yes.xor(Some(option.clone())),
            false => no = no.xor(Some(option.clone())),
        }
    }
    Some((yes?, no?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(options: &[&str]) -> BTreeSet<OptionName> {
        options.iter().map(|option| OptionName::from(*option)).collect()
    }

    fn matched(
        design: &[&str],
        code: &[&str],
        default: Option<&str>,
        rules: &[(&str, &str)],
    ) -> (Vec<(String, String)>, Vec<String>) {
        let rules: BTreeMap<String, OptionName> =
            rules.iter().map(|(d, c)| ((*d).to_owned(), OptionName::from(*c))).collect();
        let default = default.map(OptionName::from);
        let result = match_options(&set(design), &set(code), default.as_ref(), Some(&rules));
        (result.to_code.iter().map(|(d, c)| (d.to_string(), c.to_string())).collect(), result.remarks)
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(d, c)| ((*d).to_owned(), (*c).to_owned())).collect()
    }

    #[test]
    fn options_match_by_rule_name_and_left_out_default() {
        assert_eq!(
            matched(&["Small", "X Large"], &["small", "x-large"], None, &[]).0,
            pairs(&[("Small", "small"), ("X Large", "x-large")])
        );
        assert_eq!(
            matched(&["Big", "S"], &["small", "large"], None, &[("Big", "large")]).0,
            pairs(&[("Big", "large"), ("S", "s")])
        );

        let (pairs_, remarks) =
            matched(&["Large", "Regular"], &["large", "medium"], Some("medium"), &[("Large", "large")]);
        assert_eq!(pairs_, pairs(&[("Large", "large"), ("Regular", "medium")]));
        assert_eq!(remarks, ["`Regular` is left out by the mapping and stands for code's default `medium`"]);
    }

    #[test]
    fn without_a_mapping_nothing_stands_for_the_default() {
        assert_eq!(
            matched(&["Regular"], &["medium"], Some("medium"), &[]).0,
            pairs(&[("Regular", "regular")])
        );
    }

    #[test]
    fn options_that_fall_together_are_said() {
        let (_, remarks) = matched(&["GhostMuted", "Ghost Muted"], &["ghostMuted"], None, &[]);
        assert_eq!(remarks, ["`Ghost Muted` and `GhostMuted` are one option, `ghostMuted`"]);
    }

    #[test]
    fn booleans_drawn_as_variants_are_seen() {
        assert_eq!(as_boolean(&set(&["Yes", "No"])), Some(("Yes".into(), "No".into())));
        assert_eq!(as_boolean(&set(&["True", "False"])), Some(("True".into(), "False".into())));
        for options in [&["True"][..], &["True", "False", "Mixed"], &["True", "Yes", "No"], &["On", "Large"]]
        {
            assert_eq!(as_boolean(&set(options)), None, "{options:?}");
        }
    }
}
