//! The options of `enum` properties: what is said of a list of options, however many properties take it.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use foldhash::{HashMap, HashSet, HashSetExt};
use lockstep_core::{
    contract::{OptionName, sha256_hex},
    shared::Shared,
    statement::Identity,
};

use crate::{
    facts::{Literal, ObjectMember, Value},
    model::{DeclarationForm, Place},
    resolve::{LiteralTy, View},
};

/// What is said of one list of options.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub names: Shared<BTreeSet<OptionName>>,
    pub identities: Shared<BTreeMap<OptionName, Identity>>,
    pub places: Shared<BTreeMap<OptionName, Vec<Place>>>,
    /// The ways in which they are declared.
    pub forms: BTreeSet<DeclarationForm>,
}

/// The lists of options met so far. Many components of a library take the same long ones (spaces, colours).
#[derive(Debug, Default)]
pub(crate) struct Choices<'p> {
    known: RefCell<HashMap<Vec<LiteralTy<'p>>, Rc<Choice>>>,
}

impl<'p> Choices<'p> {
    /// What is said of a list of options.
    pub(super) fn of(&self, project: &View<'p>, options: Vec<LiteralTy<'p>>) -> Rc<Choice> {
        if let Some(known) = self.known.borrow().get(&options) {
            options
                .iter()
                .filter_map(|option| option.origin)
                .for_each(|origin| project.seen.note(origin.file));
            return known.clone();
        }
        let choice = Rc::new(Choice {
            names: options.iter().map(|option| OptionName::from(option.value.as_text())).collect(),
            identities: identities(&options).into(),
            places: places(project, &options).into(),
            forms: forms(project, &options),
        });
        self.known.borrow_mut().insert(options, choice.clone());
        choice
    }
}

fn identities(options: &[LiteralTy<'_>]) -> BTreeMap<OptionName, Identity> {
    let mut tokens: BTreeMap<OptionName, BTreeSet<String>> = BTreeMap::new();
    for option in options {
        let Some(origin) = option.origin else { continue };
        let tokens = tokens.entry(option.value.as_text().into()).or_default();
        if origin.count > 1 {
            tokens.insert(format!("pos:{}/{}", origin.index, origin.count));
        }
        tokens.extend(origin.body.and_then(body_token));
    }
    let mut seen = HashSet::new();
    let all = tokens.values().flatten();
    let ambiguous: HashSet<String> = all.filter(|token| !seen.insert(token.as_str())).cloned().collect();
    tokens
        .into_iter()
        .map(|(name, mut tokens)| {
            tokens.retain(|token| !ambiguous.contains(token));
            (name, tokens.into_iter().collect::<Identity>())
        })
        .filter(|(_, identity)| !identity.0.is_empty())
        .collect()
}

fn places(project: &View<'_>, options: &[LiteralTy<'_>]) -> BTreeMap<OptionName, Vec<Place>> {
    let mut found: BTreeMap<OptionName, Vec<Place>> = BTreeMap::new();
    for option in options {
        let Some(origin) = option.origin else { continue };
        let places = found.entry(option.value.as_text().into()).or_default();
        let place = project.place(origin.file, origin.range);
        if !places.contains(&place) {
            places.push(place);
        }
    }
    found
}

fn forms(project: &View<'_>, options: &[LiteralTy<'_>]) -> BTreeSet<DeclarationForm> {
    let form = |option: &LiteralTy<'_>| match option.origin {
        Some(origin) if project.file(origin.file).own => origin.form,
        _ => DeclarationForm::Computed,
    };
    options.iter().map(form).collect()
}

/// A token for what a variant's option stands for: its classes.
fn body_token(body: &Value) -> Option<String> {
    let mut text = String::new();
    collect_text(body, &mut text, 0);
    let text = text.trim();
    (!text.is_empty()).then(|| format!("body:{}", &sha256_hex(text.as_bytes())[..16]))
}

fn collect_text(value: &Value, text: &mut String, depth: usize) {
    if depth > 8 {
        return;
    }
    match value {
        Value::Literal(Literal::String(part), _) => {
            text.push_str(part);
            text.push('\n');
        }
        Value::Array(elements, _) => {
            elements.iter().for_each(|element| collect_text(element, text, depth + 1))
        }
        Value::Object(members, _) => {
            for member in members {
                if let ObjectMember::Property { key, value, .. } = member {
                    text.push_str(key);
                    text.push(':');
                    collect_text(value, text, depth + 1);
                }
            }
        }
        Value::Const(inner) | Value::As(inner, _) => collect_text(inner, text, depth + 1),
        Value::Path(path, _) => text.push_str(&path.join(".")),
        _ => {}
    }
}
