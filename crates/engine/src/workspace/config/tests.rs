use super::*;

/// What is wrong with a text, one line a finding: `line:column code: message (hint)`.
fn findings(text: &str) -> Vec<String> {
    let diagnostics = match Config::parse(text, "acme") {
        Ok((_, warnings)) => warnings,
        Err(error) => error.diagnostics,
    };
    diagnostics
        .into_iter()
        .map(|found| {
            let place = found.place.map(|place| format!("{}:{}", place.line, place.column));
            let hint = found.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
            format!("{} {}: {}{hint}", place.unwrap_or_default(), found.code, found.message)
        })
        .collect()
}

const FULL: &str = r##"
[workspace]
name = "acme"

[[code]]
root = "packages/core"
include = ["src/**/*.{ts,tsx}"]
stories = ["src/**/*.stories.tsx"]

[[design]]
name = "acme"
file = "design/acme.figma.json"
key = "AbC123"

[store]
url_env = "TEAM_DB"

[mapping.Button]
design = "acme#4000:1394"
properties = { "Style" = "fillStyle", "Density" = { compare = false, reason = "not in code yet" } }
options = { fillStyle = { "Fill" = "fill" } }
booleans = { "State=Disabled" = "isDisabled" }

[mapping."@acme/core/Card.Header"]
design = "https://www.figma.com/design/AbC123/Acme?node-id=12-34"

[mapping.Link]
design = "Text link"

[[ignore]]
component = "B*"
path = "properties/icon"
reason = "drawn as two layers"
expires = 2027-01-01

[[accepted]]
component = "Button"
path = "properties/size/options/xl"
code = '"xl"'
reason = "before the adoption"
date = 2026-11-24

[compare]
interaction_states = ["Hover"]

[sync]
default_direction = "design-to-code"
bucket_seconds = 5
stories = false
format = false
"##;

#[test]
fn every_key_is_read() {
    let (config, warnings) = Config::parse(FULL, "folder").unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(config.name, "acme");
    assert_eq!(config.code[0].root.as_str(), "packages/core");
    assert_eq!(config.code[0].stories, ["src/**/*.stories.tsx"]);
    assert_eq!(config.design_file("acme").unwrap().file.as_str(), "design/acme.figma.json");
    assert_eq!(config.store, StoreLocation::Variable("TEAM_DB".into()));

    let node = |node: &str| Some(DesignAddress::Node { file: "acme".into(), node: node.into() });
    let button = &config.mapping["Button"];
    assert_eq!(button.design, node("4000:1394"));
    assert_eq!(button.properties[&"Style".into()], PropertyRule::Is("fillStyle".into()));
    assert_eq!(
        button.properties[&"Density".into()],
        PropertyRule::NotCompared { reason: "not in code yet".into() }
    );
    assert_eq!(button.options[&"fillStyle".into()][&"Fill".into()], "fill".into());
    assert_eq!(button.booleans[&("State".into(), "Disabled".into())], "isDisabled".into());
    assert_eq!(button.place.line, 18);
    assert_eq!(config.mapping["@acme/core/Card.Header"].design, node("12:34"));
    assert_eq!(config.mapping["Link"].design, Some(DesignAddress::Name("Text link".into())));

    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    assert_eq!(config.ignores[0].expires, Some(day("2027-01-01")));
    let accepted = &config.accepted[0];
    assert_eq!(accepted.path.to_string(), "properties/size/options/xl");
    assert_eq!((&accepted.code, &accepted.design), (&Some("xl".into()), &None));
    assert_eq!(accepted.date, Some(day("2026-11-24")));
    assert_eq!(config.compare.interaction_states.as_deref(), Some(&["Hover".to_owned()][..]));
    assert_eq!(
        config.sync,
        SyncRules {
            default_direction: Direction::DesignToCode,
            bucket_seconds: 5,
            stories: false,
            format: false,
        }
    );
}

#[test]
fn an_empty_file_has_the_defaults() {
    let (config, warnings) = Config::parse("", "acme").unwrap();
    assert!(warnings.is_empty());
    assert_eq!((config.name.as_str(), config.code.len(), config.design.len()), ("acme", 1, 0));
    assert!(config.code[0].root.is_root());
    assert_eq!((config.store, config.sync), (StoreLocation::Embedded, SyncRules::default()));
    assert_eq!(config.compare.interaction_states, None);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_fine() {
    let text = format!("\u{feff}{}", FULL.replace('\n', "\r\n"));
    assert_eq!(findings(&text), Vec::<String>::new());
}

#[test]
fn each_error_points_at_its_place_and_says_what_to_do() {
    for (text, expected) in [
        ("[snyc]\n", "1:2 unknown-key: unknown key `snyc` in lockstep.toml (did you mean `sync`?)"),
        (
            "[[code]]\nroot = \".\"\nincldue = []\n",
            "3:1 unknown-key: unknown key `incldue` in [[code]] (did you mean `include`?)",
        ),
        (
            "[[code]]\nframework = \"Veu\"\n",
            "2:13 unknown-framework: `Veu` is no framework that is read (did you mean `vue`?)",
        ),
        (
            "[[code]]\nframework = \"angular\"\n",
            "2:13 unknown-framework: `angular` is no framework that is read \
             (known here: react, vue, svelte, custom-elements)",
        ),
        (
            "[sync]\nfrobnicate = 1\n",
            "2:1 unknown-key: unknown key `frobnicate` in [sync] \
             (known here: default_direction, bucket_seconds, stories, format)",
        ),
        (
            "[sync]\nstories = \"yes\"\n",
            "2:11 wrong-type: `stories` in [sync] must be true or false, not a string",
        ),
        (
            "[sync]\ndefault_direction = \"code_to_desing\"\n",
            "2:21 unknown-direction: `code_to_desing` is no direction (did you mean `code_to_design`?)",
        ),
        ("[sync]\nbucket_seconds = 0\n", "2:18 bad-value: `bucket_seconds` must be from 1 to 86400, not 0"),
        (
            "[sync]\nbucket_seconds = 99999999999999999999\n",
            "2:18 bad-value: `bucket_seconds` in [sync] is out of range",
        ),
        (
            "[[code]]\nroot = \"../other\"\n",
            "2:8 outside-workspace: `../other` leaves the workspace \
             (move lockstep.toml to a folder that holds everything it names)",
        ),
        (
            "[[code]]\ninclude = [\"src/**\", \"/abs/**\"]\n",
            "2:22 outside-workspace: `/abs/**` is absolute; paths are relative to the folder of lockstep.toml \
             (move lockstep.toml to a folder that holds everything it names)",
        ),
        (
            "[[code]]\ninclude = [\"src/[a\"]\n",
            "2:12 bad-glob: `src/[a` is no glob: unclosed character class; missing ']'",
        ),
        (
            "[[code]]\nroot = \"a\"\n[[code]]\nroot = \"./a\"\n",
            "4:8 duplicate: the package root `a` stands here twice, first in the entry on line 1 \
             (keep one of the two)",
        ),
        (
            "[sync]\nstories = true\nstories = true\n",
            "3:1 duplicate: this key stands here twice (keep one of the two)",
        ),
        (
            "[code]\nroot = \".\"\n",
            "1:1 wrong-type: `code` is a list: each entry is written under `[[code]]` \
             (write `[[code]]` with two brackets on each side)",
        ),
        (
            "[[design]]\nname = \"acme\"\n",
            "1:1 missing-key: [[design]] lacks `file` (say where the file is: `file = \"design/acme.figma.json\"`, \
             or `figma = \"…\"` for a live one)",
        ),
        (
            "[[design]]\nname = \"acme\"\nfigma = \"AbC\"\nkey = \"AbC\"\n",
            "4:7 duplicate: `figma` names the file already \
             (leave `key` out: it is for files that are saved by hand)",
        ),
        (
            "[[design]]\nname = \"acme\"\nfile = \"a.json\"\ncredential = \"env:A\"\n",
            "4:14 bad-value: `credential` is for a file that is read live \
             (name the file in Figma: `figma = \"https://www.figma.com/design/…\"`)",
        ),
        (
            "[[design]]\nname = \"a\"\nfigma = \"AbC\"\n[[design]]\nname = \"b\"\nfigma = \"https://figma.com/file/AbC\"\n",
            "4:1 duplicate: the file key `AbC` stands here twice, first in the entry on line 1 (keep one of the two)",
        ),
        (
            "[[design]]\nname = \"acme\"\nfile = \"a.json\"\n[mapping.B]\ndesign = \"amce#1:2\"\n",
            "5:10 unknown-design: there is no [[design]] file named `amce` (did you mean `acme`?)",
        ),
        (
            "[mapping.B]\ndesign = \"https://figma.com/design/XyZ?node-id=1-2\"\n",
            "2:10 unknown-design: no [[design]] file has the key `XyZ` \
             (add `key = \"XyZ\"` to the [[design]] entry of that file)",
        ),
        (
            "[mapping.B.properties]\nDensity = false\n",
            "2:11 missing-key: `Density` is left out of the comparison without a reason \
             (write `\"Density\" = { compare = false, reason = \"…\" }`)",
        ),
        (
            "[mapping.B.properties]\nA = \"x\"\nB = \"x\"\n",
            "3:5 duplicate: the design properties `A` and `B` both stand for `x` in code (a code property has one \
             counterpart; a design option that is a boolean in code goes under `booleans`)",
        ),
        (
            "[mapping.B.booleans]\nDisabled = \"isDisabled\"\n",
            "2:1 bad-value: `Disabled` is not of the form Property=Option \
             (write for example `\"State=Disabled\" = \"isDisabled\"`)",
        ),
        (
            "[[ignore]]\ncomponent = \"B\"\npath = \"properties/icon\"\n",
            "1:1 missing-key: [[ignore]] lacks `reason` (say why, for those who read the report: `reason = \"…\"`)",
        ),
        (
            "[[ignore]]\ncomponent = \"B\"\npath = \"icon\"\nreason = \"x\"\n",
            "3:8 bad-path: `icon` is no contract path; write properties/NAME, properties/NAME/default or \
             properties/NAME/options/OPTION (did you mean `properties/icon`?)",
        ),
        (
            "[[ignore]]\ncomponent = \"B\"\npath = \"*\"\nreason = \"x\"\nexpires = \"soon\"\n",
            "5:11 bad-date: `expires` in [[ignore]] is no date: `soon` (write a day, such as 2027-01-31)",
        ),
        (
            "[store]\nurl = \"mysql://x\"\n",
            "2:7 bad-value: the database's address must start with postgres:// or sqlite: \
             (for example postgres://user@host/lockstep; leave [store] out for the embedded database)",
        ),
        (
            "[store]\nurl = \"postgres://me:s3cret@host/db\"\n",
            "2:7 password-in-file: a password stands in this file \
             (put the address into an environment variable and write `url_env = \"NAME\"`)",
        ),
    ] {
        assert_eq!(findings(text), [expected], "{text}");
    }
}

#[test]
fn live_files_are_told_by_key_address_or_branch() {
    let live = |figma: &str| {
        let text = format!("[[design]]\nname = \"kit/a\"\nfigma = {figma:?}\n");
        let design = Config::parse(&text, "acme").unwrap().0.design.remove(0);
        (design.file.to_string(), design.key.clone(), design.live.unwrap())
    };
    for (figma, key, branch_of) in [
        ("AbC123", "AbC123", None),
        ("https://www.figma.com/design/AbC123/Acme?node-id=1-2", "AbC123", None),
        ("https://www.figma.com/design/AbC123/branch/XyZ/Acme", "XyZ", Some("AbC123")),
    ] {
        let (file, stated, live) = live(figma);
        assert_eq!(file, ".lockstep/figma/kit-a.figma.json", "a name is no path");
        assert_eq!(
            (stated.as_deref(), live.key.as_str(), live.branch_of.as_deref()),
            (Some(key), key, branch_of)
        );
        assert_eq!(live.credential.to_string(), "env:FIGMA_TOKEN");
    }
}

#[test]
fn all_errors_of_a_file_are_reported_at_once() {
    let text = "[sync]\nstories = 1\n[compare]\ninteraction_states = \"Hover\"\n[wrokspace]\n";
    assert_eq!(findings(text).len(), 3);
    let error = Config::parse(text, "acme").unwrap_err();
    assert_eq!(error.to_string(), "lockstep.toml has 3 errors");
}

#[test]
fn syntax_errors_have_a_place() {
    for (text, place) in [("[sync\n", "1:6"), ("a = \n", "1:"), ("x = 2027-13-01\n", "1:5"), ("\0", "1:1")] {
        let found = findings(text);
        assert!(found[0].starts_with(place), "{text:?}: {found:?}");
        assert!(found[0].contains("config-syntax"), "{found:?}");
    }
    // Deep nesting is refused, not followed.
    assert!(!findings(&format!("a = {}", "[".repeat(100_000))).is_empty());
    assert!(!findings(&"[a".repeat(100_000)).is_empty());
    assert!(!findings(&format!("{}=1", vec!["a"; 100_000].join("."))).is_empty());
}

#[test]
fn an_ignore_covers_what_stands_inside_its_property() {
    let rule = |component: &str, path: &str| IgnoreRule {
        component: NameGlob::new(component).unwrap(),
        path: NameGlob::new(path).unwrap(),
        reason: "x".into(),
        expires: "2027-01-01".parse().ok(),
        place: TextPlace { line: 1, column: 1, start: 0, end: 0 },
    };
    let covers = |component, path, on: &str, at: &str| rule(component, path).covers(on, &at.parse().unwrap());
    assert!(covers("Button", "properties/icon", "Button", "properties/icon"));
    assert!(covers("Button", "properties/icon", "Button", "properties/icon/options/left"));
    assert!(covers("@acme/*", "properties/*/default", "@acme/core/Button", "properties/size/default"));
    assert!(!covers("Button", "properties/size/options/xl", "Button", "properties/size"));
    assert!(!covers("Button", "properties/icon", "ButtonGroup", "properties/icon"));

    let day = |text: &str| text.parse::<chrono::NaiveDate>().unwrap();
    assert!(!rule("*", "*").has_expired(day("2027-01-01")), "it holds on its last day");
    assert!(rule("*", "*").has_expired(day("2027-01-02")));
}
