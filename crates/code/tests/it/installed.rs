//! Types of packages in `node_modules`, and packages that are declarations only.

use lockstep_code::{ScanOptions, model::DeclarationForm, scan};

use crate::support::{component, render, scan_files, workspace};

const BUTTON: &str = "
    import { Base } from '@acme/base';
    export interface Props extends Base { tone?: 'calm' | 'loud' }
    export function Button(props: Props) { return <button /> }
";

/// Each row is how a package says where its declarations are.
#[test]
fn declarations_are_found_as_typescript_finds_them() {
    const DECLARED: &str = "export interface Base { size?: 's' | 'm' }";
    let ways: &[(&str, &str, &str)] = &[
        ("types", r#"{"name": "@acme/base", "types": "./lib/index.d.ts"}"#, "lib/index.d.ts"),
        ("typings", r#"{"name": "@acme/base", "typings": "./lib/index"}"#, "lib/index.d.ts"),
        ("main", r#"{"name": "@acme/base", "main": "./lib/index.js"}"#, "lib/index.d.ts"),
        ("nothing", r#"{"name": "@acme/base"}"#, "index.d.ts"),
        (
            "exports",
            r#"{"name": "@acme/base", "exports": {".": {"import": {"types": "./d/index.d.mts"}}}}"#,
            "d/index.d.mts",
        ),
        (
            "typesVersions",
            r#"{"name": "@acme/base", "types": "./old.d.ts", "typesVersions": {"*": {"*": ["new/*"]}}}"#,
            "new/old.d.ts",
        ),
    ];
    for (way, manifest, file) in ways {
        let scan = scan_files(&[
            ("src/index.tsx", BUTTON),
            ("node_modules/@acme/base/package.json", manifest),
            (&format!("node_modules/@acme/base/{file}"), DECLARED),
        ]);
        assert_eq!(render(&scan), "Button\n  size: m | s\n  tone: calm | loud\n", "{way}");
    }
    let typed = scan_files(&[
        ("src/index.tsx", BUTTON),
        ("node_modules/@acme/base/index.js", "exports.Base = 1"),
        ("node_modules/@types/acme__base/index.d.ts", DECLARED),
    ]);
    assert_eq!(render(&typed), "Button\n  size: m | s\n  tone: calm | loud\n");
}

#[test]
fn what_another_package_declares_is_stated_but_not_edited() {
    let scan = scan_files(&[
        ("src/index.tsx", BUTTON),
        ("node_modules/@acme/base/index.d.ts", "export type Base = { size?: 's' | 'm' }"),
    ]);
    let origins = &component(&scan, "Button").origins;
    assert_eq!(origins[&"size".into()].form, DeclarationForm::Computed);
    assert_eq!(origins[&"tone".into()].form, DeclarationForm::TypeUnion);
}

#[test]
fn components_of_another_package_are_not_the_librarys_own() {
    let scan = scan_files(&[
        (
            "src/index.tsx",
            "export * from 'toasts'; export { Toast } from 'toasts';
             import { Toast } from 'toasts';
             export const Own = (props: React.ComponentProps<typeof Toast>) => <Toast {...props} />",
        ),
        (
            "node_modules/toasts/index.d.ts",
            "import * as React from 'react';
             export declare const Toast: React.FC<{ tone?: 'calm' | 'loud' }>;
             export declare function Toaster(props: { gap?: number }): React.JSX.Element;",
        ),
    ]);
    assert_eq!(render(&scan), "Own\n  tone: calm | loud\n");
}

#[test]
fn an_installed_package_is_read_only_where_a_contract_may_depend_on_it() {
    let scan = scan_files(&[
        (
            "src/index.tsx",
            "import { format } from 'dates';
             export function Day(props: { long?: boolean }) { return <i>{format(1)}</i> }",
        ),
        ("node_modules/dates/index.d.ts", "export declare function format(day: number): string;"),
    ]);
    assert_eq!((render(&scan).as_str(), scan.files), ("Day\n  long: boolean\n", 1));
}

#[test]
fn a_package_of_declarations_is_what_they_say() {
    let folder = workspace(&[
        ("package.json", r#"{"name": "kit", "types": "./index.d.ts", "main": "./index.js"}"#),
        ("index.js", "module.exports = {}"),
        ("index.d.ts", "export { default as Chip } from './Chip';"),
        ("Chip.js", "module.exports = function Chip(props) { return null }"),
        (
            "Chip.d.ts",
            "import * as React from 'react';
             export interface ChipProps { color?: 'primary' | 'error'; clickable?: boolean }
             declare const Chip: React.FC<ChipProps>;
             export default Chip;",
        ),
    ]);
    let scan = scan(&ScanOptions::new(folder.path(), "")).unwrap();
    assert_eq!(render(&scan), "Chip\n  clickable: boolean\n  color: error | primary\n");
}
