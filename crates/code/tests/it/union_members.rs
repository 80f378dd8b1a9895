//! Props that are a union of object types: which options go together, and what has to be given.

use lockstep_code::Framework;
use lockstep_core::statement::Statement;

use crate::support::{scan_files, scan_with};

fn statement(declarations: &str, props: &str) -> Statement {
    let source = format!("{declarations}\nexport function C(props: {props}) {{ return <i /> }}");
    let mut scan = scan_files(&[("package.json", r#"{"name": "x"}"#), ("src/index.tsx", &source)]);
    scan.components.remove(0).statement
}

fn members(statement: &Statement) -> String {
    let unions = statement.unions.iter().map(|members| {
        let members = members.iter().map(|member| {
            let options = member.options.iter().map(|(property, options)| {
                let options: Vec<_> = options.iter().map(|option| option.as_str()).collect();
                format!("{property}={}", options.join("|"))
            });
            options.collect::<Vec<_>>().join(" ")
        });
        members.collect::<Vec<_>>().join("; ")
    });
    unions.collect::<Vec<_>>().join("\n")
}

#[test]
fn each_option_knows_the_members_that_allow_it() {
    let cases = [
        ("", "{ size: 's' | 'l' }", ""),
        (
            "",
            "{ kind: 'link'; size: 's' } | { kind: 'button'; size: 's' | 'l' }",
            "kind=link size=s; kind=button size=l|s",
        ),
        // Only the properties in which the members differ.
        ("", "{ a: 'x' | 'y'; kind: 1 } | { a: 'x' | 'y'; kind: 2 }", "kind=1; kind=2"),
        // What a member lacks has no options with it.
        (
            "type Base = { tone: 'calm' | 'loud' }",
            "Base & ({ kind: 'link'; size?: never } | { kind: 'button'; size?: 's' | 'l' } | { kind: 'text' })",
            "kind=link size=; kind=button size=l|s; kind=text size=",
        ),
        (
            "",
            "{ loading: true; disabled?: false } | { loading?: false; disabled?: boolean }",
            "disabled=false loading=true; disabled=false|true loading=false",
        ),
        // Two unions, multiplied out.
        (
            "interface P { own: boolean } type A = { a: 1 } | { a: 2 }; type B = { b: 'x' } | { b: 'y' }",
            "P & A & B",
            "a=1 b=x; a=1 b=y; a=2 b=x; a=2 b=y",
        ),
        // Members that allow the same.
        ("", "{ a: 's' | 'l'; href: string } | { a: 's' | 'l'; onClick(): void }", ""),
        // A text is no choice.
        ("", "{ kind: 'a'; v: 's' } | { kind: 'b'; v: string }", "kind=a; kind=b"),
    ];
    for (declarations, props, expected) in cases {
        assert_eq!(members(&statement(declarations, props)), expected, "{declarations} {props}");
    }
}

#[test]
fn what_has_to_be_given_is_known() {
    let cases = [
        ("{ a: 's' | 'l'; b?: boolean; c: string }", "a c"),
        ("Partial<{ a: string }> & Required<{ b?: 'x' | 'y' }>", "b"),
        // With one member it may be left out.
        ("{ kind: 'a'; size: 's' } | { kind: 'b' }", "kind"),
        ("{ kind: 'a'; size?: 's' | 'l' } | { kind: 'b'; size: 's' }", "kind"),
        ("{ a?: 'x' | 'y' } & { a: 'x' | 'y' }", "a"),
    ];
    for (props, expected) in cases {
        let statement = statement("", props);
        let required: Vec<_> = statement.required.iter().map(|name| name.as_str()).collect();
        assert_eq!(required.join(" "), expected, "{props}");
    }
}

#[test]
fn what_has_to_be_given_is_known_without_types_too() {
    let required = |framework, file: &str, source: &str| {
        let scan = scan_with(framework, &[(file, source)]);
        let statement = &scan.components[0].statement;
        statement.required.iter().map(|name| name.to_string()).collect::<Vec<_>>().join(" ")
    };
    let prop_types = "export function C({ a }) { return <i /> }\nC.propTypes = { a: PropTypes.oneOf(['x', 'y']).isRequired, \
                      b: PropTypes.bool.isRequired, c: PropTypes.oneOf(['x']), d: PropTypes.string }";
    assert_eq!(required(Framework::React, "src/index.tsx", prop_types), "a b");
    let runtime = "<script setup>\ndefineProps({ a: { type: Boolean, required: true }, b: { type: String }, c: Number })\n</script>\n<template><i /></template>";
    assert_eq!(required(Framework::Vue, "src/C.vue", runtime), "a");
}
