//! Another default where the code states it by reference, as none, or in words.

use insta::assert_snapshot;

use super::{
    super::{EditOptions, MemoryFiles, plan},
    fixture::{FILE, Fixture, default, rename, sizes},
};
use crate::model::DeclarationForm;

fn fixture(text: &str, stated: Option<&str>, places: &[&str]) -> Fixture {
    let fixture = Fixture::new(text, "function Button").property(
        "size",
        DeclarationForm::Plain,
        if text.contains("size?") { "size?: 'small' | 'large'" } else { "size: {" },
        sizes(stated),
        &["'small' | 'large'"],
        None,
    );
    places.iter().fold(fixture, |fixture, outer| fixture.default_at("size", outer))
}

#[test]
fn a_reference_to_the_stated_default_follows_it() {
    let text = "\
const defs = { size: { type: 'enum' as 'small' | 'large', default: 'small' } };
function Button({ size = defs.size.default }) { return null; }
";
    let fixture = fixture(text, Some("small"), &["size = defs.size.default", "default: 'small'"]);
    assert_snapshot!(fixture.shown(&[default("size", Some("large"))]), @"
    -const defs = { size: { type: 'enum' as 'small' | 'large', default: 'small' } };
    +const defs = { size: { type: 'enum' as 'small' | 'large', default: 'large' } };
    ");
    assert_eq!(fixture.after(&[default("size", Some("large")), default("size", Some("small"))]), text);
    assert_snapshot!(fixture.shown(&[default("size", None)]), @"
    -const defs = { size: { type: 'enum' as 'small' | 'large', default: 'small' } };
    -function Button({ size = defs.size.default }) { return null; }
    +const defs = { size: { type: 'enum' as 'small' | 'large' } };
    +function Button({ size }) { return null; }
    ");
}

#[test]
fn a_constant_with_other_users_is_left_to_a_person() {
    for (constant, default_text, reason) in [
        (
            "const normal = 'small';\nuse(normal);",
            "normal",
            "the default is the constant `normal`, which other code may use too",
        ),
        (
            "export const normal = 'small';",
            "normal",
            "the default is the constant `normal`, which other code may use too",
        ),
        (
            "import { normal } from './x';",
            "normal",
            "the default is the constant `normal`, which other code may use too",
        ),
        (
            "import { normal } from './x';",
            "normal.size",
            "the default is the constant `normal.size`, which other code may use too",
        ),
        ("", "pick()", "the default is computed: `pick()`"),
    ] {
        let text = format!(
            "{constant}\nfunction Button({{ size = {default_text} }}: {{ size?: 'small' | 'large' }}) {{ return null; }}\n"
        );
        let fixture = fixture(&text, Some("small"), &[&format!("size = {default_text}")]);
        let planned = fixture.plan(&[default("size", Some("large"))]);
        assert_eq!(planned.files, [], "{text}");
        assert_eq!(planned.manual[0].reason, reason);
    }
}

#[test]
fn a_constant_of_its_own_changes() {
    let text = "\
const normal = 'small';
function Button({ size = normal }: { size?: 'small' | 'large' }) { return null; }
";
    let fixture = fixture(text, Some("small"), &["size = normal"]);
    assert_snapshot!(fixture.shown(&[default("size", Some("large"))]), @"
    -const normal = 'small';
    +const normal = 'large';
    ");
    assert_eq!(fixture.after(&[default("size", Some("large")), default("size", Some("small"))]), text);
}

#[test]
fn a_member_gives_way_to_the_member_beside_it() {
    for constant in
        ["enum Size { S = 'small', L = 'large' }", "const Size = { S: 'small', L: 'large' } as const;"]
    {
        let text = format!(
            "{constant}\nfunction Button({{ size = Size.S }}: {{ size?: 'small' | 'large' }}) {{ return null; }}\n"
        );
        let fixture = Fixture::new(&text, "function Button").property(
            "size",
            DeclarationForm::TypeUnion,
            "size?: 'small' | 'large'",
            sizes(Some("small")),
            &["size?: 'small' | 'large'"],
            Some("size = Size.S }"),
        );
        let there = fixture.after(&[default("size", Some("large"))]);
        assert_eq!(there, text.replace("size = Size.S", "size = Size.L"));
        assert_eq!(fixture.after(&[default("size", Some("large")), default("size", Some("small"))]), text);
    }
}

#[test]
fn what_stands_for_no_default_comes_back_or_stays() {
    let code = |value: &str| {
        format!("function Button({{ size = {value} }}: {{ size?: 'small' | 'large' }}) {{ return null; }}\n")
    };
    for value in ["undefined as Size | undefined", "undefined satisfies undefined | Size"] {
        let text = code(value);
        let fixture = fixture(&text, None, &[&format!("size = {value}")]);
        let there = fixture.after(&[default("size", Some("large"))]);
        assert_eq!(there, text.replacen("undefined", "'large'", 1));
        assert_eq!(fixture.after(&[default("size", Some("large")), default("size", None)]), text);
    }
    for value in ["undefined", "''", "'' as Size", "null", "undefined as Size"] {
        let text = code(value);
        let fixture = fixture(&text, None, &[&format!("size = {value}")]);
        let planned = fixture.plan(&[default("size", Some("large"))]);
        let shown = value.trim_end_matches(" as Size");
        assert_eq!(
            planned.manual[0].reason,
            format!("`{shown}` stands here already, and is no default of `size`")
        );
    }
}

#[test]
fn a_comment_in_words_stays() {
    for words in ["Same as position", "AppletIcon.Colors.Blueberry", "`large` on phones"] {
        let text = format!(
            "interface Props {{\n  /** @default {words} */\n  size?: 'small' | 'large';\n}}\nfunction Button({{ size }}: Props) {{ return null; }}\n"
        );
        let fixture = fixture(&text, None, &[]);
        let fixture = fixture.plan(&[default("size", Some("large"))]);
        assert!(fixture.files[0].after.contains(words));
    }
}

#[test]
fn a_number_that_got_a_text_for_a_name_comes_back_as_a_number() {
    for (list, default_text, from) in
        [("16 | 24", "24", "24"), ("'16' | '24'", "'24'", "24"), ("'16' | 'auto'", "'auto'", "auto")]
    {
        let text = format!(
            "type Size = {list};\nexport function Button({{ size = {default_text} }}: {{ size?: Size }}) {{ return <b className={{size}} />; }}\n"
        );
        let folder = tempfile::tempdir().unwrap();
        let component = super::laws::scanned(folder.path(), &text);
        let files: MemoryFiles = [(FILE, text.as_str())].into_iter().collect();
        for edits in [
            [rename(from, "huge"), rename("huge", from)],
            [default("size", Some("16")), default("size", Some(from))],
        ] {
            let planned = plan(&component, &[], &[], &edits, &EditOptions::default(), &files);
            assert_eq!(planned.manual, [], "{text}");
            assert!(planned.files.is_empty() || planned.files[0].after == text, "{:?}", planned.files);
        }
    }
}
