//! Input that is broken, enormous or made to hurt: a clear diagnostic, and everything else is still scanned.

use lockstep_code::{Framework, MAX_FILE_BYTES, ScanError, ScanOptions, model::CodeScan, scan};

use crate::support::{component, render, scan_files, scan_with, workspace, write};

const GOOD: (&str, &str) = ("src/good.tsx", "export const Good = (p: { size: 's' | 'm' }) => <i />");

fn codes(scan: &CodeScan) -> Vec<&str> {
    scan.diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect()
}

fn with(path: &str, bytes: &[u8]) -> CodeScan {
    let folder = workspace(&[GOOD]);
    write(&folder, path, bytes);
    let scan = scan(&ScanOptions::new(folder.path(), "")).unwrap();
    component(&scan, "Good");
    scan
}

#[test]
fn broken_code_is_named_with_its_place() {
    let scan = with("src/bad.tsx", b"export const Bad = (p: { size: 's' | }) => <i>\n  {{{</b>");
    let diagnostic = &scan.diagnostics[0];
    assert_eq!((diagnostic.file.as_str(), diagnostic.code.as_str()), ("src/bad.tsx", "syntax-error"));
    assert_eq!(diagnostic.place.unwrap().line, 1);
}

#[test]
fn a_file_of_one_enormous_line_is_left_out() {
    let line = format!("export const Big = '{}';", "x".repeat(10 << 20));
    assert!(line.len() as u64 > MAX_FILE_BYTES);
    assert_eq!(codes(&with("src/big.tsx", line.as_bytes())), ["file-too-large"]);
}

#[test]
fn a_large_file_of_one_line_is_read() {
    let line = format!("export const Big = (p: {{ text: '{}' | 'b' }}) => <i />", "x".repeat(7 << 20));
    assert_eq!(component(&with("src/big.tsx", line.as_bytes()), "Big").origins.len(), 1);
}

#[test]
fn what_is_not_utf_8_is_left_out() {
    assert_eq!(codes(&with("src/latin.tsx", b"export const L = '\xe9'")), ["not-utf-8"]);
}

#[test]
fn a_byte_order_mark_shifts_nothing() {
    let source = "\u{feff}export const B = (p: { size: 's' | 'm' }) => <i />";
    let scan = with("src/bom.tsx", source.as_bytes());
    let place = &component(&scan, "B").origins[&"size".into()].options[&"s".into()][0];
    assert_eq!(&source[place.start as usize..place.end as usize], "'s'");
}

#[test]
fn code_nested_too_deeply_is_left_out() {
    let deep = 200_000;
    let cases = [
        format!("export const D = {}1{}", "(".repeat(deep), ")".repeat(deep)),
        format!("export const D = {}1{}", "[".repeat(deep), "]".repeat(deep)),
        format!("type D = {}1{}", "{a:".repeat(deep), "}".repeat(deep)),
        format!("export const D = {}1", "!".repeat(deep)),
        format!("export const D = {}1", "a=>".repeat(deep)),
        format!("export const D = {}1", "x?1:".repeat(deep)),
        format!("export const D = () => {}{}", "<a>".repeat(deep), "</a>".repeat(deep)),
        "(".repeat(deep),
        "{a:".repeat(deep),
    ];
    for case in cases {
        let scan = with("src/deep.tsx", case.as_bytes());
        assert_eq!(codes(&scan), ["nested-too-deeply"], "{}", &case[..30]);
    }
}

#[test]
fn code_nested_as_deeply_as_is_read_fits_the_stack() {
    let deep = 900;
    for case in [
        format!("export const D = {}1{}", "(".repeat(deep), ")".repeat(deep)),
        format!("export const D = {}1{}", "[".repeat(deep), "]".repeat(deep)),
        format!("export type D = {}1{}", "{a:".repeat(deep), "}".repeat(deep)),
        format!("export const D = {}1{}", "f(()=>".repeat(deep), ")".repeat(deep)),
        // Small files are not measured at all.
        "(".repeat(8_000),
        format!("export const D = {}1", "!".repeat(8_000)),
        format!("export const D = {}1", "a=>".repeat(2_600)),
        format!("export const D = {}1", "x+".repeat(4_000)),
        "<a>".repeat(2_700),
    ] {
        with("src/deep.tsx", case.as_bytes());
    }
}

#[test]
fn types_that_refer_to_themselves_end() {
    insta::assert_snapshot!(render(&scan_files(&[("src/index.tsx", "
        type Loop = Loop;
        type Ping = Pong | 'a'; type Pong = Ping | 'b';
        interface Tree { child: Tree; size: 's' | 'm' }
        type Deep<T> = { a: Deep<{ b: T }> }['a'];
        type Wide<T> = Wide<T | 'a'> | Wide<T | 'b'>;
        interface Self extends Self { own: 'x' }
        const round = { ...round, a: 1 } as const;
        export const C = (p: { loop: Loop; pong: Ping; tree: Tree; leaf: Tree['child']['child']['size']; deep: Deep<1>; wide: Wide<1>; round: keyof typeof round }) => <i />;
        export const D = (p: Self) => <i />;
    ")])), @"
    C
      leaf: m | s
      ~ loop: Unresolved, refers to itself, or to other types over too many steps
      ~ pong: Unresolved, refers to itself, or to other types over too many steps
      ~ tree: NoCounterpart, an object
      ~ deep: Unresolved, refers to itself, or to other types over too many steps
      ~ wide: Unresolved, refers to itself, or to other types over too many steps
      ~ round: Unresolved, the keys of refers to itself, or to other types over too many steps
    D
      own: x
      ? not all props are known: refers to itself, or to other types over too many steps
    ");
}

#[test]
fn a_union_of_a_hundred_thousand_members_is_not_a_choice() {
    let members: Vec<String> = (0..100_000).map(|n| format!("'{n}'")).collect();
    let source = format!(
        "type Many = {}; export const M = (p: {{ many: Many; few: Extract<Many, '1' | '2'>; rest: Exclude<Many, '3'> & Many }}) => <i />",
        members.join(" | ")
    );
    insta::assert_snapshot!(render(&scan_files(&[("src/index.tsx", &source)])), @"
    M
      few: 1 | 2
      ~ many: Unresolved, has 100000 options, more than the 1000 that are compared
      ~ rest: Unresolved, has 99999 options, more than the 1000 that are compared
    ");
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn loops_of_links_end() {
        let folder = workspace(&[GOOD]);
        symlink(folder.path(), folder.path().join("src/loop")).unwrap();
        symlink("self.tsx", folder.path().join("src/self.tsx")).unwrap();
        let scan = scan(&ScanOptions::new(folder.path(), "")).unwrap();
        assert_eq!(scan.components.len(), 1);
    }

    #[test]
    fn links_out_of_the_workspace_are_not_followed() {
        let outside = workspace(&[("secret.ts", "export type Secret = 'a' | 'b'")]);
        let folder = workspace(&[(
            "src/index.tsx",
            "import type { Secret } from './link'; import type { Secret as S } from '../../../../../../etc/secret';
             export const C = (p: { a: Secret; b: S }) => <i />",
        )]);
        symlink(outside.path().join("secret.ts"), folder.path().join("src/link.ts")).unwrap();
        let found = scan(&ScanOptions::new(folder.path(), "")).unwrap();
        insta::assert_snapshot!(render(&found), @"
        C
          ~ a: Unresolved, `Secret` of `./link`, which was not found
          ~ b: Unresolved, `Secret` of `../../../../../../etc/secret`, which was not found
        ");
        symlink(outside.path(), folder.path().join("package")).unwrap();
        let error = scan(&ScanOptions::new(folder.path(), "package")).unwrap_err();
        assert!(matches!(error, ScanError::Outside { .. }), "{error}");
    }

    #[test]
    fn unreadable_files_are_named() {
        let folder = workspace(&[GOOD, ("src/locked.tsx", "export const L = 1")]);
        let locked = folder.path().join("src/locked.tsx");
        std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000)).unwrap();
        // The superuser reads anything: there is nothing to see then.
        if std::fs::read(&locked).is_err() {
            let scan = scan(&ScanOptions::new(folder.path(), "")).unwrap();
            assert_eq!(codes(&scan), ["unreadable-file"]);
        }
    }
}

#[test]
fn settings_that_refer_to_themselves_end() {
    let deep = format!("{}0{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    let many = format!(r#"{{ "extends": [{}] }}"#, vec![r#""./tsconfig""#; 50].join(", "));
    let cases: [&[(&str, &str)]; 6] = [
        &[("tsconfig.json", &many)],
        &[
            ("tsconfig.json", r#"{ "extends": "./a.json" }"#),
            ("a.json", r#"{ "extends": "./tsconfig.json" }"#),
        ],
        &[(
            "tsconfig.json",
            r#"{ "references": [{ "path": "." }], "compilerOptions": { "paths": { "*": ["*"] } } }"#,
        )],
        &[(
            "package.json",
            r#"{ "name": "x", "exports": { ".": { "types": { "default": "./package.json" } }, "./*": "./*/*" } }"#,
        )],
        &[("tsconfig.json", &deep)],
        &[("package.json", &deep)],
    ];
    for files in cases {
        let folder = workspace(&[
            GOOD,
            (
                "src/user.tsx",
                "import type { S } from 'x/y'; export const User = (p: { s: S; own: 'a' }) => <i />",
            ),
        ]);
        for (path, text) in files {
            write(&folder, path, text.as_bytes());
        }
        let scan = scan(&ScanOptions::new(folder.path(), "")).unwrap();
        let told = render(&scan);
        assert!(scan.components.iter().any(|component| component.name == "Good"), "{files:?}: {told}");
        assert!(told.contains("own: a") && told.contains("~ s: Unresolved"), "{files:?}: {told}");
    }
}

#[test]
fn a_manifest_of_custom_elements_that_never_ends_is_named() {
    let deep = format!("{{ \"modules\": {}", "[{\"a\":".repeat(50_000));
    let scan = scan_with(Framework::CustomElements, &[("custom-elements.json", &deep)]);
    assert_eq!(codes(&scan), ["elements-manifest"]);
    let diagnostic = &scan.diagnostics[0];
    assert_eq!((diagnostic.file.as_str(), diagnostic.place.unwrap().line), ("custom-elements.json", 1));
}

#[test]
fn a_package_that_is_not_there_is_an_error() {
    let folder = workspace(&[GOOD]);
    let error = scan(&ScanOptions::new(folder.path(), "missing")).unwrap_err();
    assert!(matches!(error, ScanError::Folder { .. }), "{error}");
}

#[test]
fn a_glob_that_makes_no_sense_is_an_error() {
    let folder = workspace(&[GOOD]);
    let mut options = ScanOptions::new(folder.path(), "");
    options.exclude.push("src/{a".to_owned());
    assert!(matches!(scan(&options).unwrap_err(), ScanError::Glob { .. }));
}
