//! The example library: what `examples/README.md` promises, held against the contracts that its two sides state.

use std::collections::BTreeMap;

use lockstep_core::{
    baseline::Baseline,
    contract::{Contract, OptionName, PropertyName},
    drift::detect,
    mapping::{BooleanRule, ComparePolicy, Comparison, PropertyRule, Rules, compare},
    merge::Moved,
    statement::{Identities, Identity, NotCompared, Statement, WhyNotCompared},
};

const README: &str = include_str!("../../../../examples/README.md");
const CONTRACTS: &str = include_str!("../../../../examples/expected/contracts.json");

/// Component to contract, by side, by revision.
type Contracts = BTreeMap<String, BTreeMap<String, BTreeMap<String, Contract>>>;

/// Code component and design component.
const LINKED: &[(&str, &str)] = &[
    ("Alert", "Inline Message"),
    ("Avatar", "User Avatar"),
    ("Badge", "Badge"),
    ("Button", "Button"),
    ("Card", "Card"),
    ("Card.Header", "Card.Header"),
    ("Checkbox", "Checkbox"),
    ("IconButton", "Icon Button"),
    ("Spinner", "Spinner"),
    ("Tab", "Tab"),
    ("Tabs", "Tabs"),
    ("TextField", "Text Field"),
    ("Tooltip", "Tooltip"),
];

/// What the Code Connect files say.
fn rules(component: &str) -> Rules {
    let options = |pairs: &[(&str, &str)]| -> BTreeMap<String, OptionName> {
        pairs.iter().map(|(design, code)| ((*design).to_owned(), (*code).into())).collect()
    };
    match component {
        "Avatar" => Rules {
            options: [
                ("size".into(), options(&[("S", "small"), ("M", "medium"), ("L", "large")])),
                ("shape".into(), options(&[("Square", "square")])),
            ]
            .into(),
            ..Rules::default()
        },
        "Button" => Rules {
            properties: [("Label".to_owned(), PropertyRule::Is("children".into()))].into(),
            options: [
                (
                    "variant".into(),
                    options(&[("Primary", "primary"), ("Secondary", "secondary"), ("Ghost", "ghost")]),
                ),
                ("size".into(), options(&[("Small", "small"), ("Medium", "medium")])),
            ]
            .into(),
            booleans: vec![BooleanRule {
                property: "State".into(),
                option: "Disabled".into(),
                code: "disabled".into(),
            }],
        },
        _ => Rules::default(),
    }
}

/// What tells the three renames apart from a removal and an addition: variant nodes, a place in a union, a property id.
fn identities(component: &str, contract: &Contract) -> Identities {
    let mut identities = Identities::default();
    let mut option = |property: &str, names: [&str; 2], token: &str| {
        let stated = contract.property(&property.into()).into_iter().flat_map(|property| property.options());
        for name in stated.filter(|option| names.contains(&option.as_str())) {
            identities
                .options
                .entry(PropertyName::from(property))
                .or_default()
                .insert(name.clone(), Identity::token(token));
        }
    };
    match component {
        "Inline Message" => option("Status", ["Error", "Critical"], "60:5"),
        "Badge" => option("tone", ["info", "informative"], "pos:1/4"),
        "Card.Header" => {
            for name in ["Title", "Heading"].map(PropertyName::from) {
                if contract.property(&name).is_some() {
                    identities.properties.insert(name, Identity::token("#51:0"));
                }
            }
        }
        _ => {}
    }
    identities
}

fn statement(contracts: &Contracts, revision: &str, side: &str, component: &str) -> Statement {
    let contract = contracts[revision][side][component].clone();
    let not_compared = match component {
        "Avatar" => vec![NotCompared {
            property: "name".into(),
            why: WhyNotCompared::HtmlAttribute,
            detail: String::new(),
        }],
        _ => Vec::new(),
    };
    Statement { identities: identities(component, &contract), contract, not_compared, ..Statement::default() }
}

fn compared(contracts: &Contracts, revision: &str, code: &str, design: &str) -> Comparison {
    compare(
        &statement(contracts, revision, "code", code),
        &statement(contracts, revision, "design", design),
        &rules(code),
        &ComparePolicy::default(),
    )
}

/// The drift between two revisions as the README writes it: component, path, change, who moved.
fn drift(contracts: &Contracts) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    for (code, design) in LINKED {
        let baseline = Baseline::first(&compared(contracts, "acme", code, design));
        for change in detect(&compared(contracts, "acme-drift", code, design), Some(&baseline)) {
            // Two differences stand since ever; the README lists them with the first revision.
            if change.moved == Moved::Undetermined {
                assert_eq!(*code, "Tooltip", "{change:?}");
                continue;
            }
            rows.push([
                (*code).to_owned(),
                change.path.to_string(),
                change.kind.to_string(),
                serde_json::to_value(change.moved).unwrap().as_str().unwrap().to_owned(),
            ]);
        }
    }
    rows
}

/// The rows of the README's table of drift.
fn promised() -> Vec<[String; 4]> {
    let cell = |text: &str| text.trim().trim_matches('`').to_owned();
    README
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.strip_prefix('|')?.split('|').collect();
            let [component, path, kind, moved, ..] = cells[..] else { return None };
            path.contains("properties/").then(|| [component, path, kind, moved].map(cell))
        })
        .filter(|row| row[3].ends_with("_ahead") || row[3] == "conflict")
        .collect()
}

#[test]
fn the_drift_is_what_the_readme_promises() {
    let contracts: Contracts = serde_json::from_str(CONTRACTS).unwrap();
    let promised = promised();
    assert_eq!(promised.len(), 11, "{promised:#?}");
    let sorted = |rows: Vec<_>| rows.into_iter().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(sorted(drift(&contracts)), sorted(promised));
}

#[test]
fn before_that_only_the_tooltip_differs() {
    let contracts: Contracts = serde_json::from_str(CONTRACTS).unwrap();
    let mut rows = Vec::new();
    for (code, design) in LINKED {
        for change in detect(&compared(&contracts, "acme", code, design), None) {
            rows.push(format!(
                "{code} {} {}: {} / {}",
                change.path,
                change.moved,
                lockstep_core::contract::canonical_json(&change.code).unwrap(),
                lockstep_core::contract::canonical_json(&change.design).unwrap()
            ));
        }
    }
    assert_eq!(
        rows,
        [
            r#"Tooltip properties/showArrow undetermined: {"default":true,"kind":"boolean"} / null"#,
            r#"Tooltip properties/placement/default undetermined: "top" / "bottom""#,
        ]
    );
}
