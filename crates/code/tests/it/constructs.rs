//! Types as libraries write them, each with what the TypeScript compiler says of its props.

use crate::support::contracts;

/// Each row: declarations, the type of a component's props, and its properties by the compiler's word.
const CONSTRUCTS: &[(&str, &str, &str)] = &[
    // Conditional types: Exclude and Extract of one's own, distributive or not.
    (
        "type Without<T, U> = T extends U ? never : T; type Only<T, U> = T extends U ? T : never",
        "{ a: Without<'s' | 'm' | 'l', 'l'>; b: Only<'s' | 1 | true, string | boolean> }",
        "a: m | s\nb: s | true",
    ),
    (
        "type Both<T> = [T] extends ['s' | 'm'] ? 'small' : 'large'",
        "{ a: Both<'s'>; b: Both<'s' | 'l'> }",
        "a: small\nb: large",
    ),
    (
        "type Yes<T> = T extends true ? 'on' : 'off'",
        "{ a: Yes<boolean>; b: Yes<true> }",
        "a: off | on\nb: on",
    ),
    (
        "type Of<T> = T extends { kind: infer K } ? K : never",
        "{ a: Of<{ kind: 'x' } | { kind: 'y'; z: 1 } | { other: 1 }> }",
        "a: x | y",
    ),
    (
        "type Element<T> = T extends readonly (infer E)[] ? E : never; const all = ['p', 'q'] as const",
        "{ a: Element<typeof all>; b: Element<('r' | 's')[]> }",
        "a: p | q\nb: r | s",
    ),
    (
        "type Head<T extends string> = T extends `${infer H}-${string}` ? H : T",
        "{ a: Head<'top-start' | 'bottom-end' | 'left'> }",
        "a: bottom | left | top",
    ),
    (
        "type Props<C> = C extends React.ComponentType<infer P> ? P : never; const Base = (p: { a: 's' | 'm' }) => <i />",
        "Props<typeof Base>",
        "a: m | s",
    ),
    (
        "type Deep<T> = T extends { x: infer X } ? X extends string ? X : 'none' : never",
        "{ a: Deep<{ x: 'p' } | { x: 1 }> }",
        "a: none | p",
    ),
    (
        "interface Register {} type Custom = Register extends { tones: infer T } ? T : 'calm' | 'loud'",
        "{ a: Custom }",
        "a: calm | loud",
    ),
    (
        "interface Register { tones: 'one' | 'two' } type Custom = Register extends { tones: infer T } ? T : 'calm' | 'loud'",
        "{ a: Custom }",
        "a: one | two",
    ),
    (
        "type First<F> = F extends (options: infer O) => any ? O : never; function paint(o: { tone: 'x' | 'y' }) { return o }",
        "First<typeof paint>",
        "tone: x | y",
    ),
    // Mapped types: keys renamed, left out, made optional.
    (
        "type P = { a: 's'; b: 'm'; c: string }; type Left<T, K> = { [P in keyof T as P extends K ? never : P]: T[P] }",
        "Left<P, 'c'>",
        "a: s\nb: m",
    ),
    (
        "type Each<K extends string, V> = { [P in K as `on${Capitalize<P>}`]?: V }",
        "Each<'top' | 'left', 'a' | 'b'>",
        "onLeft: a | b\nonTop: a | b",
    ),
    (
        "type Flags<K extends string> = { [P in K]: boolean }",
        "Flags<'bold' | 'italic'>",
        "bold: boolean\nitalic: boolean",
    ),
    (
        "type Up<T> = { [K in keyof T as Uppercase<K & string>]: T[K] }",
        "Up<{ size: 's' | 'm' }>",
        "SIZE: m | s",
    ),
    ("type Keys = 'x' | (string & {})", "{ a: keyof Record<Keys, 1> }", "a: x"),
    // Functions and components as sources of types.
    ("function chosen(): 'p' | 'q' { return 'p' }", "{ a: ReturnType<typeof chosen> }", "a: p | q"),
    ("type Fn = (o: { tone: 'x' | 'y' }) => void", "Parameters<Fn>[0]", "tone: x | y"),
    (
        "const Base = React.forwardRef<HTMLElement, { a?: 's' | 'm' }>(() => <i />)",
        "React.ComponentProps<typeof Base> & { b: 'x' }",
        "a: m | s\nb: x",
    ),
    (
        "const Base = React.memo((p: { a?: 's' | 'm' }) => <i />)",
        "React.ComponentPropsWithoutRef<typeof Base>",
        "a: m | s",
    ),
    (
        "class Base extends React.Component<{ a?: 's' | 'm' }> { render() { return null } }",
        "React.ComponentProps<typeof Base>",
        "a: m | s",
    ),
    (
        "declare const Base: React.FC<{ a?: 's' | 'm' }> & { Part: React.FC<{ b: 'x' | 'y' }> }",
        "React.ComponentProps<typeof Base> & React.ComponentProps<typeof Base.Part>",
        "a: m | s\nb: x | y",
    ),
    (
        "interface Base extends React.ForwardRefExoticComponent<{ a?: 's' | 'm' } & React.RefAttributes<HTMLElement>> {} declare const B: Base",
        "React.ComponentProps<typeof B>",
        "a: m | s",
    ),
    (
        "declare function Base(props: { a: 's' | 'm' }): React.JSX.Element",
        "React.ComponentProps<typeof Base>",
        "a: m | s",
    ),
    // Intersections and unions.
    (
        "type U = ({ as?: 'a'; x: 's' } | { as: 'b'; y: 'm' }) & { z: 'l' }",
        "Omit<Extract<U, { as: 'b' }>, 'as'>",
        "y: m\nz: l",
    ),
    (
        "",
        "({ a: 'p' } | { a: 'q'; b: boolean }) & ({ c: 'x' } | { c: 'y' })",
        "a: p | q\nb: boolean\nc: x | y",
    ),
    ("", "{ a: React.ReactElement | false | null } & { a?: React.ReactNode }", "a: slot"),
    ("", "{ a: ('s' | 'm') & string; b: ('s' | 1) & number }", "a: m | s\nb: 1"),
    ("", "{ a: 'x' | 'y' | number; b: 's' | 1 | 2; c: 1 | 2 | number }", "a: x | y\nb: 1 | 2 | s\nc: number"),
    ("", "{ a: boolean | 'auto' | number }", "a: auto | false | true"),
    (
        "type Merge<T, U> = Omit<T, keyof U> & U",
        "Merge<{ a: 's'; b: 'x' }, { b: 'y' | 'z' }>",
        "a: s\nb: y | z",
    ),
    // Names, values and the rest.
    (
        "const scale = { small: { px: 4 }, large: { px: 16 } } as const",
        "{ a: keyof typeof scale; b: (typeof scale)[keyof typeof scale]['px'] }",
        "a: large | small\nb: 16 | 4",
    ),
    (
        "enum Size { S = 's', M = 'm' }",
        "{ a: `${Size}`; b: Exclude<Size, Size.M>; c: (typeof Size)[keyof typeof Size] }",
        "a: m | s\nb: s\nc: m | s",
    ),
    (
        "type Tone = 'calm' | 'loud'; type Shade = `${Tone}-${1 | 2}`",
        "{ a: Shade; b: Exclude<Shade, 'calm-1' | 'loud-2'> }",
        "a: calm-1 | calm-2 | loud-1 | loud-2\nb: calm-2 | loud-1",
    ),
    (
        "type Boxed<T = 'x' | 'y', U extends string = T extends string ? T : never> = { a: T; b: U }",
        "Boxed",
        "a: x | y\nb: x | y",
    ),
    (
        "",
        "{ a: React.AriaAttributes['aria-orientation']; b: React.AriaAttributes['aria-sort'] }",
        "a: horizontal | vertical\nb: ascending | descending | none | other",
    ),
    (
        "interface A { a: 's' } interface A { b?: 'x' | 'y' } type B = A & { c: A['b'] }",
        "Required<B>",
        "a: s\nb: x | y\nc: x | y",
    ),
];

fn stated(declarations: &str, props: &str) -> String {
    let text = contracts(&format!(
        "import * as React from 'react'; {declarations}; export function C(props: {props}) {{ return <i /> }}"
    ));
    let lines = text.lines().skip_while(|line| *line != "C").skip(1).map(str::trim);
    lines.filter(|line| !line.starts_with("~ as")).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_the_compiler_says_is_what_is_stated() {
    let mut wrong = String::new();
    for (declarations, props, expected) in CONSTRUCTS {
        let found = stated(declarations, props);
        if found != *expected {
            wrong += &format!("{declarations}\n{props}\n--- expected\n{expected}\n--- found\n{found}\n\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// What is beyond this resolver is unknown, with the reason, and never an option too many or too few.
#[test]
fn what_is_not_worked_out_is_unresolved() {
    let rows = [
        (
            "type Shade = 'calm-1' | 'loud-1'",
            "{ a: Exclude<Shade, `loud-${number}`> }",
            "~ a: Unresolved, some options are excluded by a pattern",
        ),
        (
            "import { Tone } from 'elsewhere'",
            "{ a: Extract<Tone | 'own', string>; b: Tone extends string ? 'x' : 'y' }",
            "~ a: Unresolved, `Tone` of `elsewhere`, which is not installed\n\
             ~ b: Unresolved, `Tone` of `elsewhere`, which is not installed",
        ),
    ];
    for (declarations, props, expected) in rows {
        assert_eq!(stated(declarations, props), expected, "{props}");
    }
}

/// A component made over another takes its props, its own before them; a model brings more than is written down.
#[test]
fn components_over_others_take_their_props() {
    let text = contracts(
        "import { createContainer, createSubcomponent } from '@workday/canvas-kit-react/common';
         const Base = (props: { size?: 's' | 'm'; tone?: 'calm' | 'loud' }) => <i />;
         interface ItemProps { size?: 'only' }
         const Item = createSubcomponent(Base)({ modelHook: useModel })<ItemProps>((props, Element) => <Element />);
         export const Bar = createContainer()({ modelHook: useModel, subComponents: { Item } })<{ open?: boolean }>(
           props => <i />
         );",
    );
    insta::assert_snapshot!(text, @"
    Bar
      open: boolean
      ~ model: NoCounterpart, a model
      ~ elemPropsHook: NoCounterpart, a model
      ? not all props are known: its model's configuration is not worked out
    Bar.Item
      size: only
      tone: calm | loud
      ~ model: NoCounterpart, a model
      ~ elemPropsHook: NoCounterpart, a model
    ");
}
