//! What holds of coverage whatever a component and its stories are.

use std::collections::{BTreeMap, BTreeSet};

use lockstep_core::{
    contract::{Contract, Property, VariantName},
    coverage::{
        Coverage, Drawn, Points, Presence, Strategy as Counting, Subject, TestKind, TestedStory, declared,
        evaluate,
    },
    statement::Statement,
};
use proptest::prelude::*;

fn statement(axes: &[(u8, bool)]) -> Statement {
    let contract: Contract = axes
        .iter()
        .enumerate()
        .map(|(place, (options, boolean))| {
            let property = match boolean {
                true => Property::boolean(None),
                false => Property::enumeration((0..*options).map(|option| format!("o{option}")), None),
            };
            (format!("p{place}").into(), property)
        })
        .collect();
    Statement { contract, ..Statement::default() }
}

/// Stories by seeds: each seed gives an option, or that it is unknown, of one property.
fn stories(code: &Statement, seeds: &[Vec<u8>]) -> Vec<TestedStory> {
    let story = |(place, seeds): (usize, &Vec<u8>)| {
        let mut story = TestedStory { id: format!("a--s{place}"), ..TestedStory::default() };
        for ((name, property), seed) in code.contract.properties.iter().zip(seeds) {
            let options: Vec<_> = match property {
                Property::Boolean { .. } => ["true", "false"].map(Into::into).to_vec(),
                property => property.options().cloned().collect(),
            };
            match options.get(usize::from(*seed)) {
                Some(option) => _ = story.shows.insert(name.clone(), option.clone()),
                None => _ = story.unknown.insert(name.clone()),
            }
        }
        story
    };
    seeds.iter().enumerate().map(story).collect()
}

fn coverage(
    strategy: Counting,
    code: &Statement,
    design: Option<Drawn<'_>>,
    stories: &[TestedStory],
) -> Coverage {
    let (tests, wanted) = (BTreeMap::new(), TestKind::ALL.iter().copied().collect());
    evaluate(&Subject { strategy, code, design, stories, tests: &tests, wanted: &wanted })
}

fn axes() -> impl Strategy<Value = Vec<(u8, bool)>> {
    prop::collection::vec((1_u8..5, any::<bool>()), 0..5)
}

fn seeds() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(0_u8..6, 5), 0..7)
}

proptest! {
    #[test]
    fn a_percentage_is_one_and_what_is_missing_is_declared_and_not_shown(axes in axes(), seeds in seeds()) {
        let code = statement(&axes);
        let stories = stories(&code, &seeds);
        for strategy in Counting::ALL {
            let drawn: Vec<Points> = stories.iter().map(|story| story.shows.clone()).take(2).collect();
            let design = Drawn { contract: &code.contract, variants: &drawn };
            let found = coverage(*strategy, &code, Some(design), &stories);
            prop_assert!((0.0..=100.0).contains(&found.percent));
            prop_assert_eq!(found.percent >= 100.0, found.missing.is_empty());
            prop_assert_eq!(found.shown + found.missing.len(), found.declared);
            let declared = declared(*strategy, &code, Some(design)).variants;
            prop_assert_eq!(declared.len(), found.declared);
            // By the plainest way of counting.
            let is_shown = |points: &Points| {
                stories.iter().any(|story| points.iter().all(|(name, option)| story.shows.get(name) == Some(option)))
            };
            let missing: Vec<VariantName> = declared
                .iter()
                .filter(|(_, points)| !is_shown(points))
                .map(|(name, _)| name.clone())
                .collect();
            prop_assert_eq!(found.missing, missing);
        }
    }

    #[test]
    fn a_story_more_never_shows_less(axes in axes(), seeds in seeds()) {
        let code = statement(&axes);
        let stories = stories(&code, &seeds);
        for strategy in Counting::ALL {
            let mut last: Option<Coverage> = None;
            for count in 0..=stories.len() {
                let found = coverage(*strategy, &code, None, &stories[..count]);
                if let Some(last) = last {
                    prop_assert!(found.percent >= last.percent);
                    let before: BTreeSet<_> = last.missing.into_iter().collect();
                    prop_assert!(found.missing.iter().all(|name| before.contains(name)));
                }
                last = Some(found);
            }
        }
    }

    #[test]
    fn the_order_of_stories_tells_nothing(axes in axes(), seeds in seeds()) {
        let code = statement(&axes);
        let mut stories = stories(&code, &seeds);
        for strategy in Counting::ALL {
            let found = coverage(*strategy, &code, None, &stories);
            stories.reverse();
            let turned = coverage(*strategy, &code, None, &stories);
            prop_assert_eq!((&found.missing, found.percent), (&turned.missing, turned.percent));
        }
    }
}

#[test]
fn each_row_says_where_a_variant_is_and_what_tests_it() {
    let code = Statement {
        contract: [
            ("size".into(), Property::enumeration(["s", "m"], Some("m"))),
            ("busy".into(), Property::boolean(None)),
        ]
        .into_iter()
        .collect(),
        ..Statement::default()
    };
    let drawn_contract: Contract =
        [("size".into(), Property::enumeration(["s", "m", "l"], Some("m")))].into_iter().collect();
    let point = |size: &str| Points::from([("size".into(), size.into())]);
    let variants = [point("s"), point("l")];
    let story =
        |id: &str, shows: &[(&str, &str)], unknown: &[&str], tests: &[(TestKind, &str)]| TestedStory {
            id: id.into(),
            shows: shows.iter().map(|(name, option)| ((*name).into(), (*option).into())).collect(),
            unknown: unknown.iter().map(|name| (*name).into()).collect(),
            tests: tests.iter().map(|(kind, test)| (*kind, [(*test).to_owned()].into())).collect(),
        };
    let stories = [
        story(
            "a--plain",
            &[("size", "m"), ("busy", "false")],
            &[],
            &[(TestKind::Interaction, "its play function")],
        ),
        story("a--any", &[("busy", "false")], &["size"], &[]),
    ];
    let tests = BTreeMap::from([(TestKind::Visual, BTreeSet::from(["A.spec.ts:3".to_owned()]))]);
    let wanted = TestKind::ALL.iter().copied().collect();
    let found = evaluate(&Subject {
        strategy: Counting::EachOption,
        code: &code,
        design: Some(Drawn { contract: &drawn_contract, variants: &variants }),
        stories: &stories,
        tests: &tests,
        wanted: &wanted,
    });
    let rows = found.matrix.iter().map(|row| {
        let side = |presence: Presence| presence.as_str().to_owned();
        format!(
            "{} counts={} design={} code={} stories=[{}] may=[{}] visual={:?} interaction={:?}",
            row.variant,
            row.counts,
            side(row.design),
            side(row.code),
            row.stories.join(" "),
            row.may_show.join(" "),
            row.visual.component,
            row.interaction.variant,
        )
    });
    insta::assert_snapshot!(rows.collect::<Vec<_>>().join("\n"), @r#"
    busy=false counts=true design=absent code=present stories=[a--plain a--any] may=[] visual=["A.spec.ts:3"] interaction=["its play function"]
    busy=true counts=true design=absent code=present stories=[] may=[] visual=["A.spec.ts:3"] interaction=[]
    size=l counts=false design=present code=absent stories=[] may=[a--any] visual=["A.spec.ts:3"] interaction=[]
    size=m counts=true design=absent code=present stories=[a--plain] may=[a--any] visual=["A.spec.ts:3"] interaction=["its play function"]
    size=s counts=true design=present code=present stories=[] may=[a--any] visual=["A.spec.ts:3"] interaction=[]
    "#);
    insta::assert_snapshot!(
        format!(
            "{} of {}, {} %, missing {:?}, no tests {:?}\n{}",
            found.shown,
            found.declared,
            found.percent,
            found.missing.iter().map(VariantName::as_str).collect::<Vec<_>>(),
            found.missing_tests,
            found.warnings.iter().map(|warning| warning.message.as_str()).collect::<Vec<_>>().join("\n"),
        ),
        @r#"
    2 of 4, 50 %, missing ["busy=true", "size=s"], no tests [Accessibility]
    1 of the missing variants may be shown: what a--any gives to size is computed
    "#
    );
}
