//! Types that are made to hurt: they end in bounded time, as unknown with a reason, and whatever stands beside them is read.

use std::fmt::Write as _;

use crate::support::{component, render_component, scan_files};

const GOOD: (&str, &str) = ("src/good.tsx", "export const Good = (p: { size: 's' | 'm' }) => <i />");

/// What is said of the component `C` of a file, after the one beside it was seen to be read.
fn of(source: &str) -> String {
    let source = format!("export * from './good';\n{source}");
    let scan = scan_files(&[("src/index.tsx", &source), GOOD]);
    assert_eq!(render_component(component(&scan, "Good")), "Good\n  size: m | s\n");
    assert_eq!(scan.diagnostics, []);
    render_component(component(&scan, "C"))
}

/// Members of a union of texts: `'a0' | 'a1' | …`.
fn union(letter: char, count: usize) -> String {
    (0..count).map(|n| format!("'{letter}{n}'")).collect::<Vec<_>>().join(" | ")
}

#[test]
fn conditional_types_that_call_each_other_end() {
    insta::assert_snapshot!(of("
        type Ping<T> = T extends string ? Pong<T> : never;
        type Pong<T> = T extends string ? Ping<T> : never;
        type Grow<T extends unknown[]> = T extends [] ? never : Grow<[...T, T]>;
        type Split<T> = T extends 'a' ? Split<'a' | 'b'> | Split<'b' | 'a'> : Split<'a'>;
        export const C = (p: { pong: Ping<'a'>; grow: Grow<[1]>; split: Split<'a'>; own: 'x' }) => <i />;
    "), @"
    C
      own: x
      ~ pong: Unresolved, refers to itself, or to other types over too many steps
      ~ grow: Unresolved, a conditional type that can't be decided
      ~ split: Unresolved, refers to itself, or to other types over too many steps
    ");
}

#[test]
fn mapped_types_that_call_each_other_end() {
    insta::assert_snapshot!(of("
        type Left<T> = { [K in keyof T]: Right<T> }[keyof T];
        type Right<T> = { [K in keyof T]: Left<T> }[keyof T];
        type Deep<T> = { [K in keyof T]: Deep<T[K]> };
        type Self = { [K in keyof Self]: 'a' };
        interface Tree { left: Tree; right: Tree }
        export const C = (p: { left: Left<{ a: 1; b: 2 }>; deep: keyof Deep<Tree>; own: keyof Self; size: 'x' }) => <i />;
        export const D = (p: Self) => <i />;
    "), @"
    C
      deep: left | right
      size: x
      ~ left: Unresolved, refers to itself, or to other types over too many steps
      ~ own: Unresolved, the keys of refers to itself, or to other types over too many steps
    ");
}

#[test]
fn text_types_that_explode_are_any_text() {
    let unions = ['a', 'b', 'c', 'd', 'e']
        .map(|letter| format!("type {} = {};", letter.to_uppercase(), union(letter, 100)));
    let source = format!(
        "{} export const C = (p: {{ all: `${{A}}-${{B}}-${{C}}-${{D}}-${{E}}`; two: Extract<`${{A}}${{B}}`, 'a1b1'>; own: 'x' }}) => <i />;",
        unions.join("\n")
    );
    insta::assert_snapshot!(of(&source), @"
    C
      all: text
      own: x
      ~ two: Unresolved, some options are extracted of texts that are not listed
    ");
}

#[test]
fn a_mapped_type_over_a_huge_union_ends() {
    let source = format!(
        "type Many = {};
         type Table = {{ [K in Many]: {{ [L in Many]: K | L }} }};
         type Renamed = {{ [K in Many as `on${{Capitalize<K>}}`]: K }};
         export const C = (p: {{ cell: Table['a7']['a9']; keys: keyof Table; row: Table['a1'][Many]; renamed: keyof Renamed; own: 'x' }}) => <i />;",
        union('a', 20_000)
    );
    insta::assert_snapshot!(of(&source), @"
    C
      cell: a7 | a9
      own: x
      ~ keys: Unresolved, has 20000 options, more than the 1000 that are compared
      ~ row: Unresolved, has 20000 options, more than the 1000 that are compared
      ~ renamed: Unresolved, has 20000 options, more than the 1000 that are compared
    ");
}

#[test]
fn operations_on_huge_unions_end() {
    let source = format!(
        "type Many = {}; type Others = {};
         type Less = Exclude<Exclude<Exclude<Many, 'a1'>, 'a2'>, 'a3'>;
         type Both = Many & Others;
         type Each<T> = T extends `a${{infer N}}` ? N : never;
         export const C = (p: {{ less: Less; both: Both; each: Each<Many>; one: Extract<Many, 'a7' | 'a8'>; own: 'x' }}) => <i />;",
        union('a', 50_000),
        union('b', 50_000)
    );
    insta::assert_snapshot!(of(&source), @"
    C
      one: a7 | a8
      own: x
      ~ less: Unresolved, has 49997 options, more than the 1000 that are compared
      ~ each: Unresolved, has 50000 options, more than the 1000 that are compared
    ");
}

#[test]
fn a_chain_of_a_thousand_interfaces_is_read_as_far_as_it_goes() {
    let mut source = "interface I0 { base: 'x' }\n".to_owned();
    for n in 1..=1_000 {
        writeln!(source, "interface I{n} extends I{} {{ p{n}: 'a' | 'b' }}", n - 1).unwrap();
    }
    source.push_str("export const C = (p: I3) => <i />; export const Far = (p: I1000) => <i />;");
    insta::assert_snapshot!(of(&source), @"
    C
      base: x
      p1: a | b
      p2: a | b
      p3: a | b
    ");
    let scan = scan_files(&[("src/index.tsx", &source)]);
    let open = &component(&scan, "Far").statement.open;
    insta::assert_snapshot!(open.iter().map(|reason| format!("{reason}\n")).collect::<String>(), @"not all props are known: refers to itself, or to other types over too many steps");
}

#[test]
fn generics_within_two_thousand_generics_end() {
    let deep = format!("{}'a'{}", "Box<".repeat(2_000), ">".repeat(2_000));
    let aliases: String = (1..=2_000).fold("type T0 = 'a' | 'b';\n".to_owned(), |mut text, n| {
        writeln!(text, "type T{n} = Box<T{}>;", n - 1).unwrap();
        text
    });
    let source = format!(
        "type Box<T> = {{ of: T }}; type Deep = {deep};\n{aliases}
         export const C = (p: {{ near: T3['of']['of']['of']; far: T2000; deep: Deep; own: 'x' }}) => <i />;"
    );
    insta::assert_snapshot!(of(&source), @"
    C
      near: a | b
      own: x
      ~ far: NoCounterpart, an object
      ~ deep: NoCounterpart, an object
    ");
}

#[test]
fn types_that_double_two_hundred_times_end() {
    let doubled = |head: fn(usize) -> String| {
        (1..=200).fold("type T0 = { a: 'a' };\n".to_owned(), |mut text, n| {
            let before = n - 1;
            writeln!(text, "{} T{before} & {{ p{n}: T{before}['a'] }} & T{before};", head(n)).unwrap();
            text
        })
    };
    // A type without parameters is worked out once.
    let source =
        doubled(|n| format!("type T{n} =")) + "export const C = (p: Pick<T40, 'a' | 'p9'>) => <i />;";
    insta::assert_snapshot!(of(&source), @"
    C
      a: a
      p9: a
    ");
    let source = doubled(|n| format!("type T{n}<X = 'x'> ="))
        + "export const C = (p: { own: 'x'; far: T200 }) => <i />;";
    insta::assert_snapshot!(of(&source), @"
    C
      own: x
      ~ far: NoCounterpart, an object
    ");
}

#[test]
fn a_thousand_files_that_import_each_other_are_read() {
    let files: Vec<(String, String)> = (0..1_000)
        .map(|n| {
            let next = (n + 1) % 1_000;
            let text = format!(
                "import {{ type T{next}, C{next} }} from './f{next}'; export * from './f{next}';
                 export type T{n} = T{next} | 'o{n}'; export const C{n} = (p: {{ own: 'a' | 'b'; all: T{n} }}) => <C{next} own='a' />;"
            );
            (format!("src/f{n}.tsx"), text)
        })
        .collect();
    let mut files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    files.push(GOOD);
    let scan = scan_files(&files);
    assert_eq!(scan.components.len(), 1_001);
    insta::assert_snapshot!(render_component(component(&scan, "C500")), @"
    C500
      own: a | b
      ~ all: Unresolved, refers to itself, or to other types over too many steps
    ");
}
