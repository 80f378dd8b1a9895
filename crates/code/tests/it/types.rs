//! Props types of every form, and what they come to.

use crate::support::{contracts, render, scan_files};

/// The lines of a component `C` whose props type is `props`, after some declarations.
fn props(declarations: &str, props: &str) -> String {
    let text = contracts(&format!("{declarations}\nexport function C(props: {props}) {{ return <i /> }}"));
    text.strip_prefix("C\n")
        .map_or(text.clone(), |lines| lines.lines().map(str::trim).collect::<Vec<_>>().join("\n"))
}

#[test]
fn types_come_to_properties() {
    let cases: &[(&str, &str, &str)] = &[
        // Literals and unions.
        ("", "{ a?: 's' | 'l' }", "a: l | s"),
        ("", "{ a: 1 | 2 | 3 }", "a: 1 | 2 | 3"),
        ("", "{ a: -1 | 0.5 }", "a: -1 | 0.5"),
        ("", "{ a: boolean | 'mixed' }", "a: false | mixed | true"),
        ("", "{ a: true | false }", "a: boolean"),
        ("", "{ a?: true }", "a: boolean"),
        ("", "{ a?: 's' | undefined | null }", "a: s"),
        ("", "{ a: `x` | 'y' }", "a: x | y"),
        ("", "{ a: 's' | string }", "a: text"),
        ("", "{ a: 's' | 'm' | (string & {}) }", "a: m | s"),
        ("", "{ a: 's' | 'm' | (string & Record<never, never>) }", "a: m | s"),
        ("", "{ a: 16 | 24 | (number & {}) | `${number}lh` }", "a: 16 | 24"),
        ("", "{ a: 'auto' | number }", "a: number"),
        // Kinds.
        ("", "{ a: string; b?: number; c: boolean }", "a: text\nb: number\nc: boolean"),
        ("", "{ a: string | number }", "a: text"),
        (
            "",
            "{ a: React.ReactNode; b: JSX.Element; c: React.ElementType; d: string | React.ReactElement }",
            "a: slot\nb: slot\nc: slot\nd: slot",
        ),
        ("import type { ReactNode as Node } from 'react'", "{ a?: Node }", "a: slot"),
        // What a design has nothing for.
        ("", "{ onPress: () => void }", "~ onPress: NoCounterpart, a function"),
        ("", "{ onPress?(): void }", "~ onPress: NoCounterpart, a function"),
        (
            "",
            "{ a: { x: number }; b: string[]; c: Date }",
            "~ a: NoCounterpart, an object\n~ b: NoCounterpart, a list\n~ c: NoCounterpart, `Date`",
        ),
        (
            "",
            "{ a: React.Ref<HTMLElement>; b: any }",
            "~ a: NoCounterpart, `React.Ref`\n~ b: NoCounterpart, `any`",
        ),
        (
            "",
            "{ className?: string; style?: React.CSSProperties; ref?: React.Ref<any>; as?: 'a' | 'b' }",
            "~ className: Framework\n~ style: Framework\n~ ref: Framework\n~ as: Framework",
        ),
        (
            "",
            "{ id?: string; tabIndex?: number; 'aria-label'?: string; 'aria-live'?: 'polite' | 'off' }",
            "~ id: HtmlAttribute\n~ tabIndex: HtmlAttribute\n~ aria-label: HtmlAttribute\n~ aria-live: HtmlAttribute",
        ),
        ("", "{ type?: 'button' | 'submit' }", "~ type: HtmlAttribute"),
        // A choice that the library lists is its own, whatever it is called.
        (
            "",
            "{ type?: 'text' | 'email'; name: 'add' | 'close'; disabled?: boolean; label: string }",
            "disabled: boolean\nlabel: text\nname: add | close\ntype: email | text",
        ),
        // Responsive wrappers: objects beside options drop out.
        (
            "type Responsive<T> = T | Partial<Record<'sm' | 'lg', T>>",
            "{ a?: Responsive<'1' | '2'>; b?: Responsive<boolean> }",
            "a: 1 | 2\nb: boolean",
        ),
        // Aliases, generics with arguments and defaults.
        ("type Size = 's' | 'm'; type Props = { a: Size }", "Props", "a: m | s"),
        ("type Box<T = 'x' | 'y', U extends string = T> = { a: T; b: U }", "Box", "a: x | y\nb: x | y"),
        ("type Box<T> = { a: T }", "Box<'p' | 'q'>", "a: p | q"),
        // Interfaces.
        (
            "interface A { a: 's' } interface B { b: string } interface P extends A, B { c: boolean }",
            "P",
            "a: s\nb: text\nc: boolean",
        ),
        ("interface P { a: 's' | 'm' } interface P { b: 1 | 2 }", "P", "a: m | s\nb: 1 | 2"),
        ("interface A { a: 's' | 'm' } interface P extends A { a: 's' }", "P", "a: s"),
        ("interface A<T> { a: T } interface P extends Omit<A<'x' | 'y'>, 'z'> {}", "P", "a: x | y"),
        // Intersections.
        ("", "{ a: 's' } & { b: 'x' | 'y' }", "a: s\nb: x | y"),
        ("", "{ a: 's' | 'm' } & { a: 'm' | 'l' }", "a: m"),
        ("", "{ a: string } & { a: 'm' | 'l' }", "a: l | m"),
        // Utilities.
        ("type P = { a: 's'; b: 'x'; c: string }", "Omit<P, 'a' | 'c'>", "b: x"),
        ("type P = { a: 's'; b: 'x' }", "Pick<P, 'a'>", "a: s"),
        ("type S = 's' | 'm' | 'l'", "{ a: Exclude<S, 'l'>; b: Extract<S, 'l' | 'x'> }", "a: m | s\nb: l"),
        ("", "Partial<{ a: 's' }> & Required<{ b?: 'x' }> & Readonly<{ c: string }>", "a: s\nb: x\nc: text"),
        ("", "{ a: NonNullable<'s' | 'm' | undefined> }", "a: m | s"),
        ("", "Record<'a' | 'b', 'x' | 'y'>", "a: x | y\nb: x | y"),
        ("type P = { size: 's' | 'm' }", "{ a: P['size']; b: P['size' | 'size'] }", "a: m | s\nb: m | s"),
        ("type P = { a: 's'; b: 'x' }", "{ key1: keyof P }", "key1: a | b"),
        ("type P = { a?: 's' | 'm' }", "{ [K in keyof P]: P[K] }", "a: m | s"),
        ("", "{ [K in 'start' | 'end']?: React.ReactNode }", "end: slot\nstart: slot"),
        ("type P = { a: 's' }", "{ [K in keyof P as `${K}Size`]: P[K] }", "aSize: s"),
        (
            "type Side = 'top' | 'bottom'; type Align = 'start' | 'end'",
            "{ a: Side | `${Side}-${Align}` }",
            "a: bottom | bottom-end | bottom-start | top | top-end | top-start",
        ),
        ("type If<T> = T extends string ? 'yes' : 'no'", "{ a: If<'x'>; b: If<1> }", "a: yes\nb: no"),
        ("", "React.PropsWithChildren<{ a: 's' }>", "a: s\nchildren: slot"),
        // Values.
        ("const sizes = ['s', 'm'] as const", "{ a: (typeof sizes)[number] }", "a: m | s"),
        (
            "const base = ['s'] as const; const sizes = [...base, 'm'] as const",
            "{ a: (typeof sizes)[number] }",
            "a: m | s",
        ),
        (
            "const sizes = { Small: 's', Medium: 'm' } as const",
            "{ a: (typeof sizes)[keyof typeof sizes]; b: keyof typeof sizes; c: typeof sizes.Small }",
            "a: m | s\nb: Medium | Small\nc: s",
        ),
        (
            "const sizes = { Small: 's' as const, Medium: 'm' as const }",
            "{ a: (typeof sizes)[keyof typeof sizes] }",
            "a: m | s",
        ),
        (
            "const base = { Small: 's' } as const; const sizes = { ...base, Large: 'l' } as const",
            "{ a: (typeof sizes)[keyof typeof sizes] }",
            "a: l | s",
        ),
        (
            "const sizes = { Small: 's' } satisfies Record<string, string>",
            "{ a: (typeof sizes)['Small']; b: keyof typeof sizes }",
            "a: text\nb: Small",
        ),
        (
            "const sizes = { Small: 's' } satisfies Record<string, 's' | 'm'>",
            "{ a: (typeof sizes)['Small'] }",
            "a: s",
        ),
        (
            "const sizes = { Small: 's' } as const satisfies Record<string, string>",
            "{ a: (typeof sizes)['Small'] }",
            "a: s",
        ),
        (
            "const sizes = { Small: 's' }",
            "{ a: (typeof sizes)['Small']; b: keyof typeof sizes }",
            "a: text\nb: Small",
        ),
        (
            "const Size = Object.freeze({ S: 's', M: 'm' } as const)",
            "{ a: (typeof Size)[keyof typeof Size] }",
            "a: m | s",
        ),
        (
            "enum Size { S = 's', M = 'm' } enum N { One = 1, Two }",
            "{ a: Size; b: Size.S; c: N; d: keyof typeof Size; e: `${Size}` }",
            "a: m | s\nb: s\nc: 1 | 2\nd: M | S\ne: m | s",
        ),
        // Props objects that are unions.
        (
            "",
            "{ kind: 'a'; x: string } | { kind: 'b'; y?: boolean; x?: never }",
            "kind: a | b\nx: text\ny: boolean",
        ),
        ("", "{ s: 's' } & ({ kind: 'a' } | { kind: 'b'; y: boolean })", "kind: a | b\ns: s\ny: boolean"),
        (
            "type U = { as: 'a'; x: 's' } | { as: 'b'; y: 'm' }",
            "Extract<U, { as: 'a' }>",
            "x: s\n~ as: Framework",
        ),
        // Elements and other components.
        ("", "React.HTMLAttributes<HTMLDivElement> & { a: 's' }", "a: s"),
        ("", "React.ComponentPropsWithoutRef<'button'> & { a: 's' }", "a: s"),
        (
            "",
            "Pick<React.ButtonHTMLAttributes<HTMLButtonElement>, 'disabled' | 'title'>",
            "disabled: boolean\ntitle: text",
        ),
        ("", "{ disabled?: React.HTMLProps<HTMLButtonElement>['disabled'] }", "disabled: boolean"),
        (
            "const Base = (props: { a: 's' | 'm' }) => <i />",
            "React.ComponentProps<typeof Base> & { b: 'x' }",
            "a: m | s\nb: x",
        ),
    ];
    let mut wrong = String::new();
    for (declarations, ty, expected) in cases {
        let found = props(declarations, ty);
        if found != *expected {
            wrong
                .push_str(&format!("{declarations}\n{ty}\n--- expected\n{expected}\n--- found\n{found}\n\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn what_is_not_installed_is_said_and_never_guessed() {
    insta::assert_snapshot!(contracts("
        import { ButtonProps } from 'react-aria-components/Button';
        import type { Tone } from '@acme/tokens';
        export interface Props extends Omit<ButtonProps, 'style'> { size: 's' | 'm'; tone: Tone }
        export function Button(props: Props) { return <button /> }
    "), @"
    Button
      size: m | s
      ~ tone: Unresolved, `Tone` of `@acme/tokens`, which is not installed
      ? extends `ButtonProps` of `react-aria-components/Button`, which is not installed
    ");
}

#[test]
fn keys_that_are_not_known_make_what_they_leave_uncertain() {
    insta::assert_snapshot!(contracts("
        import type { Hidden } from 'elsewhere';
        type Own = { a: 's'; b: string };
        export function C(props: Omit<Own, keyof Hidden>) { return <i /> }
    "), @"
    C
      ~ a: Unresolved, may be left out: the keys of `Hidden` of `elsewhere`, which is not installed
      ~ b: Unresolved, may be left out: the keys of `Hidden` of `elsewhere`, which is not installed
    ");
}

#[test]
fn types_are_followed_across_files() {
    let scan = scan_files(&[
        ("package.json", r#"{ "name": "@acme/ui", "source": "src/index.ts" }"#),
        ("tsconfig.json", r#"{ "compilerOptions": { "baseUrl": ".", "paths": { "~/*": ["src/*"] } } } // comment"#),
        ("src/index.ts", "export * from './button'; export { default as Card } from '~/card';"),
        ("src/button/index.ts", "export { Button as Button } from './Button.js';"),
        (
            "src/button/Button.tsx",
            "import { type Size, Tone } from '../types'; import * as T from '../types';
             export const Button = (props: { size: Size; tone: Tone; shape: T.Shape; far: import('../types').Shape }) => <b />",
        ),
        ("src/types/index.ts", "export * from './sizes'; export type { Tone } from './tone'"),
        ("src/types/sizes.ts", "export type Size = 's' | 'm'; export type Shape = 'round' | 'square'"),
        ("src/types/tone.ts", "import { tones } from './tones'; export type Tone = (typeof tones)[number]"),
        ("src/types/tones.ts", "export const tones = ['calm', 'loud'] as const"),
        ("src/card.tsx", "export default function Card(props: { flat?: boolean }) { return <div /> }"),
    ]);
    insta::assert_snapshot!(render(&scan), @"
    Button
      far: round | square
      shape: round | square
      size: m | s
      tone: calm | loud
    Card
      flat: boolean
    ");
    assert!(scan.components.iter().all(|component| component.package.as_deref() == Some("@acme/ui")));
}

#[test]
fn types_of_other_packages_of_the_workspace_are_followed() {
    let folder = crate::support::workspace(&[
        ("package.json", r#"{ "workspaces": ["packages/*"] }"#),
        (
            "packages/tokens/package.json",
            r#"{ "name": "@acme/tokens", "exports": { ".": "./dist/index.js" } }"#,
        ),
        ("packages/tokens/src/index.ts", "export type Size = 's' | 'm'"),
        ("packages/ui/package.json", r#"{ "name": "@acme/ui" }"#),
        (
            "packages/ui/src/index.tsx",
            "import type { Size } from '@acme/tokens'; export const C = (p: { size: Size }) => <i />",
        ),
    ]);
    let scan = lockstep_code::scan(&lockstep_code::ScanOptions::new(folder.path(), "packages/ui")).unwrap();
    insta::assert_snapshot!(render(&scan), @"
    C
      size: m | s
    ");
    assert_eq!(scan.components[0].declared.file, "packages/ui/src/index.tsx");
}

#[test]
fn a_prop_definition_object_is_a_type() {
    insta::assert_snapshot!(contracts("
        type GetPropDefTypes<P> = { [K in keyof P]?: any };
        const sizes = ['1', '2'] as const;
        const shared = { asChild: { type: 'boolean' }, size: { type: 'enum', values: sizes, default: '2' } } as const;
        const defs = {
            ...shared,
            tone: { type: 'enum', values: ['calm', 'loud'], default: 'calm' },
            big: { ...shared.size, default: '1' },
            label: { type: 'string' },
            icon: { type: 'ReactNode' },
            gap: { type: 'enum | string', values: sizes },
            on: { type: 'boolean', default: true },
        } satisfies Record<string, unknown>;
        export function C(props: GetPropDefTypes<typeof defs>) { return <i /> }
    "), @"
    C
      big: 1 | 2 = 1
      gap: 1 | 2
      icon: slot
      label: text
      on: boolean = true
      size: 1 | 2 = 2
      tone: calm | loud = calm
      ~ asChild: Framework
    ");
}

#[test]
fn one_declaration_comes_to_what_each_component_gives_it() {
    insta::assert_snapshot!(contracts("
        interface Base<T, D extends string> { size?: T; tone?: D | 'calm'; wide?: boolean }
        type Both = { size?: 'm' };
        export const A = (props: Base<'s' | 'm', 'loud'>) => <i />;
        export const B = (props: Base<1 | 2, 'mute'>) => <i />;
        export const C = ({ wide = true }: Base<'s' | 'm', 'loud'> & Both) => <i />;
        export const D = ({ wide = false }: Omit<Base<string, never>, 'tone'>) => <i />;
    "), @"
    A
      size: m | s
      tone: calm | loud
      wide: boolean
    B
      size: 1 | 2
      tone: calm | mute
      wide: boolean
    C
      size: m
      tone: calm | loud
      wide: boolean = true
    D
      size: text
      wide: boolean = false
    ");
}
