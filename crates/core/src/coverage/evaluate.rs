//! The coverage of one component, from what both sides state, its stories and its tests, and from nothing else.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Declared, Drawn, MatrixRow, Points, Presence, Strategy, TestKind, Tested, declared, strategy::axes,
};
use crate::{
    contract::{Contract, OptionName, Property, PropertyName, VariantName},
    statement::Statement,
};

/// A component whose coverage is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What is counted.
    pub strategy: Strategy,
    /// What code states.
    pub code: &'a Statement,
    /// What the design draws, where the component stands for something there.
    pub design: Option<Drawn<'a>>,
    /// Its stories.
    pub stories: &'a [TestedStory],
    /// What tests the component without showing a story, by kind.
    pub tests: &'a BTreeMap<TestKind, BTreeSet<String>>,
    /// The kinds of tests that it shall have.
    pub wanted: &'a BTreeSet<TestKind>,
}

/// A story, with what it shows and what tests it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TestedStory {
    /// Storybook's id.
    pub id: String,
    /// The option that it shows of each property, as far as it is known.
    pub shows: Points,
    /// The properties of which it is not known what it shows.
    pub unknown: BTreeSet<PropertyName>,
    /// What tests it, by kind.
    pub tests: BTreeMap<TestKind, BTreeSet<String>>,
}

/// Something that deserves a look.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Warning {
    /// What it is, as a stable word for programs.
    pub code: String,
    /// What it is, for people.
    pub message: String,
}

impl Warning {
    /// A warning.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// How well a component is shown and tested.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// How many variants are declared.
    pub declared: usize,
    /// How many of those a story shows.
    pub shown: usize,
    /// The same in percent, to two decimals, and 100 only when none is missing.
    pub percent: f64,
    /// The declared variants that no story shows.
    pub missing: Vec<VariantName>,
    /// The kinds of tests that it has none of.
    pub missing_tests: Vec<TestKind>,
    /// What deserves a look.
    pub warnings: Vec<Warning>,
    /// The declared variants, and those that only the design has.
    pub matrix: Vec<MatrixRow>,
}

/// Counts a component's variants that its stories show, and the tests that it has.
pub fn evaluate(subject: &Subject<'_>) -> Coverage {
    let Declared { mut variants, mut warnings } = declared(subject.strategy, subject.code, subject.design);
    let counted: BTreeSet<VariantName> = variants.keys().cloned().collect();
    for points in design_only(subject, &variants) {
        variants.entry(VariantName::of(&points)).or_insert(points);
    }
    let design = DesignSide::of(subject);
    let shows = Shows::of(subject.stories);
    let row = |(variant, points): (VariantName, Points)| {
        let stories = shows.of_points(&points);
        let tested = |kind| Tested {
            variant: tests_of(subject, &stories, kind),
            component: subject.tests.get(&kind).into_iter().flatten().cloned().collect(),
        };
        MatrixRow {
            counts: counted.contains(&variant),
            design: design.presence(&points),
            code: in_code(subject.code, &points),
            may_show: may_show(subject.stories, &points),
            visual: tested(TestKind::Visual),
            interaction: tested(TestKind::Interaction),
            accessibility: tested(TestKind::Accessibility),
            stories: stories.iter().map(|place| subject.stories[*place].id.clone()).collect(),
            variant,
        }
    };
    let matrix: Vec<MatrixRow> = variants.into_iter().map(row).collect();
    let missing: Vec<VariantName> = matrix
        .iter()
        .filter(|row| row.counts && row.stories.is_empty())
        .map(|row| row.variant.clone())
        .collect();
    let shown = counted.len() - missing.len();
    warnings.extend(computed(subject, &matrix));
    warnings.extend(incomplete(subject));
    warnings.sort();
    Coverage {
        declared: counted.len(),
        shown,
        percent: percent(shown, counted.len()),
        missing,
        missing_tests: missing_tests(subject),
        warnings,
        matrix,
    }
}

/// A share in percent, cut to two decimals.
#[expect(clippy::cast_precision_loss, reason = "no component has 2^52 variants")]
fn percent(shown: usize, declared: usize) -> f64 {
    if shown >= declared { 100.0 } else { (shown as f64 * 10_000.0 / declared as f64).floor() / 100.0 }
}

fn missing_tests(subject: &Subject<'_>) -> Vec<TestKind> {
    let has = |kind: &TestKind| {
        subject.tests.get(kind).is_some_and(|tests| !tests.is_empty())
            || subject
                .stories
                .iter()
                .any(|story| story.tests.get(kind).is_some_and(|tests| !tests.is_empty()))
    };
    subject.wanted.iter().filter(|kind| !has(kind)).copied().collect()
}

fn tests_of(subject: &Subject<'_>, stories: &[usize], kind: TestKind) -> Vec<String> {
    let tests = stories.iter().filter_map(|place| subject.stories[*place].tests.get(&kind)).flatten();
    tests.cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

fn has(contract: &Contract, name: &PropertyName, option: &OptionName) -> bool {
    let of_property = |property: &Property| match property {
        Property::Boolean { .. } => ["true", "false"].contains(&option.as_str()),
        property => property.has_option(option),
    };
    contract.property(name).is_some_and(of_property)
}

fn in_code(code: &Statement, points: &Points) -> Presence {
    match points.iter().all(|(name, option)| has(&code.contract, name, option)) {
        true => Presence::Present,
        false if code.open.is_empty() => Presence::Absent,
        false => Presence::Unknown,
    }
}

/// What the design has and code has not, for a look at all options; drawn variants count themselves.
fn design_only(subject: &Subject<'_>, declared: &BTreeMap<VariantName, Points>) -> Vec<Points> {
    let Some(design) = subject.design.filter(|_| subject.strategy == Strategy::EachOption) else {
        return Vec::new();
    };
    let options = axes(design.contract).into_iter().flat_map(|(name, options)| {
        options.into_iter().map(move |option| Points::from([(name.clone(), option)]))
    });
    options.filter(|points| !declared.contains_key(&VariantName::of(points))).collect()
}

/// The design's side of the matrix.
struct DesignSide<'a> {
    design: Option<Drawn<'a>>,
    /// The properties that its variants are drawn by.
    drawn_by: BTreeSet<&'a PropertyName>,
}

impl<'a> DesignSide<'a> {
    fn of(subject: &Subject<'a>) -> Self {
        let variants = subject.design.map(|design| design.variants).unwrap_or_default();
        Self { design: subject.design, drawn_by: variants.iter().flat_map(Points::keys).collect() }
    }

    /// Properties that variants are drawn by have to be drawn together; of others it is enough that the design states
    /// the option.
    fn presence(&self, points: &Points) -> Presence {
        let Some(design) = self.design else { return Presence::Unknown };
        let is_drawn = |variant: &Points| {
            let drawn = points.iter().filter(|(name, _)| self.drawn_by.contains(name));
            drawn.into_iter().all(|(name, option)| variant.get(name).is_none_or(|drawn| drawn == option))
        };
        let states = points.iter().all(|(name, option)| has(design.contract, name, option));
        match states && (design.variants.is_empty() || design.variants.iter().any(is_drawn)) {
            true => Presence::Present,
            false => Presence::Absent,
        }
    }
}

/// Which stories show which option.
struct Shows<'a> {
    all: Vec<usize>,
    by_point: BTreeMap<(&'a PropertyName, &'a OptionName), Vec<usize>>,
}

impl<'a> Shows<'a> {
    fn of(stories: &'a [TestedStory]) -> Self {
        let mut by_point: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (place, story) in stories.iter().enumerate() {
            for point in &story.shows {
                by_point.entry(point).or_default().push(place);
            }
        }
        Self { all: (0..stories.len()).collect(), by_point }
    }

    /// The stories that show all of some options.
    fn of_points(&self, points: &Points) -> Vec<usize> {
        let mut lists: Vec<&[usize]> =
            points.iter().map(|point| self.by_point.get(&point).map_or(&[][..], Vec::as_slice)).collect();
        lists.sort_by_key(|list| list.len());
        let Some((first, rest)) = lists.split_first() else { return self.all.clone() };
        let in_all = |place: &&usize| rest.iter().all(|list| list.binary_search(place).is_ok());
        first.iter().filter(in_all).copied().collect()
    }
}

/// The stories of which it is not known whether they show a variant.
fn may_show(stories: &[TestedStory], points: &Points) -> Vec<String> {
    let may = |story: &&TestedStory| {
        let mut is_known = true;
        let fits = points.iter().all(|(name, option)| {
            let is_unknown = story.unknown.contains(name);
            is_known &= !is_unknown;
            is_unknown || story.shows.get(name) == Some(option)
        });
        fits && !is_known
    };
    stories.iter().filter(may).map(|story| story.id.clone()).collect()
}

/// What is missing only as far as is known.
fn computed(subject: &Subject<'_>, matrix: &[MatrixRow]) -> Option<Warning> {
    let open = matrix.iter().filter(|row| row.counts && row.stories.is_empty() && !row.may_show.is_empty());
    let (mut variants, mut stories) = (0, BTreeSet::new());
    for row in open {
        variants += 1;
        stories.extend(row.may_show.iter().map(String::as_str));
    }
    let properties: BTreeSet<&str> = subject
        .stories
        .iter()
        .filter(|story| stories.contains(story.id.as_str()))
        .flat_map(|story| story.unknown.iter().map(PropertyName::as_str))
        .collect();
    let list = |names: BTreeSet<&str>| names.into_iter().collect::<Vec<_>>().join(", ");
    (variants > 0).then(|| {
        let message = format!(
            "{variants} of the missing variants may be shown: what {} give{} to {} is computed",
            list(stories.clone()),
            if stories.len() == 1 { "s" } else { "" },
            list(properties)
        );
        Warning::new("computed-args", message)
    })
}

/// What code may have beyond what was counted.
fn incomplete(subject: &Subject<'_>) -> Vec<Warning> {
    let open = subject.code.open.iter().map(|why| {
        Warning::new("open-contract", format!("it may have properties that are not counted: {why}"))
    });
    let suggested = subject.code.open_options.iter().map(|(name, why)| {
        Warning::new("open-options", format!("`{name}` takes more than the options that are counted: {why}"))
    });
    open.chain(suggested).collect()
}
