//! What is kept between scans: never stale, never needed.

use std::{thread::sleep, time::Duration};

use lockstep_code::{ScanOptions, model::CodeScan, scan};
use tempfile::TempDir;

use crate::support::{workspace, write};

/// Longer than changes need to settle.
const SETTLED: Duration = Duration::from_millis(150);

fn sample() -> (TempDir, ScanOptions) {
    let folder = workspace(&[
        ("src/index.tsx", "import { Size } from './size'; export const C = (p: { size: Size }) => <i />"),
        ("src/size.ts", "export type Size = 's' | 'm'"),
        (
            "src/C.stories.tsx",
            "import { C } from './index'; export default { component: C }; export const One = {};",
        ),
    ]);
    sleep(SETTLED);
    let mut options = ScanOptions::new(folder.path(), "");
    options.cache = Some(folder.path().join(".lockstep/cache"));
    // The cache's own folder is made by the first scan, which changes the root's time.
    scan(&options).unwrap();
    sleep(SETTLED);
    (folder, options)
}

fn fresh(options: &ScanOptions) -> CodeScan {
    scan(&ScanOptions { cache: None, ..options.clone() }).unwrap()
}

#[test]
fn a_kept_result_is_the_same_result() {
    let (folder, options) = sample();
    let first = scan(&options).unwrap();
    let kept = std::fs::read_dir(folder.path().join(".lockstep/cache")).unwrap().count();
    assert_eq!(kept, 1);
    assert_eq!(scan(&options).unwrap(), first);
    assert_eq!(first, fresh(&options));
    assert_eq!((first.components.len(), first.stories.len()), (1, 1));
}

#[test]
fn whatever_changes_is_seen() {
    let (folder, options) = sample();
    let changes: &[(&str, &str)] = &[
        ("src/size.ts", "export type Size = 's' | 'l'"),
        ("src/size.ts", "export type Size = 'x' | 'l'"),
        ("src/new.tsx", "export const New = () => <b />"),
        (
            "src/index.tsx",
            "import { Size } from './size'; export * from './new'; export const C = (p: { size: Size }) => <i />",
        ),
        (
            "src/C.stories.tsx",
            "import { C } from './index'; export default { component: C }; export const Two = {};",
        ),
        ("package.json", r#"{ "name": "@acme/ui" }"#),
        ("tsconfig.json", r#"{ "compilerOptions": { "paths": { "~/*": ["./src/*"] } } }"#),
        ("src/deep/more/other.tsx", "export const Other = () => <b />"),
        (".gitignore", "src/deep"),
    ];
    for settled in [Duration::ZERO, SETTLED] {
        for (path, text) in changes {
            scan(&options).unwrap();
            write(&folder, path, text.as_bytes());
            sleep(settled);
            assert_eq!(scan(&options).unwrap(), fresh(&options), "{path}");
        }
        std::fs::remove_file(folder.path().join("src/new.tsx")).unwrap();
        assert_eq!(scan(&options).unwrap(), fresh(&options));
        std::fs::remove_file(folder.path().join(".gitignore")).unwrap();
    }
}

#[test]
fn other_options_have_another_result() {
    let (_folder, options) = sample();
    scan(&options).unwrap();
    let other = ScanOptions { exclude: vec!["src/size.ts".to_owned()], ..options };
    assert_eq!(scan(&other).unwrap(), fresh(&other));
}

#[test]
fn a_damaged_cache_counts_for_nothing() {
    let (folder, options) = sample();
    let expected = scan(&options).unwrap();
    let cache = folder.path().join(".lockstep/cache");
    let file = std::fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path();
    let good = std::fs::read(&file).unwrap();
    for damaged in [&good[..good.len() / 2], b"", b"{}", b"\xff\xfe", &[b"x".as_slice(), &good].concat()] {
        std::fs::write(&file, damaged).unwrap();
        assert_eq!(scan(&options).unwrap(), expected);
    }
    // Whichever byte is another one, nothing is made of it.
    for at in (0..good.len()).step_by(7) {
        let mut damaged = good.clone();
        damaged[at] ^= 1 << (at % 8);
        std::fs::write(&file, damaged).unwrap();
        assert_eq!(scan(&options).unwrap(), expected, "byte {at}");
    }
    std::fs::remove_dir_all(&cache).unwrap();
    std::fs::write(&cache, "a file where the folder should be").unwrap();
    assert_eq!(scan(&options).unwrap(), expected);
}

#[test]
fn several_scans_at_once_do_not_disturb_each_other() {
    let (folder, options) = sample();
    let expected = fresh(&options);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..8 {
                    let _ = std::fs::remove_dir_all(folder.path().join(".lockstep/cache"));
                    assert_eq!(scan(&options).unwrap(), expected);
                }
            });
        }
    });
}
