//! Code that uses a component follows its properties and options, or stands in the way of those that go.

use std::{collections::BTreeMap, fs, path::Path};

use insta::assert_snapshot;
use lockstep_code::{
    ScanOptions,
    callers::Callers,
    edit::{EditOptions, Heir, SourceFiles, plan},
    scan,
};
use lockstep_core::{contract::Property, edit::ContractEdit};
use tempfile::TempDir;

use crate::support::{component, workspace};

struct Disk<'w> {
    root: &'w Path,
    callers: Callers,
}

impl SourceFiles for Disk<'_> {
    fn read(&self, file: &str) -> std::io::Result<String> {
        fs::read_to_string(self.root.join(file))
    }

    fn callers(&self) -> Option<&Callers> {
        Some(&self.callers)
    }
}

/// What an edit of a component does to a workspace: the lines that go and come, what is left by hand, the notes.
fn edited(folder: &TempDir, name: &str, edit: ContractEdit) -> String {
    let options = ScanOptions::new(folder.path(), "");
    let found = scan(&options).unwrap();
    let edited = component(&found, name);
    let inherits = |other: &&lockstep_code::model::ScannedComponent| {
        other.name != name
            && other
                .origins
                .values()
                .any(|theirs| edited.origins.values().any(|origin| origin.declared == theirs.declared))
    };
    let of = |name: &str| -> Vec<_> {
        found.stories.iter().filter(|story| story.component.as_deref() == Some(name)).cloned().collect()
    };
    let heirs = found.components.iter().filter(inherits).map(|heir| Heir {
        component: heir.clone(),
        stories: of(&heir.name),
        connections: Vec::new(),
    });
    let edit_options = EditOptions { heirs: heirs.collect(), ..EditOptions::default() };
    let disk = Disk { root: folder.path(), callers: lockstep_code::callers(&[options]).unwrap() };
    let stories = of(name);
    let stories: Vec<_> = stories.iter().collect();
    let planned = plan(edited, &stories, &[], &[edit], &edit_options, &disk);
    let mut shown = String::new();
    for file in &planned.files {
        shown.push_str(&format!("{}\n", file.file));
        let before = disk.read(&file.file).unwrap();
        let mut left: BTreeMap<&str, i32> = BTreeMap::new();
        file.after.lines().for_each(|line| *left.entry(line).or_default() += 1);
        before.lines().for_each(|line| *left.entry(line).or_default() -= 1);
        let gone = before.lines().filter(|line| left[line] < 0).map(|line| format!("-{line}\n"));
        let come = file.after.lines().filter(|line| left[line] > 0).map(|line| format!("+{line}\n"));
        shown.extend(gone.chain(come));
    }
    for manual in &planned.manual {
        shown.push_str(&format!("manual {}:{} {}\n", manual.place.file, manual.place.line, manual.reason));
    }
    for note in &planned.notes {
        shown.push_str(&format!("note {}:{} {}\n", note.place.file, note.place.line, note.text));
    }
    shown
}

fn rename(from: &str, to: &str) -> ContractEdit {
    ContractEdit::RenameProperty { from: from.into(), to: to.into() }
}

fn rename_option(property: &str, from: &str, to: &str) -> ContractEdit {
    ContractEdit::RenameOption { property: property.into(), from: from.into(), to: to.into() }
}

const CARD: &str = "\
export interface HeaderProps { title: string; tone?: 'calm' | 'loud' }
function CardHeader({ title, tone = 'calm' }: HeaderProps) { return <h3 className={tone}>{title}</h3>; }
function CardRoot({ open }: { open?: boolean }) { return <div aria-expanded={open} />; }
export const Card = Object.assign(CardRoot, { Header: CardHeader });
";

#[test]
fn an_element_is_resolved_through_imports() {
    let folder = workspace(&[
        ("package.json", r#"{"name":"@acme/ui","main":"src/index.ts"}"#),
        ("src/card/Card.tsx", CARD),
        (
            "src/card/index.ts",
            "export { Card, Card as Panel } from './Card';\nexport type * from './Card';\n",
        ),
        ("src/index.ts", "export * from './card';\nexport * as Parts from './card/Card';\n"),
        (
            "src/Page.tsx",
            r#"import { createElement } from 'react';
import { Card as C, Panel } from './card';
import * as UI from './index';
import { Card } from 'elsewhere';
import type { HeaderProps } from './card';
const given: HeaderProps = { title: 'typed' };
const rest = { title: 'spread', tone: 'loud' } as const;
type Title = HeaderProps['title'];
type Other = { title: 'not this' };
export const a = <C.Header title="alias" />;
export const b = <UI.Card.Header title="namespace" />;
export const c = <Panel.Header title="re-export" />;
export const d = <UI.Parts.Card.Header title="namespace of a namespace" />;
export const e = <Card.Header title="another library's" />;
export const f = <C title="not the header" />;
export const g = createElement(C.Header, { title: 'call' });
export const h = <C.Header {...rest} />;
export const i = (props: any) => <C.Header {...props} />;
export const j = (C: any) => <C.Header title="shadowed" />;
export const k = <Panel.Header {...given} />;
"#,
        ),
        (
            "test/Card.test.tsx",
            "import { Card } from '@acme/ui';\nit('works', () => render(<Card.Header title=\"x\" tone={'loud'} />));\n",
        ),
        ("app/package.json", r#"{"name":"app"}"#),
        (
            "app/main.tsx",
            "import { Card } from '@acme/ui';\nexport default () => <Card.Header title=\"app\" />;\n",
        ),
    ]);
    assert_snapshot!(edited(&folder, "Card.Header", rename("title", "heading")), @r#"
    app/main.tsx
    -export default () => <Card.Header title="app" />;
    +export default () => <Card.Header heading="app" />;
    src/Page.tsx
    -const given: HeaderProps = { title: 'typed' };
    -const rest = { title: 'spread', tone: 'loud' } as const;
    -type Title = HeaderProps['title'];
    -export const a = <C.Header title="alias" />;
    -export const b = <UI.Card.Header title="namespace" />;
    -export const c = <Panel.Header title="re-export" />;
    -export const g = createElement(C.Header, { title: 'call' });
    +const given: HeaderProps = { heading: 'typed' };
    +const rest = { heading: 'spread', tone: 'loud' } as const;
    +type Title = HeaderProps['heading'];
    +export const a = <C.Header heading="alias" />;
    +export const b = <UI.Card.Header heading="namespace" />;
    +export const c = <Panel.Header heading="re-export" />;
    +export const g = createElement(C.Header, { heading: 'call' });
    src/card/Card.tsx
    -export interface HeaderProps { title: string; tone?: 'calm' | 'loud' }
    -function CardHeader({ title, tone = 'calm' }: HeaderProps) { return <h3 className={tone}>{title}</h3>; }
    +export interface HeaderProps { heading: string; tone?: 'calm' | 'loud' }
    +function CardHeader({ heading: title, tone = 'calm' }: HeaderProps) { return <h3 className={tone}>{title}</h3>; }
    test/Card.test.tsx
    -it('works', () => render(<Card.Header title="x" tone={'loud'} />));
    +it('works', () => render(<Card.Header heading="x" tone={'loud'} />));
    note src/Page.tsx:18 what is spread here may still be called `title`
    "#);
    assert_snapshot!(edited(&folder, "Card.Header", rename_option("tone", "loud", "strong")), @r#"
    src/Page.tsx
    -const rest = { title: 'spread', tone: 'loud' } as const;
    +const rest = { title: 'spread', tone: 'strong' } as const;
    src/card/Card.tsx
    -export interface HeaderProps { title: string; tone?: 'calm' | 'loud' }
    +export interface HeaderProps { title: string; tone?: 'calm' | 'strong' }
    test/Card.test.tsx
    -it('works', () => render(<Card.Header title="x" tone={'loud'} />));
    +it('works', () => render(<Card.Header title="x" tone={'strong'} />));
    "#);
    assert_snapshot!(edited(&folder, "Card.Header", ContractEdit::RemoveProperty { name: "tone".into() }), @"
    manual src/card/Card.tsx:2 `tone` is still used here
    manual src/Page.tsx:7 `tone` is still passed here
    manual test/Card.test.tsx:2 `tone` is still passed here
    ");
}

const BUTTON: &str = "\
export type Variant = 'primary' | 'ghost';
const styles: Record<Variant, string> = { primary: 'p', ghost: 'g' };
export interface ButtonProps { variant?: Variant; busy?: boolean; label?: string }
export function Button({ variant = 'primary', busy, label }: ButtonProps) {
  switch (variant) {
    case 'ghost':
      return <b className={styles[variant]}>{label}</b>;
  }
  const quiet = ['ghost', 'other'].includes(variant) || (variant ?? 'ghost') !== 'ghost';
  return <button aria-busy={busy} hidden={quiet} />;
}
";

const ICON_BUTTON: &str = "\
import { Button, type ButtonProps } from './Button';
export interface IconButtonProps extends Omit<ButtonProps, 'label'> { icon: string }
export function IconButton({ icon, variant = 'ghost', ...rest }: IconButtonProps) {
  return <Button variant={variant} label={icon} {...rest} />;
}
";

fn buttons(page: &str) -> TempDir {
    workspace(&[
        ("package.json", r#"{"name":"@acme/ui","main":"src/index.ts"}"#),
        ("src/index.ts", "export * from './Button';\nexport * from './IconButton';\n"),
        ("src/Button.tsx", BUTTON),
        ("src/IconButton.tsx", ICON_BUTTON),
        (
            "src/IconButton.stories.tsx",
            "import { IconButton } from './IconButton';\nexport default { component: IconButton, args: { variant: 'ghost' } };\nexport const One = { args: { icon: 'x' } };\n",
        ),
        ("src/Page.tsx", page),
    ])
}

const PAGE: &str = r#"import { Button as B, IconButton, type ButtonProps, type Variant } from './index';
const icons: Record<Variant, string> = { primary: '1', ghost: '2' };
const first: ButtonProps['variant'] = 'ghost';
export const Page = ({ busy }: { busy: boolean }) => (
  <>
    <B variant="ghost" label="ghost" />
    <B variant={busy ? 'ghost' : 'primary'} label={icons.ghost} />
    {(['primary', 'ghost'] as const).map((v) => <IconButton key={v} icon={v} variant={v} />)}
    <B variant={first} />
  </>
);
"#;

#[test]
fn an_option_is_renamed_where_it_is_chosen() {
    let folder = buttons(PAGE);
    assert_snapshot!(edited(&folder, "Button", rename_option("variant", "ghost", "quiet")), @r#"
    src/Button.tsx
    -export type Variant = 'primary' | 'ghost';
    -const styles: Record<Variant, string> = { primary: 'p', ghost: 'g' };
    -    case 'ghost':
    -  const quiet = ['ghost', 'other'].includes(variant) || (variant ?? 'ghost') !== 'ghost';
    +export type Variant = 'primary' | 'quiet';
    +const styles: Record<Variant, string> = { primary: 'p', quiet: 'g' };
    +    case 'quiet':
    +  const quiet = ['quiet', 'other'].includes(variant) || (variant ?? 'quiet') !== 'quiet';
    src/IconButton.stories.tsx
    -export default { component: IconButton, args: { variant: 'ghost' } };
    +export default { component: IconButton, args: { variant: 'quiet' } };
    src/IconButton.tsx
    -export function IconButton({ icon, variant = 'ghost', ...rest }: IconButtonProps) {
    +export function IconButton({ icon, variant = 'quiet', ...rest }: IconButtonProps) {
    src/Page.tsx
    -const icons: Record<Variant, string> = { primary: '1', ghost: '2' };
    -const first: ButtonProps['variant'] = 'ghost';
    -    <B variant="ghost" label="ghost" />
    -    <B variant={busy ? 'ghost' : 'primary'} label={icons.ghost} />
    -    {(['primary', 'ghost'] as const).map((v) => <IconButton key={v} icon={v} variant={v} />)}
    +const icons: Record<Variant, string> = { primary: '1', quiet: '2' };
    +const first: ButtonProps['variant'] = 'quiet';
    +    <B variant="quiet" label="ghost" />
    +    <B variant={busy ? 'quiet' : 'primary'} label={icons.quiet} />
    +    {(['primary', 'quiet'] as const).map((v) => <IconButton key={v} icon={v} variant={v} />)}
    "#);
    assert_snapshot!(edited(&folder, "Button", rename("variant", "kind")), @r#"
    src/Button.tsx
    -export interface ButtonProps { variant?: Variant; busy?: boolean; label?: string }
    -export function Button({ variant = 'primary', busy, label }: ButtonProps) {
    +export interface ButtonProps { kind?: Variant; busy?: boolean; label?: string }
    +export function Button({ kind: variant = 'primary', busy, label }: ButtonProps) {
    src/IconButton.stories.tsx
    -export default { component: IconButton, args: { variant: 'ghost' } };
    +export default { component: IconButton, args: { kind: 'ghost' } };
    src/IconButton.tsx
    -export function IconButton({ icon, variant = 'ghost', ...rest }: IconButtonProps) {
    -  return <Button variant={variant} label={icon} {...rest} />;
    +export function IconButton({ icon, kind: variant = 'ghost', ...rest }: IconButtonProps) {
    +  return <Button kind={variant} label={icon} {...rest} />;
    src/Page.tsx
    -const first: ButtonProps['variant'] = 'ghost';
    -    <B variant="ghost" label="ghost" />
    -    <B variant={busy ? 'ghost' : 'primary'} label={icons.ghost} />
    -    {(['primary', 'ghost'] as const).map((v) => <IconButton key={v} icon={v} variant={v} />)}
    -    <B variant={first} />
    +const first: ButtonProps['kind'] = 'ghost';
    +    <B kind="ghost" label="ghost" />
    +    <B kind={busy ? 'ghost' : 'primary'} label={icons.ghost} />
    +    {(['primary', 'ghost'] as const).map((v) => <IconButton key={v} icon={v} kind={v} />)}
    +    <B kind={first} />
    "#);
}

#[test]
fn what_is_still_used_is_left_with_every_use() {
    let folder = buttons(PAGE);
    let gone = ContractEdit::RemoveOption { property: "variant".into(), option: "ghost".into() };
    assert_snapshot!(edited(&folder, "Button", gone), @"
    manual src/IconButton.tsx:3 `ghost` is the default of `variant`; another default must be chosen first
    manual src/Button.tsx:6 `variant` is still compared with `ghost` here
    manual src/Button.tsx:9 `variant` is still compared with `ghost` here
    manual src/Button.tsx:9 `variant` is still compared with `ghost` here
    manual src/Button.tsx:9 `variant` is still compared with `ghost` here
    manual src/Page.tsx:7 the entry of `ghost` is read here
    manual src/IconButton.stories.tsx:2 a story that can't just go shows `variant=ghost`
    manual src/Page.tsx:6 `variant=ghost` is still chosen here
    manual src/Page.tsx:7 `variant=ghost` is still chosen here
    manual src/Page.tsx:8 `variant=ghost` is still chosen here
    manual src/Page.tsx:3 `variant=ghost` is still chosen here
    ");
    assert_snapshot!(edited(&folder, "Button", ContractEdit::RemoveProperty { name: "busy".into() }), @"manual src/Button.tsx:10 `busy` is still used here");
    let kind = ContractEdit::ChangeKind { name: "label".into(), to: Property::Slot };
    assert_snapshot!(edited(&folder, "Button", kind), @"
    manual src/IconButton.tsx:4 this gives `label` a value of its old kind
    manual src/Page.tsx:6 this gives `label` a value of its old kind
    manual src/Page.tsx:7 this gives `label` a value of its old kind
    ");
}

#[test]
fn what_can_t_be_seen_to_the_bottom_is_left_to_a_person() {
    let folder = buttons(
        "import { Button } from './Button';\ntype Kind = 'primary' | 'ghost';\nexport const Page = ({ kind }: { kind: Kind }) => <Button variant={kind} />;\n",
    );
    assert_snapshot!(edited(&folder, "Button", rename_option("variant", "ghost", "quiet")), @"manual src/Page.tsx:2 this may be the `ghost` that is given for `variant` here");
}
