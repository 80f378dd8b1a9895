//! Whether one type fits another.

use super::{
    Evaluator, Object,
    ty::{LiteralValue, Ty},
};

/// Types are held against each other this deeply.
pub(super) const DEEPEST: usize = 16;

impl<'p> Evaluator<'p> {
    /// Whether one type fits another, where that is certain.
    pub(super) fn assignable(&self, check: &Ty<'p>, pattern: &Ty<'p>, depth: usize) -> Option<bool> {
        if depth > DEEPEST {
            return None;
        }
        match (check, pattern) {
            (Ty::Unresolved(_), _) | (_, Ty::Unresolved(_)) => None,
            (Ty::Never, _) | (_, Ty::Any | Ty::Unknown) => Some(true),
            (Ty::Any, _) => None,
            (Ty::Union(members), _) => {
                all(members.iter().map(|member| self.assignable(member, pattern, depth + 1)))
            }
            (Ty::Boolean, Ty::Union(_)) if holds_both(pattern) => Some(true),
            (_, Ty::Union(patterns)) => {
                any(patterns.iter().map(|pattern| self.assignable(check, pattern, depth + 1)))
            }
            (Ty::Object(object), Ty::Object(pattern)) => self.fits_object(object, pattern, depth),
            (Ty::Component(_) | Ty::Function(_) | Ty::Variants(_) | Ty::List(_), Ty::Object(pattern)) => {
                let asks = pattern.properties.values().any(|property| !property.optional);
                match (asks, pattern.calls.is_empty() && pattern.component.is_none()) {
                    (false, true) => Some(true),
                    (true, _) if !matches!(check, Ty::List(_)) => Some(false),
                    _ => None,
                }
            }
            (Ty::Object(object), Ty::Function(_) | Ty::Component(_)) => {
                let is_called = object.component.is_some() || !object.calls.is_empty();
                if is_called {
                    Some(true)
                } else if object.is_closed() {
                    Some(false)
                } else {
                    None
                }
            }
            (Ty::Component(_) | Ty::Variants(_), Ty::Function(_)) => Some(true),
            (Ty::Function(_), Ty::Function(_)) | (Ty::Component(_), Ty::Component(_)) => Some(true),
            (Ty::List(a), Ty::List(b)) => match (&**a, &**b) {
                ([..], [element]) => {
                    let element = self.force(element);
                    all(a.iter().map(|known| self.assignable(&self.force(known), &element, depth + 1)))
                }
                _ => None,
            },
            (Ty::Component(_), Ty::Slot) => Some(true),
            (Ty::Object(object), Ty::Slot) if object.component.is_some() => Some(true),
            _ => simple(check, pattern),
        }
    }

    fn fits_object(&self, object: &Object<'p>, pattern: &Object<'p>, depth: usize) -> Option<bool> {
        let is_called = |object: &Object<'p>| object.component.is_some() || !object.calls.is_empty();
        if is_called(pattern) && !is_called(object) {
            return if object.is_closed() { Some(false) } else { None };
        }
        if !pattern.open.is_empty() {
            return None;
        }
        let properties = pattern.properties.iter().map(|(name, asked)| match object.properties.get(name) {
            Some(known) if known.optional && !asked.optional => Some(false),
            Some(known) => self.assignable(&self.force(&known.ty), &self.force(&asked.ty), depth + 1),
            None if asked.optional => Some(true),
            None if object.is_closed() => Some(false),
            None => None,
        });
        all(properties)
    }
}

/// `true | false` in a union.
fn holds_both(pattern: &Ty<'_>) -> bool {
    let holds = |value| {
        pattern.members().iter().any(
            |member| matches!(member, Ty::Literal(literal) if literal.value == LiteralValue::Boolean(value)),
        )
    };
    holds(true) && holds(false)
}

/// Of types without parts.
fn simple(check: &Ty<'_>, pattern: &Ty<'_>) -> Option<bool> {
    let is_primitive = |ty: &Ty<'_>| {
        matches!(
            ty,
            Ty::String
                | Ty::Number
                | Ty::Boolean
                | Ty::Nothing
                | Ty::Literal(_)
                | Ty::OpenString
                | Ty::OpenNumber
        )
    };
    match (check, pattern) {
        (Ty::Literal(a), Ty::Literal(b)) => Some(a.value == b.value),
        (Ty::Literal(a), Ty::String) => Some(matches!(a.value, LiteralValue::String(_))),
        (Ty::Literal(a), Ty::Number) => Some(matches!(a.value, LiteralValue::Number(_))),
        (Ty::Literal(a), Ty::Boolean) => Some(matches!(a.value, LiteralValue::Boolean(_))),
        (Ty::Literal(a), Ty::Tags) => match a.value {
            LiteralValue::String(name) => Some(name.starts_with(|first: char| first.is_ascii_lowercase())),
            _ => Some(false),
        },
        (Ty::String | Ty::OpenString, Ty::String) | (Ty::Number | Ty::OpenNumber, Ty::Number) => Some(true),
        (Ty::Boolean, Ty::Boolean) | (Ty::Nothing, Ty::Nothing) | (Ty::Tags, Ty::Tags | Ty::String) => {
            Some(true)
        }
        // Whatever can be written as a node or as an element's name.
        (Ty::Literal(_) | Ty::String | Ty::Slot | Ty::Tags, Ty::Slot) => Some(true),
        (Ty::Component(_) | Ty::Function(_) | Ty::Variants(_) | Ty::Object(_) | Ty::List(_), pattern)
            if is_primitive(pattern) || matches!(pattern, Ty::Never | Ty::Tags) =>
        {
            Some(false)
        }
        (check, Ty::Function(_) | Ty::Component(_) | Ty::List(_) | Ty::Never) if is_primitive(check) => {
            Some(false)
        }
        // Texts and numbers have members, which hardly any pattern asks for.
        (Ty::Nothing, Ty::Object(_)) => Some(false),
        (check, Ty::Object(pattern)) if is_primitive(check) => {
            if pattern.properties.is_empty() && pattern.is_closed() { Some(true) } else { Some(false) }
        }
        (a, b) if is_primitive(a) && is_primitive(b) && !matches!(b, Ty::OpenString | Ty::OpenNumber) => {
            Some(false)
        }
        _ => None,
    }
}

/// Of several questions, whether the answer to all is yes.
pub(super) fn all(answers: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut certain = true;
    for answer in answers {
        match answer {
            Some(true) => {}
            Some(false) => return Some(false),
            None => certain = false,
        }
    }
    certain.then_some(true)
}

/// Of several questions, whether the answer to one is yes.
fn any(answers: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut certain = true;
    for answer in answers {
        match answer {
            Some(false) => {}
            Some(true) => return Some(true),
            None => certain = false,
        }
    }
    certain.then_some(false)
}
