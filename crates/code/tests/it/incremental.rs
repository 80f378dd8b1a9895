//! A scan that takes from the last one what did not change finds what a cold scan finds, byte for byte.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use lockstep_code::{Framework, ScanOptions, scan};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::support::{workspace, write};

/// Files of a small workspace, each with the texts that it may have.
const FILES: &[(&str, &[&str])] = &[
    (
        "packages/ui/src/index.ts",
        &[
            "export * from './button'; export { Card as Panel } from './card'; export * from './list'; export * as Icons from './icons';",
            "export * from './button'; export * from './card'; export * from './list'; export * from './other'; export * from './icons';",
            "export { Button } from './button'; export { default as Main } from '@/card'; export * from '@acme/tokens';",
            "import { Button } from './button'; export { Button, Button as Same }; export * from './gone';",
        ],
    ),
    (
        "packages/ui/src/button.tsx",
        &[
            "import { Size } from './types'; export const Button = (p: { size: Size }) => <button />;",
            "import type { Size, Tone } from './types';\n/** Press. */\nexport const Button = ({ size = 's' }: { size?: Size; tone: Tone }) => <button />;",
            "import { Base } from './card'; import { Props } from '@/types'; export const Button = (p: Props) => <Base {...p} />;\nButton.Icon = (p: { on: boolean }) => <i />;",
            "import { Size } from '@acme/tokens'; import { Known } from 'known'; export function Button(p: Known & { size: Size }) { return <b /> }\nexport const broken = ;",
            "export { Card as Button } from './card';",
            "import { Alias, More } from './alias'; export const Button = (p: More & { tone: Alias }) => <b />;",
        ],
    ),
    (
        "packages/ui/src/card/index.tsx",
        &[
            "import { Tone } from '../types'; export const Card = (p: { tone: Tone }) => <div />; export const Base = Card; export default Card;",
            "import { Button } from '..'; export const Base = Button; export const Card = Object.assign((p: { wide?: boolean }) => <div />, { Button });",
            "import { sizes } from '@/types'; export const Card = (p: { size: (typeof sizes)[number] }) => <div />; export default function Named(p: { a: 'x' | 'y' }) { return <p /> }",
        ],
    ),
    (
        "packages/ui/src/alias.ts",
        &[
            "import { Tone } from './types'; import { Props } from '@/types'; export type Alias = Tone; export interface More extends Props {}",
            "import { Size } from '@acme/tokens'; import { Known } from 'known'; export type Alias = Size; export type More = Known;",
        ],
    ),
    (
        "packages/ui/src/card.tsx",
        &["export const Card = (p: { other: 'a' | 'b' }) => <div />; export const Base = Card;"],
    ),
    (
        "packages/ui/src/types.ts",
        &[
            "export type Size = 's' | 'm'; export type Tone = 'a' | 'b'; export const sizes = ['s', 'm'] as const; export interface Props { size: Size }",
            "export * from '@acme/tokens'; export type Tone = 'a'; export interface Props { tone?: Tone }",
            "export type Size = 's' | 'm' | 'l';\nexport type Tone = Size; export enum Kind { A = 'a' } export interface Props { kind: Kind; size: Size }",
        ],
    ),
    (
        "packages/ui/src/icons.tsx",
        &[
            "import { Size } from './types'; export const Plus = (p: { size: Size }) => <svg />; export const Minus = Plus;",
            "export * from './button'; export const Plus = () => <svg />;",
            "import { Alias } from './alias'; export const Plus = (p: { alias: Alias }) => <svg />; export const Minus = (p: { less: Alias }) => <svg />;",
        ],
    ),
    ("packages/ui/src/other.js", &["export const Other = ({ open = true }) => React.createElement('i');"]),
    (
        "packages/ui/src/other.d.ts",
        &["export declare const Other: (p: { open?: boolean; mode: 'a' | 'b' }) => JSX.Element;"],
    ),
    (
        "packages/ui/src/list.tsx",
        &[
            "import { Alias, More } from './alias'; export const List = (p: More & { alias: Alias }) => <ul />;",
        ],
    ),
    ("packages/ui/src/alone.tsx", &["export const Alone = (p: { x: number }) => <i />;"]),
    (
        "packages/ui/src/button.stories.tsx",
        &[
            "import { Button } from './button'; import { sizes } from './types'; export default { component: Button, args: { size: sizes[0] } }; export const One = {};",
            "import { Button } from '.'; export default { title: 'Press', component: Button, tags: ['autodocs'] }; export const Two = { args: { tone: 'a' } };",
            "import * as UI from './index'; export default { component: UI.Panel }; export const One = {}; export const Broken = {",
        ],
    ),
    (
        "packages/ui/src/card.stories.tsx",
        &[
            "import Card from './card'; export default { title: 'Press', component: Card }; export const Two = {};",
        ],
    ),
    (
        "packages/ui/src/button.mdx",
        &["import * as S from './button.stories';\n<Meta of={S} />\n# Hi", "<Meta title=\"Docs\" />"],
    ),
    (
        "packages/ui/src/button.figma.tsx",
        &[
            "import figma from '@figma/code-connect'; import { Button } from './button'; figma.connect(Button, 'https://figma.com/file/a?node-id=1-2', { props: { size: figma.enum('Size', { Small: 's' }) }, example: ({ size }) => <Button size={size} /> });",
            "import figma from '@figma/code-connect'; import { Card } from '@/card'; figma.connect(Card, 'https://figma.com/file/a?node-id=1-3', { example: () => <Card /> });",
        ],
    ),
    (
        "packages/ui/package.json",
        &[
            r#"{ "name": "@acme/ui", "source": "src/index.ts" }"#,
            r#"{ "name": "@acme/two", "exports": { ".": "./src/index.ts", "./alone": "./src/alone.tsx" } }"#,
            r#"{ "name": "@acme/ui", "main": "#,
            r#"{ "devDependencies": { "storybook": "^8.0.0" } }"#,
        ],
    ),
    (
        "packages/ui/tsconfig.json",
        &[
            r#"{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }"#,
            r#"{ "extends": "../../tsconfig.json", "compilerOptions": { "baseUrl": "src" } }"#,
            r#"{ "compilerOptions": { "paths": { "@/card": ["./src/alone.tsx"] } } }"#,
        ],
    ),
    (
        "tsconfig.json",
        &[r#"{ "compilerOptions": { "paths": { "@/types": ["./packages/tokens/index.ts"] } } }"#],
    ),
    (
        "packages/ui/.storybook/main.ts",
        &[
            "export default { stories: ['../src/**/*.stories.tsx', '../src/**/*.mdx'] };",
            "export default { stories: ['../src'] };",
        ],
    ),
    ("packages/ui/.gitignore", &["card.tsx\n", "icons.tsx\n"]),
    (
        "packages/ui/figma.config.json",
        &[
            r#"{ "codeConnect": { "include": ["src/**"], "documentUrlSubstitutions": { "https://figma.com": "https://x.com" } } }"#,
        ],
    ),
    (
        "packages/tokens/package.json",
        &[
            r#"{ "name": "@acme/tokens", "source": "index.ts" }"#,
            r#"{ "name": "@acme/tokens", "exports": { ".": "./src/index.ts" } }"#,
        ],
    ),
    (
        "packages/tokens/index.ts",
        &[
            "export type Size = 'x' | 'y'; export const Token = (p: { t: 't' | 'u' }) => <i />;",
            "export * from './src';",
            "export type Size = 'z'; export const bad = ;",
        ],
    ),
    ("packages/tokens/src/index.ts", &["export type Size = 'q'; export type Tone = 'r';"]),
    ("node_modules/known/package.json", &[r#"{ "name": "known", "types": "index.d.ts" }"#]),
    (
        "node_modules/known/index.d.ts",
        &["export interface Known { known?: 'k' | 'n' }", "export * from './more';"],
    ),
    ("node_modules/known/more.d.ts", &["export interface Known { more: boolean }"]),
    ("package.json", &[r#"{ "workspaces": ["packages/*"] }"#]),
];

/// What somebody does to the workspace.
#[derive(Debug, Clone)]
enum Act {
    /// Writes a file with one of its texts.
    Write(usize, usize),
    Remove(usize),
    /// Gives a file the name of another one.
    Rename(usize, usize),
    /// Writes a file again as it is.
    Touch(usize),
    /// Saves a file as editors do: beside it, then renamed.
    Replace(usize, usize),
}

fn act() -> impl Strategy<Value = Act> {
    let file = 0..FILES.len();
    // Mostly sources: they depend on each other.
    let file = prop_oneof![3 => 0..15_usize, 1 => file];
    let text = 0..6_usize;
    prop_oneof![
        6 => (file.clone(), text.clone()).prop_map(|(file, text)| Act::Write(file, text)),
        2 => file.clone().prop_map(Act::Remove),
        1 => (file.clone(), file.clone()).prop_map(|(file, to)| Act::Rename(file, to)),
        1 => file.clone().prop_map(Act::Touch),
        2 => (file, text).prop_map(|(file, text)| Act::Replace(file, text)),
    ]
}

fn text_of(file: usize, text: usize) -> &'static str {
    let texts = FILES[file].1;
    texts[text % texts.len()]
}

fn perform(folder: &TempDir, act: &Act) {
    let path = |file: &usize| folder.path().join(FILES[*file].0);
    match act {
        Act::Write(file, text) => write(folder, FILES[*file].0, text_of(*file, *text).as_bytes()),
        Act::Remove(file) => _ = fs::remove_file(path(file)),
        Act::Rename(file, to) => {
            fs::create_dir_all(path(to).parent().unwrap()).unwrap();
            let _ = fs::rename(path(file), path(to));
        }
        Act::Touch(file) => {
            if let Ok(text) = fs::read(path(file)) {
                fs::write(path(file), text).unwrap();
            }
        }
        Act::Replace(file, text) => {
            write(folder, &format!("{}.tmp", FILES[*file].0), text_of(*file, *text).as_bytes());
            fs::rename(folder.path().join(format!("{}.tmp", FILES[*file].0)), path(file)).unwrap();
        }
    }
}

/// Lets everything be as old as if it had long been there, so that its stamps count.
fn settle(folder: &Path, time: SystemTime) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            settle(&entry.path(), time);
        } else {
            fs::File::options().append(true).open(entry.path()).unwrap().set_modified(time).unwrap();
        }
    }
    fs::File::open(folder).unwrap().set_modified(time).unwrap();
}

fn rendered(options: &ScanOptions) -> String {
    serde_json::to_string_pretty(&scan(options).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_taken_from_the_last_scan_is_what_a_cold_scan_finds(
        start in prop::collection::vec((prop::bool::weighted(0.9), 0..6_usize), FILES.len()),
        acts in prop::collection::vec((prop::collection::vec(act(), 1..3), prop::bool::weighted(0.8)), 1..12),
        entry in prop::bool::weighted(0.1),
    ) {
        let there = start.iter().enumerate().filter(|(_, (there, _))| *there);
        let files: Vec<(&str, &str)> =
            there.map(|(file, (_, text))| (FILES[file].0, text_of(file, *text))).collect();
        let folder = workspace(&files);
        fs::create_dir_all(folder.path().join("packages/ui/src")).unwrap();
        let cache = tempfile::tempdir().unwrap();
        let cold = ScanOptions {
            framework: Framework::React,
            entry: entry.then(|| "src/card/index.tsx".into()),
            ..ScanOptions::new(folder.path(), "packages/ui")
        };
        let kept = ScanOptions { cache: Some(cache.path().to_owned()), ..cold.clone() };
        let long_ago = SystemTime::now() - Duration::from_secs(1_000);
        for (step, (acts, settled)) in acts.iter().enumerate() {
            if *settled {
                settle(folder.path(), long_ago + Duration::from_secs(step as u64) + Duration::from_nanos(1));
            }
            prop_assert_eq!(rendered(&kept), rendered(&cold), "before step {}", step);
            acts.iter().for_each(|act| perform(&folder, act));
        }
        prop_assert_eq!(rendered(&kept), rendered(&cold));
        prop_assert_eq!(rendered(&kept), rendered(&cold), "once more");
    }
}
