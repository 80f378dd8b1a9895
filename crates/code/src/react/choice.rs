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

use super::classify::{Class, classify};
use crate::{
    facts::{Literal, ObjectMember, Value},
    model::{DeclarationForm, Place},
    resolve::{Evaluator, LiteralTy, MadeFrom, PropertyPlace, Thunk, ThunkKey, View},
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

/// What a type comes to as that of a property, with what is said of its options.
#[derive(Debug)]
pub(super) struct Classified<'p> {
    pub class: Class<'p>,
    pub choice: Rc<Choice>,
}

/// What is known of a type's class: what it was made from, and the type itself, so that no other takes its place.
type KnownClass<'p> = (Rc<Classified<'p>>, MadeFrom, Thunk<'p>);

/// What many components of a library share, as one thread met it so far: the long lists of options (spaces, colours),
/// and the properties of the types that they extend.
#[derive(Debug, Default)]
pub(crate) struct Choices<'p> {
    known: RefCell<HashMap<Vec<LiteralTy<'p>>, Rc<Choice>>>,
    classes: RefCell<HashMap<ThunkKey, KnownClass<'p>>>,
    identities: RefCell<HashMap<PropertyPlace<'p>, Identity>>,
}

impl<'p> Choices<'p> {
    /// What a property's type comes to, worked out once unless a limit was met.
    pub(super) fn classified(&self, evaluator: &Evaluator<'p>, ty: &Thunk<'p>) -> Rc<Classified<'p>> {
        let key = ty.key();
        if let Some(key) = key
            && let Some((known, made_from, _)) = self.classes.borrow().get(&key)
        {
            evaluator.project.seen.note_all(made_from);
            return known.clone();
        }
        let work_out = || {
            let class = classify(&evaluator.force(ty));
            let choice = match &class {
                Class::Enum { options, .. } => self.of(&evaluator.project, options),
                _ => Rc::default(),
            };
            Rc::new(Classified { class, choice })
        };
        let Some(key) = key else { return work_out() };
        let ((classified, limited), made_from) =
            evaluator.project.seen.during(|| evaluator.limits_met(work_out));
        if !limited {
            self.classes.borrow_mut().insert(key, (classified.clone(), made_from, ty.clone()));
        }
        classified
    }

    /// What tells a property that is declared at a place from others of its type.
    pub(super) fn identity(&self, place: PropertyPlace<'p>) -> Identity {
        let of_place = || {
            let scope = if place.owner.is_empty() { String::new() } else { format!("{}:", place.owner) };
            Identity::token(format!("pos:{scope}{}/{}", place.index, place.count))
        };
        self.identities.borrow_mut().entry(place).or_insert_with(of_place).clone()
    }

    /// What is said of a list of options.
    fn of(&self, project: &View<'p>, options: &[LiteralTy<'p>]) -> Rc<Choice> {
        if let Some(known) = self.known.borrow().get(options) {
            options
                .iter()
                .filter_map(|option| option.origin)
                .for_each(|origin| project.seen.note(origin.file));
            return known.clone();
        }
        let choice = Rc::new(Choice {
            names: options.iter().map(|option| OptionName::from(option.value.as_text())).collect(),
            identities: identities(options).into(),
            places: places(project, options).into(),
            forms: forms(project, options),
        });
        self.known.borrow_mut().insert(options.to_vec(), choice.clone());
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
        .filter(|(_, identity)| !identity.tokens().is_empty())
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
