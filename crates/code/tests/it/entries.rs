//! What a package exports, and under which names.

use crate::support::{render, scan_files};

fn names(files: &[(&str, &str)]) -> Vec<String> {
    scan_files(files).components.into_iter().map(|component| component.name).collect()
}

const C: &str = "export const C = () => <i />; export const Hidden = () => <i />";

#[test]
fn the_manifest_says_what_the_entry_is() {
    for manifest in [
        r#"{ "source": "src/main.ts" }"#,
        r#"{ "main": "./src/main.ts" }"#,
        r#"{ "exports": { ".": { "types": "./dist/main.d.ts", "default": "./src/main.ts" } } }"#,
        r#"{ "main": "dist/index.js", "types": "src/main.ts" }"#,
    ] {
        let found = names(&[
            ("package.json", manifest),
            ("src/main.ts", "export { C } from './c'"),
            ("src/c.tsx", C),
        ]);
        assert_eq!(found, ["C"], "{manifest}");
    }
}

#[test]
fn without_source_entries_an_index_is_the_entry() {
    let manifest = ("package.json", r#"{ "main": "dist/index.js" }"#);
    let index = "export { C } from './c'";
    assert_eq!(names(&[manifest, ("src/index.ts", index), ("src/c.tsx", C)]), ["C"]);
    assert_eq!(names(&[manifest, ("index.ts", index), ("c.tsx", C)]), ["C"]);
}

#[test]
fn without_an_index_the_exports_folder_counts_and_else_every_file() {
    let one = [("exports/C.ts", "export { C } from '../src/c'"), ("src/c.tsx", C)];
    assert_eq!(names(&one), ["C"]);
    assert_eq!(
        names(&[("src/c.tsx", C), ("src/d.tsx", "export const D = () => <i />")]),
        ["C", "D", "Hidden"]
    );
}

#[test]
fn names_come_from_the_export() {
    let found = names(&[
        (
            "src/index.ts",
            "
            export { Button as Knob, type ButtonProps } from './button';
            export * as Card from './card';
            export { default as Chip } from './chip';
            export { default as Named, default } from './named';
            export * from './menu';
            export { Tabs } from './tabs';",
        ),
        ("src/button.tsx", "export const Button = () => <b />"),
        (
            "src/card.tsx",
            "export const Root = () => <b />; export function Header() { return <b /> }; export const useCard = () => 1",
        ),
        ("src/chip.tsx", "export default () => <b />"),
        ("src/named.tsx", "export default function Named() { return <b /> }"),
        (
            "src/menu.tsx",
            "
            const Item = () => <b />;
            export const Menu = Object.assign(() => <b />, { Item, Group: () => <b /> });
            export { Item as MenuItem };",
        ),
        (
            "src/tabs.tsx",
            "export const Tabs = (p: {}) => <b />; Tabs.Panel = (p: { size: 's' }) => <b />; Tabs.displayName = 'Tabs'",
        ),
    ]);
    assert_eq!(
        found,
        [
            "Card.Header",
            "Card.Root",
            "Chip",
            "Knob",
            "Menu",
            "Menu.Group",
            "MenuItem",
            "Named",
            "Tabs",
            "Tabs.Panel"
        ]
    );
}

#[test]
fn two_components_of_one_name_are_both_kept_and_reported() {
    let scan = scan_files(&[
        ("src/a.tsx", "export const Button = (p: { size: 's' }) => <b />"),
        ("src/b.tsx", "\nexport const Button = (p: { tone: 'x' }) => <b />"),
    ]);
    insta::assert_snapshot!(render(&scan), @"
    ! src/a.tsx [duplicate-component] `Button` is exported by src/a.tsx:1 and by src/b.tsx:2
    Button
      size: s
    Button
      tone: x
    ");
}

#[test]
fn cycles_of_modules_end() {
    let found = names(&[
        ("src/index.ts", "export * from './a'; export { Lost } from './a'"),
        ("src/a.ts", "export * from './b'; export { Lost } from './b'; export * from './index'"),
        ("src/b.tsx", "export * from './a'; export { Lost } from './a'; export const C = () => <i />"),
    ]);
    assert_eq!(found, ["C"]);
}
