//! Intersections: what fits all of several types.

use std::rc::Rc;

use foldhash::HashSet;

use super::{
    Evaluator, Object,
    object::joined,
    ty::{LiteralValue, Ty},
};

impl<'p> Evaluator<'p> {
    /// What fits all of some types. Of unions of objects each member is intersected by itself, as long as they are few:
    /// a discriminant still tells them apart.
    pub(super) fn intersection(&self, members: Vec<Ty<'p>>) -> Ty<'p> {
        const MOST_COMBINATIONS: usize = 32;
        let members: Vec<Ty<'p>> = members.into_iter().flat_map(without_unresolved).collect();
        let alternatives = |ty: &Ty<'p>| if is_choice_of_objects(ty) { ty.members().len() } else { 1 };
        let combinations = members.iter().map(alternatives).fold(1, usize::saturating_mul);
        if combinations == 1 || combinations > MOST_COMBINATIONS {
            return self.intersected(members);
        }
        let mut all: Vec<Vec<Ty<'p>>> = vec![Vec::new()];
        for member in &members {
            let each =
                if is_choice_of_objects(member) { member.members() } else { std::slice::from_ref(member) };
            all = all
                .into_iter()
                .flat_map(|known| {
                    each.iter().map(move |one| {
                        let mut next = known.clone();
                        next.push(one.clone());
                        next
                    })
                })
                .collect();
        }
        Ty::union(all.into_iter().map(|members| self.intersected(members)))
    }

    fn intersected(&self, members: Vec<Ty<'p>>) -> Ty<'p> {
        let mut objects: Option<Object<'p>> = None;
        let mut rest: Option<Ty<'p>> = None;
        let mut unresolved = Vec::new();
        let mut is_open = false;
        let mut add = |object: Object<'p>| match &mut objects {
            Some(all) => all.intersect(&object),
            None => objects = Some(object),
        };
        for member in members {
            match member {
                Ty::Object(object) => {
                    is_open |= object.properties.is_empty() && object.calls.is_empty();
                    add((*object).clone());
                }
                Ty::Component(props) => add(Object { component: Some(props), ..Object::default() }),
                Ty::Union(ref inner) if inner.iter().all(|ty| matches!(ty, Ty::Object(_))) => {
                    add(joined(inner).unwrap_or_default());
                }
                Ty::Never => return Ty::Never,
                Ty::Unresolved(reason) => unresolved.push(reason),
                Ty::Unknown => {}
                other => {
                    rest = Some(match rest {
                        Some(known) => narrower(&known, &other),
                        None => other,
                    })
                }
            }
        }
        match (rest, objects) {
            // `string & {}` keeps suggestions apart from any other string; a brand changes nothing either.
            (Some(Ty::String), Some(_)) if is_open => Ty::OpenString,
            (Some(Ty::Number), Some(_)) if is_open => Ty::OpenNumber,
            (Some(Ty::Function(callable)), Some(mut object)) => {
                object.calls.extend(callable.signature);
                Ty::Object(Rc::new(object))
            }
            (Some(Ty::Any), Some(mut object)) => {
                object.open_because("`any`".into());
                Ty::Object(Rc::new(object))
            }
            (Some(primitive), _) => primitive,
            (None, Some(mut object)) => match object.component.take() {
                Some(props) if object.properties.is_empty() && object.is_closed() => Ty::Component(props),
                component => {
                    object.component = component;
                    for reason in unresolved {
                        object.open_because(reason);
                    }
                    Ty::Object(Rc::new(object))
                }
            },
            (None, None) => match unresolved.into_iter().next() {
                Some(reason) => Ty::Unresolved(reason),
                None => Ty::empty_object(),
            },
        }
    }
}

/// A union of objects of which some are unresolved: the objects, and apart from them the reasons.
fn without_unresolved<'p>(ty: Ty<'p>) -> Vec<Ty<'p>> {
    let Ty::Union(members) = &ty else { return vec![ty] };
    let is_unresolved = |member: &&Ty<'p>| matches!(member, Ty::Unresolved(_));
    let some_are = members.iter().any(|member| is_unresolved(&member));
    if !some_are || !members.iter().any(|member| matches!(member, Ty::Object(_))) {
        return vec![ty];
    }
    let known = Ty::union(members.iter().filter(|member| !is_unresolved(member)).cloned());
    std::iter::once(known).chain(members.iter().filter(is_unresolved).cloned()).collect()
}

fn is_choice_of_objects(ty: &Ty<'_>) -> bool {
    matches!(ty, Ty::Union(members) if members.iter().all(|member| matches!(member, Ty::Object(_))))
}

/// What fits two types of which neither is an object.
fn narrower<'p>(a: &Ty<'p>, b: &Ty<'p>) -> Ty<'p> {
    let literals = |ty: &Ty<'p>| -> HashSet<LiteralValue<'p>> {
        let values = ty.members().iter().filter_map(|member| match member {
            Ty::Literal(literal) => Some(literal.value),
            _ => None,
        });
        values.collect()
    };
    // No type is within a literal but itself: of long unions of literals, only what else is in them is tried one by one.
    let others = |ty: &'_ Ty<'p>| -> Vec<Ty<'p>> {
        ty.members().iter().filter(|member| !matches!(member, Ty::Literal(_))).cloned().collect()
    };
    let (ours, theirs) = (literals(a), literals(b));
    let (our_others, their_others) = (others(a), others(b));
    let kept = |member: &Ty<'p>, values: &HashSet<LiteralValue<'p>>, others: &[Ty<'p>]| match member {
        Ty::Literal(literal) if values.contains(&literal.value) => true,
        member => others.iter().any(|allowed| is_within(member, allowed)),
    };
    let from_a = a.members().iter().filter(|member| kept(member, &theirs, &their_others));
    let both: HashSet<LiteralValue<'_>> = ours.intersection(&theirs).copied().collect();
    // What both say is said once.
    let said = |member: &&Ty<'p>| match member {
        Ty::Literal(literal) => both.contains(&literal.value),
        member => our_others.iter().any(|known| is_within(member, known) && is_within(known, member)),
    };
    let from_b = b.members().iter().filter(|member| kept(member, &ours, &our_others) && !said(member));
    Ty::union(from_a.chain(from_b).cloned())
}

/// Whether whatever is of one type is of the other.
fn is_within(narrow: &Ty<'_>, wide: &Ty<'_>) -> bool {
    match (narrow, wide) {
        (Ty::Literal(literal), _) => match literal.value {
            LiteralValue::String(_) => {
                matches!(wide, Ty::String | Ty::OpenString | Ty::Slot | Ty::Any | Ty::Tags)
            }
            LiteralValue::Number(_) => matches!(wide, Ty::Number | Ty::OpenNumber | Ty::Slot | Ty::Any),
            LiteralValue::Boolean(_) => matches!(wide, Ty::Boolean | Ty::Slot | Ty::Any),
        },
        (Ty::String | Ty::OpenString, Ty::String | Ty::Slot | Ty::Any) => true,
        (Ty::Number | Ty::OpenNumber, Ty::Number | Ty::Slot | Ty::Any) => true,
        (Ty::OpenString, Ty::OpenString) | (Ty::OpenNumber, Ty::OpenNumber) => true,
        (Ty::Boolean, Ty::Boolean | Ty::Slot | Ty::Any) => true,
        (Ty::Nothing, Ty::Nothing | Ty::Slot | Ty::Any) => true,
        (Ty::Slot, Ty::Slot | Ty::Any) => true,
        // Of two functions, lists or the like, either may stand for both.
        (Ty::Function(_), Ty::Function(_)) | (Ty::List(_), Ty::List(_)) => true,
        (Ty::Object(_), Ty::Object(_)) => true,
        (Ty::Tags, Ty::Tags) | (Ty::Intrinsics, Ty::Intrinsics) => true,
        (Ty::Opaque(a), Ty::Opaque(b)) => a == b,
        (Ty::Opaque(_) | Ty::Function(_) | Ty::List(_) | Ty::Object(_), Ty::Any) => true,
        (Ty::Any, Ty::Any) => true,
        _ => false,
    }
}
