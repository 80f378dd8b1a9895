//! Makes the two contracts of one component comparable.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ComparePolicy, Comparison, Correspondence, Note, PropertyRule, Rules,
    correspondence::{DesignName, DesignProperty},
    interaction::{StateOption, names_states},
    options::{as_boolean, boolean_word, match_options},
    spelling::Spelling,
};
use crate::{
    contract::{Contract, NormalisedName, OptionName, Property, PropertyKind, PropertyName, normalise},
    statement::{Identities, Statement, WhyNotCompared},
};

/// Brings a design statement into code's spelling and leaves out on both sides what can't be compared.
///
/// Names correspond by rule, else by their normalised form. Whatever is matched by anything but an equal name, and
/// whatever is left out, is said in [`Comparison::matched`] and [`Comparison::set_aside`].
pub fn compare(code: &Statement, design: &Statement, rules: &Rules, policy: &ComparePolicy) -> Comparison {
    let mut work = Work {
        code,
        rules,
        policy,
        by_name: code.contract.properties.keys().map(|name| (name.normalised(), name)).collect(),
        ruled: by_design_name(rules),
        excluded: code.not_compared.iter().map(|left| (left.property.normalised(), left)).collect(),
        result: Comparison {
            code: code.contract.clone(),
            design: Contract::default(),
            code_identities: code.identities.clone(),
            design_identities: Identities::default(),
            matched: Vec::new(),
            set_aside: Vec::new(),
            alike: BTreeMap::new(),
            correspondence: Correspondence::default(),
        },
    };
    let mut unmatched = Vec::new();
    for (name, property) in &design.contract.properties {
        match work.target(name) {
            Target::Code(target) => work.matched(name, property, &target, design),
            Target::SetAside(reason) => work.set_aside(name, reason),
            Target::None => unmatched.push((name, property)),
        }
    }
    for (name, property) in unmatched {
        work.without_counterpart(name, property, design);
    }
    work.code_only(design);
    work.defaults();
    let Comparison { code, design, .. } = &mut work.result;
    if code == design {
        // What is agreed on is held once.
        *design = code.clone();
    }
    work.result
}

struct Work<'a> {
    code: &'a Statement,
    rules: &'a Rules,
    policy: &'a ComparePolicy,
    by_name: BTreeMap<NormalisedName, &'a PropertyName>,
    ruled: BTreeMap<NormalisedName, &'a PropertyRule>,
    excluded: BTreeMap<NormalisedName, &'a crate::statement::NotCompared>,
    result: Comparison,
}

/// The rules by the names of the design properties that they are about; of two for one, the first counts.
fn by_design_name(rules: &Rules) -> BTreeMap<NormalisedName, &PropertyRule> {
    rules.properties.iter().rev().map(|(design, rule)| (normalise(design), rule)).collect()
}

enum Target {
    Code(PropertyName),
    SetAside(String),
    None,
}

impl Work<'_> {
    fn target(&self, name: &PropertyName) -> Target {
        let normalised = name.normalised();
        let rule = self.ruled.get(&normalised).copied();
        let wanted = match rule {
            Some(PropertyRule::NotCompared { reason }) => {
                return Target::SetAside(format!("the mapping leaves it out: {reason}"));
            }
            Some(PropertyRule::Is(code)) => code.normalised(),
            None => normalised,
        };
        if let Some(code) = self.by_name.get(&wanted) {
            return Target::Code((*code).clone());
        }
        if let Some(left) = self.excluded.get(&wanted) {
            return Target::SetAside(format!(
                "code's `{}` is not compared: {}",
                left.property,
                describe(left.why, &left.detail)
            ));
        }
        match rule {
            Some(PropertyRule::Is(code)) => Target::Code(code.clone()),
            _ => Target::None,
        }
    }

    /// A design property whose place in code's contract is known.
    fn matched(
        &mut self,
        name: &PropertyName,
        property: &Property,
        target: &PropertyName,
        design: &Statement,
    ) {
        if self.result.design.properties.contains_key(target) {
            return self
                .set_aside(name, format!("another design property corresponds to `{target}` already"));
        }
        let code = self.code.contract.property(target);
        let (kept, names, remark) = match (property, code) {
            (Property::Enum { options, default }, Some(Property::Boolean { .. })) => {
                match as_boolean(options) {
                    Some((yes, no)) => {
                        let default = default.as_ref().and_then(boolean_word);
                        (
                            Property::boolean(default),
                            DesignName::BooleanWords { yes, no },
                            Some("a boolean drawn as variants".to_owned()),
                        )
                    }
                    None => (property.clone(), DesignName::plain(), None),
                }
            }
            (Property::Enum { .. }, Some(Property::Enum { .. }))
                if self.code.open_options.contains_key(target) =>
            {
                let reason = format!("code only suggests options: {}", self.code.open_options[target]);
                self.result.code.properties.remove(target);
                return self.set_aside(target, reason);
            }
            (
                Property::Enum { options, default },
                Some(Property::Enum { options: wanted, default: code_default }),
            ) => {
                let matched =
                    match_options(options, wanted, code_default.as_ref(), self.rules.options.get(target));
                let default = default.as_ref().and_then(|option| matched.to_code.get(option)).cloned();
                self.result
                    .matched
                    .extend(matched.remarks.into_iter().map(|remark| Note::new(target, remark)));
                let options = matched.to_code.values().cloned().collect();
                (Property::Enum { options, default }, DesignName::options(&matched.to_code), None)
            }
            (Property::Enum { options, default }, None) => {
                let matched = match_options(options, &BTreeSet::new(), None, self.rules.options.get(target));
                let default = default.as_ref().and_then(|option| matched.to_code.get(option)).cloned();
                let options = matched.to_code.values().cloned().collect();
                (Property::Enum { options, default }, DesignName::options(&matched.to_code), None)
            }
            (Property::Enum { .. }, Some(free @ (Property::Text | Property::Number))) => {
                let reason = format!("code takes any {} here, the design draws some of them", free.kind());
                self.result.code.properties.remove(target);
                return self.set_aside(target, reason);
            }
            (_, Some(code)) if compatible(property.kind(), code.kind()) => (
                code.clone().without_default(),
                DesignName::plain(),
                Some(format!("a design {} for code's {}", property.kind(), code.kind())),
            ),
            _ => (property.clone(), DesignName::plain(), None),
        };
        if let Some(remark) = remark {
            self.result.matched.push(Note::new(target, remark));
        }
        self.insert(name, property, target, kept, names, design);
    }

    fn insert(
        &mut self,
        name: &PropertyName,
        stated: &Property,
        target: &PropertyName,
        kept: Property,
        names: DesignName,
        design: &Statement,
    ) {
        if let Some(identity) = design.identities.properties.get(name) {
            self.result.design_identities.properties.insert(target.clone(), identity.clone());
        }
        if let Some(options) = design.identities.options.get(name) {
            let translated = names.translate_identities(options);
            if !translated.is_empty() {
                self.result.design_identities.options.insert(target.clone(), translated.into());
            }
        }
        self.result.design.properties.insert(target.clone(), kept);
        self.result
            .correspondence
            .properties
            .insert(target.clone(), DesignProperty { name: name.clone(), kind: stated.kind(), names });
    }

    /// A design property that code has no name for.
    fn without_counterpart(&mut self, name: &PropertyName, property: &Property, design: &Statement) {
        let property = match property {
            Property::Enum { options, default } => match self.without_states(name, options, default.as_ref())
            {
                Some(rest) => rest,
                None => return,
            },
            other => other.clone(),
        };
        if let Some(children) = self.children_for(name, &property, design) {
            self.result.matched.push(Note::new(
                &children,
                format!("the design's text `{name}` is what stands inside the element"),
            ));
            let kept = self.code.contract.property(&children).cloned().unwrap_or(Property::Slot);
            return self.insert(name, &property, &children, kept, DesignName::plain(), design);
        }
        let alike = self.same_options(&property, design);
        if let (Some(reason), None) = (self.code.open.first(), &alike) {
            let reason = format!("code may have it, but not all of its properties are known: {reason}");
            return self.set_aside(name, reason);
        }
        let target = PropertyName::from(
            Spelling::of(self.code.contract.properties.keys().map(PropertyName::as_str), Spelling::Camel)
                .write(name.as_str()),
        );
        if self.result.code.properties.contains_key(&target)
            || self.result.design.properties.contains_key(&target)
        {
            return self.set_aside(name, format!("its name in code would be `{target}`, which is taken"));
        }
        let (kept, names) = match &property {
            Property::Enum { options, default } => match as_boolean(options) {
                Some((yes, no)) => {
                    let default = default.as_ref().and_then(boolean_word);
                    self.result.matched.push(Note::new(&target, "a boolean drawn as variants"));
                    (Property::boolean(default), DesignName::BooleanWords { yes, no })
                }
                None => {
                    let wanted = alike.as_ref().and_then(|code| self.code.contract.property(code));
                    let wanted = wanted.map(|code| code.options().cloned().collect()).unwrap_or_default();
                    let matched = match_options(options, &wanted, None, None);
                    let default = default.as_ref().and_then(|option| matched.to_code.get(option)).cloned();
                    let options = matched.to_code.values().cloned().collect();
                    (Property::Enum { options, default }, DesignName::options(&matched.to_code))
                }
            },
            other => (other.clone(), DesignName::plain()),
        };
        if let Some(code) = alike {
            self.result.matched.push(Note::new(&target, format!("its options are those of code's `{code}`")));
            self.result.alike.insert(target.clone(), code);
        }
        self.insert(name, &property, &target, kept, names, design);
    }

    /// A property of code with the same options, when neither has another counterpart: one property under two names.
    fn same_options(&self, property: &Property, design: &Statement) -> Option<PropertyName> {
        let normalised =
            |property: &Property| property.options().map(OptionName::normalised).collect::<BTreeSet<_>>();
        let wanted = normalised(property);
        if wanted.len() < 2 {
            return None;
        }
        let taken = |name: &PropertyName| {
            self.result.design.properties.contains_key(name)
                || design.contract.properties.keys().any(|other| other.normalised() == name.normalised())
        };
        let mut alike = self
            .code
            .contract
            .properties
            .iter()
            .filter(|(name, code)| normalised(code) == wanted && !taken(name));
        match (alike.next(), alike.next()) {
            (Some((name, _)), None) => Some(name.clone()),
            _ => None,
        }
    }

    /// What is left of a property when its interaction states and the options that are booleans in code are taken out.
    fn without_states(
        &mut self,
        name: &PropertyName,
        options: &BTreeSet<OptionName>,
        default: Option<&OptionName>,
    ) -> Option<Property> {
        let mut left = options.clone();
        for rule in self
            .rules
            .booleans
            .iter()
            .filter(|rule| PropertyName::from(rule.property.as_str()).normalised() == name.normalised())
        {
            let wanted = OptionName::from(rule.option.as_str()).normalised();
            if let Some(option) = options.iter().find(|option| option.normalised() == wanted) {
                left.remove(option);
                self.option_as_boolean(name, option, rule.code.clone(), "a rule of the mapping");
            }
        }
        let classes: BTreeMap<&OptionName, StateOption> = options
            .iter()
            .map(|option| (option, self.policy.interaction_states.classify(option.as_str())))
            .collect();
        let has_states = classes.values().any(|class| *class == StateOption::Interaction);
        if has_states || names_states(name.normalised().as_str()) {
            let states: Vec<&OptionName> = classes
                .iter()
                .filter(|(_, class)| **class == StateOption::Interaction)
                .map(|(option, _)| *option)
                .collect();
            for (option, class) in &classes {
                match class {
                    StateOption::Interaction => {
                        left.remove(*option);
                    }
                    StateOption::Disabled if left.contains(*option) => {
                        left.remove(*option);
                        let code = self.disabled().unwrap_or_else(|| "disabled".into());
                        self.option_as_boolean(name, option, code, "`Disabled` is a boolean in code");
                    }
                    _ => {}
                }
            }
            if !states.is_empty() {
                let list = states.iter().map(|option| format!("`{option}`")).collect::<Vec<_>>().join(", ");
                self.result
                    .set_aside
                    .push(Note::new(name, format!("interaction states are no properties in code: {list}")));
            }
        }
        let only_rest = left.iter().all(|option| classes.get(option) == Some(&StateOption::Neutral));
        if left.len() < options.len() && only_rest {
            return None;
        }
        let default = default.filter(|option| left.contains(*option)).cloned();
        Some(Property::Enum { options: left.into(), default })
    }

    fn disabled(&self) -> Option<PropertyName> {
        ["disabled", "isdisabled"].iter().find_map(|wanted| {
            let name = self.by_name.get(&normalise(wanted))?;
            matches!(self.code.contract.property(name), Some(Property::Boolean { .. }))
                .then(|| (*name).clone())
        })
    }

    /// `State=Disabled` as code's `disabled`.
    fn option_as_boolean(
        &mut self,
        property: &PropertyName,
        option: &OptionName,
        code: PropertyName,
        reason: &str,
    ) {
        if self.result.design.properties.contains_key(&code) {
            return;
        }
        if let Some(left) = self.excluded.get(&code.normalised()) {
            let reason =
                format!("code's `{}` is not compared: {}", left.property, describe(left.why, &left.detail));
            return self.set_aside(property, reason);
        }
        if self.code.contract.property(&code).is_none() && !self.code.open.is_empty() {
            return self.set_aside(
                property,
                format!(
                    "code may have `{code}`, but not all of its properties are known: {}",
                    self.code.open[0]
                ),
            );
        }
        self.result.matched.push(Note::new(&code, format!("the design's `{property}={option}`: {reason}")));
        self.result.design.properties.insert(code.clone(), Property::boolean(Some(false)));
        let names = DesignName::OptionIsTrue { option: option.clone() };
        self.result
            .correspondence
            .properties
            .insert(code, DesignProperty { name: property.clone(), kind: PropertyKind::Enum, names });
    }

    /// The design's one text named as a label is for code's `children`, when both have no other counterpart.
    fn children_for(
        &self,
        name: &PropertyName,
        property: &Property,
        design: &Statement,
    ) -> Option<PropertyName> {
        const LABELS: [&str; 4] = ["label", "text", "content", "children"];
        let is_label = |name: &PropertyName| LABELS.contains(&name.normalised().as_str());
        if *property != Property::Text || !is_label(name) {
            return None;
        }
        let rivals = design.contract.properties.iter().filter(|(other, kind)| {
            **kind == Property::Text && is_label(other) && !self.by_name.contains_key(&other.normalised())
        });
        let children = PropertyName::from("children");
        let free = matches!(self.code.contract.property(&children), Some(Property::Slot | Property::Text))
            && !self.result.design.properties.contains_key(&children);
        (rivals.count() == 1 && free).then_some(children)
    }

    fn code_only(&mut self, design: &Statement) {
        let names: Vec<PropertyName> = self.result.code.properties.keys().cloned().collect();
        for name in names {
            if self.result.design.properties.contains_key(&name) {
                continue;
            }
            let reason = if let Some(text) = self.code.deprecated.get(&name) {
                Some(if text.is_empty() {
                    "deprecated in code".to_owned()
                } else {
                    format!("deprecated in code: {text}")
                })
            } else if name.as_str() == "children" {
                Some("what stands inside an element is drawn as layers, not as a property".to_owned())
            } else if self.result.code.property(&name) == Some(&Property::Number) {
                Some("a design tool has no kind of property for numbers".to_owned())
            } else {
                design.open.first().map(|reason| {
                    format!("the design may have it, but not all of it could be read: {reason}")
                })
            };
            if let Some(reason) = reason {
                self.result.code.properties.remove(&name);
                self.set_aside(&name, reason);
            }
        }
        self.left_out("code", self.code);
        self.left_out("the design", design);
    }

    /// What a side itself left out of its contract, unless a property of the other side said so already.
    fn left_out(&mut self, side: &str, statement: &Statement) {
        let mut said: BTreeSet<NormalisedName> =
            self.result.set_aside.iter().map(|note| normalise(&note.property)).collect();
        for left in &statement.not_compared {
            if said.insert(left.property.normalised()) {
                let reason = format!("in {side}: {}", describe(left.why, &left.detail));
                self.set_aside(&left.property, reason);
            }
        }
    }

    /// A default is compared only where both sides state one.
    fn defaults(&mut self) {
        let Comparison { code, design, set_aside, .. } = &mut self.result;
        let is_one_sided = |(name, stated): (&PropertyName, &Property)| {
            let other = code.property(name).is_some_and(|code| code.has_default() != stated.has_default());
            other.then(|| name.clone())
        };
        // What both state alike stays shared with what was read.
        let one_sided: Vec<PropertyName> = design.properties.iter().filter_map(is_one_sided).collect();
        for name in one_sided {
            let (code, design) = (code.properties.get_mut(&name), design.properties.get_mut(&name));
            let (Some(code), Some(design)) = (code, design) else { continue };
            let (silent, other) = match (code.default_text(), design.default_text()) {
                (None, Some(stated)) => ("code", stated),
                (Some(stated), None) => ("the design", stated),
                _ => continue,
            };
            let harmless = matches!((&*code, other.as_str()), (Property::Boolean { .. }, "false"));
            if code.kind() == design.kind() && !harmless {
                set_aside.push(Note::new(
                    &name,
                    format!("{silent} states no default; the other side has `{other}`"),
                ));
            }
            *code = code.clone().without_default();
            *design = design.clone().without_default();
        }
    }

    fn set_aside(&mut self, name: &PropertyName, reason: impl Into<String>) {
        self.result.set_aside.push(Note::new(name, reason));
    }
}

/// Kinds that stand for one another, because a design tool has nothing closer.
fn compatible(design: PropertyKind, code: PropertyKind) -> bool {
    use PropertyKind::{Boolean, Number, Slot, Text};
    matches!((design, code), (Text, Slot | Number) | (Boolean, Slot))
}

fn describe(why: WhyNotCompared, detail: &str) -> String {
    let class = match why {
        WhyNotCompared::Unresolved => "its type could not be resolved",
        WhyNotCompared::NoCounterpart => "a design tool has no counterpart for its type",
        WhyNotCompared::HtmlAttribute => "an HTML attribute",
        WhyNotCompared::Framework => "the framework's own",
        WhyNotCompared::Unread => "it could not be read",
    };
    if detail.is_empty() { class.to_owned() } else { format!("{class} ({detail})") }
}
