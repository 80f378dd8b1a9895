use std::{collections::BTreeMap, fmt::Write as _};

use lockstep_core::diagnostic::Diagnostic;

use super::*;
use crate::{
    imports::Imports,
    model::{ArgValue, Story},
    parsed::parsed,
};

/// Relative imports among the files of a test; constants by `specifier#path`.
#[derive(Default)]
struct Files {
    names: Vec<String>,
    constants: BTreeMap<String, serde_json::Value>,
}

impl Imports for Files {
    fn file(&self, from: &str, specifier: &str) -> Option<String> {
        let relative = specifier.strip_prefix("./")?;
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        let joined = format!("{folder}/{relative}");
        let found = [".tsx", ".jsx"].map(|extension| format!("{joined}{extension}"));
        let found = self.names.iter().find(|name| found.contains(name));
        Some(found.cloned().unwrap_or_else(|| format!("{joined}.tsx")))
    }

    fn constant(&self, _from: &str, specifier: &str, path: &[String]) -> Option<serde_json::Value> {
        self.constants.get(&format!("{specifier}#{}", path.join("."))).cloned()
    }
}

fn lowered(file: &str, source: &str) -> StoryFacts {
    let facts = parsed(file, source, |program| lower(program, source, file)).expect("a story file");
    // Facts are cached as JSON: they must come back as they were.
    let stored = serde_json::to_string(&facts).unwrap();
    assert_eq!(serde_json::from_str::<StoryFacts>(&stored).unwrap(), facts);
    facts
}

fn resolved(files: &[(&str, &str)], options: &StoryOptions) -> (Vec<Story>, Vec<Diagnostic>) {
    let facts: Vec<_> = files.iter().map(|(file, source)| (*file, lowered(file, source))).collect();
    let all: Vec<_> = facts.iter().map(|(file, facts)| (*file, facts)).collect();
    let imports = Files {
        names: files.iter().map(|(file, _)| (*file).to_owned()).collect(),
        constants: BTreeMap::from([
            ("./types#Size.Large".to_owned(), "large".into()),
            ("./types#base".to_owned(), serde_json::json!({"size": "small", "wide": true})),
        ]),
    };
    let resolved = resolve(&all, &[], options, &imports);
    (resolved.stories, resolved.diagnostics)
}

/// What people would say of stories, a line each.
fn told(files: &[(&str, &str)]) -> String {
    let (stories, diagnostics) = resolved(files, &StoryOptions::default());
    let mut text = String::new();
    for story in stories {
        let args: Vec<_> = story
            .args
            .iter()
            .map(|(name, value)| match value {
                ArgValue::Literal(json) => format!("{name}={json}"),
                ArgValue::Computed(source) => format!("{name}?`{source}`"),
            })
            .collect();
        write!(text, "{} ({}, {})", story.id, story.name, story.title).unwrap();
        write!(text, " of {}", story.component.as_deref().unwrap_or("nothing")).unwrap();
        if let Some(file) = &story.component_file {
            write!(text, " in {file}").unwrap();
        }
        write!(text, ": {}", args.join(" ")).unwrap();
        if story.tags != ["dev", "test"] {
            write!(text, " tags {}", story.tags.join(",")).unwrap();
        }
        if story.has_play {
            text.push_str(" plays");
        }
        if let Some(url) = story.design_url {
            write!(text, " drawn at {url}").unwrap();
        }
        text.push('\n');
    }
    for diagnostic in diagnostics {
        let line = diagnostic.place.map_or(0, |place| place.line);
        writeln!(text, "{}:{line} {}: {}", diagnostic.file, diagnostic.code, diagnostic.message).unwrap();
    }
    text
}

#[test]
fn csf3() {
    let source = r#"
        import type { Meta, StoryObj } from '@storybook/react';
        import { Button as AcmeButton } from './Button';
        import { Size } from './types';
        const sizes = { small: 'sm', nested: { large: 'lg' } } as const;
        const shared = { disabled: false, count: -1.5 };
        const meta: Meta<typeof AcmeButton> = {
          title: 'Components/Button',
          component: AcmeButton as any,
          tags: ['autodocs'],
          args: { label: `Press`, size: sizes.small, icon: undefined, onClick: () => { run(); } },
          parameters: { design: { type: 'figma', url: 'https://figma.com/design/K/F?node-id=1-2' } },
        } satisfies Meta<typeof AcmeButton>;
        export default meta;
        type Story = StoryObj<typeof meta>;
        export type Other = Story;
        export const Primary: Story = { args: { variant: 'primary', ...shared } };
        export const LargeOne = {
          ...Primary,
          name: 'Really large',
          tags: ['!autodocs', 'new'],
          args: { ...Primary.args, size: sizes.nested.large, list: [1, { a: null }], label: undefined },
          play: async ({ canvas }) => { await canvas.click(); },
          parameters: { design: [{ name: 'empty' }, { type: 'figma', url: 'https://figma.com/design/K/F?node-id=3-4' }] },
        } satisfies Story;
        export const FromElsewhere = { args: { size: Size.Large, tone: Size.Unknown, icon: <Icon name="x" />, rows: [1, make()] } };
        export const Rendered: Story = { render: (args) => <AcmeButton {...args} /> };
        const Hidden = { args: { hidden: true } };
        export { Hidden as Shown, type Story as Exported };
    "#;
    insta::assert_snapshot!(told(&[("src/button/Button.stories.tsx", source)]), @r#"
        components-button--primary (Primary, Components/Button) of Button in src/button/Button.tsx: count=-1.5 disabled=false label="Press" onClick?`() => { run(); }` size="sm" variant="primary" tags dev,test,autodocs drawn at https://figma.com/design/K/F?node-id=1-2
        components-button--large-one (Really large, Components/Button) of Button in src/button/Button.tsx: count=-1.5 disabled=false list=[1,{"a":null}] onClick?`() => { run(); }` size="lg" variant="primary" tags dev,test,new plays drawn at https://figma.com/design/K/F?node-id=3-4
        components-button--from-elsewhere (From Elsewhere, Components/Button) of Button in src/button/Button.tsx: icon?`<Icon name="x" />` label="Press" onClick?`() => { run(); }` rows?`[1, make()]` size="large" tone?`Size.Unknown` tags dev,test,autodocs drawn at https://figma.com/design/K/F?node-id=1-2
        components-button--rendered (Rendered, Components/Button) of Button in src/button/Button.tsx: label="Press" onClick?`() => { run(); }` size="sm" tags dev,test,autodocs drawn at https://figma.com/design/K/F?node-id=1-2
        components-button--shown (Shown, Components/Button) of Button in src/button/Button.tsx: hidden=true label="Press" onClick?`() => { run(); }` size="sm" tags dev,test,autodocs drawn at https://figma.com/design/K/F?node-id=1-2
        components-button--exported (Exported, Components/Button) of Button in src/button/Button.tsx: label="Press" onClick?`() => { run(); }` size="sm" tags dev,test,autodocs drawn at https://figma.com/design/K/F?node-id=1-2
        src/button/Button.stories.tsx:29 story-type-export: Storybook takes this exported type for a story, and shows an error in its place
        "#);
}

#[test]
fn csf1_and_csf2() {
    let source = r#"
        import Button from './Button';
        export default { component: Button, args: { size: 'md' }, play: () => {} };
        const Template = (args) => <Button {...args} />;
        export const Primary = Template.bind({});
        Primary.args = { variant: 'primary' };
        Primary.storyName = 'First one';
        Primary.parameters = { design: { url: 'https://figma.com/design/K/F?node-id=5-6' } };
        export const Secondary = Template.bind({});
        Secondary.args = { ...Primary.args, variant: 'secondary' };
        Secondary.tags = ['beta'];
        export function Plain() { return <Button />; }
        export const Old = () => <Button />;
        Old.story = { name: 'An old one', parameters: {} };
        export const Copy = Secondary;
    "#;
    insta::assert_snapshot!(told(&[("src/Button/Button.stories.jsx", source)]), @r#"
        button--primary (First one, Button) of Button in src/Button/Button.tsx: size="md" variant="primary" plays drawn at https://figma.com/design/K/F?node-id=5-6
        button--secondary (Secondary, Button) of Button in src/Button/Button.tsx: size="md" variant="secondary" tags dev,test,beta plays
        button--plain (Plain, Button) of Button in src/Button/Button.tsx: size="md" plays
        button--old (Old, Button) of Button in src/Button/Button.tsx: size="md" plays
        button--copy (Copy, Button) of Button in src/Button/Button.tsx: size="md" variant="secondary" plays
        "#);
}

#[test]
fn csf_factories() {
    let source = r#"
        import preview from '#.storybook/preview';
        import { Card } from './Card';
        const meta = preview.type<{ args: object }>().meta({
          component: Card.Header,
          args: { level: 1, open: true },
          tags: ['autodocs'],
        });
        export const Base = meta.story({ args: { level: 2 } });
        export const Empty = meta.story();
        export const Drawn = meta.story(() => <Card />);
        export const Extended = Base.extend({ args: { open: false }, tags: ['x'], play: async () => {} });
        export const Further = Extended.extend({ name: 'Even further', args: { tone: 'loud' } });
        export const Composed = meta.story({ args: { ...Base.composed.args, a: 1 } });
        export const Input = meta.story({ args: { ...Extended.input.args, b: 2 } });
        export const notAStory = { args: {} };
        Empty.test('is empty', async () => {});
    "#;
    insta::assert_snapshot!(told(&[("src/Card.stories.tsx", source)]), @r#"
        card--base (Base, Card) of Card.Header in src/Card.tsx: level=2 open=true tags dev,test,autodocs
        card--empty (Empty, Card) of Card.Header in src/Card.tsx: level=1 open=true tags dev,test,autodocs plays
        card--drawn (Drawn, Card) of Card.Header in src/Card.tsx: level=1 open=true tags dev,test,autodocs
        card--extended (Extended, Card) of Card.Header in src/Card.tsx: level=2 open=false tags dev,test,autodocs,x plays
        card--further (Even further, Card) of Card.Header in src/Card.tsx: level=2 open=false tone="loud" tags dev,test,autodocs plays
        card--composed (Composed, Card) of Card.Header in src/Card.tsx: a=1 level=2 open=true tags dev,test,autodocs
        card--input (Input, Card) of Card.Header in src/Card.tsx: b=2 level=2 open=false tags dev,test,autodocs
        "#);
}

#[test]
fn args_cross_files() {
    let button = r#"
        import { Button } from './Button';
        export default { component: Button, args: { size: 'md' } };
        export const Primary = { args: { variant: 'primary' } };
    "#;
    let group = r#"
        import * as Lib from './Group';
        import * as Buttons from './Button.stories';
        import meta, { Primary } from './Button.stories';
        import { base } from './types';
        import { unknown } from 'elsewhere';
        export default { component: Lib.Group, title: 'Group', args: { gap: 1 } };
        export const A = { args: { ...Buttons.Primary.args, wide: true } };
        export const B = { args: { ...meta.args, ...Primary.args } };
        export const C = { ...Primary, args: base };
        export const D = { args: { gap: 2, ...unknown, known: 1 } };
        export const E = { ...Primary };
        export { Primary as F } from './Button.stories';
    "#;
    insta::assert_snapshot!(told(&[("src/Button.stories.tsx", button), ("src/Group.stories.tsx", group)]), @r#"
        button--primary (Primary, Button) of Button in src/Button.tsx: size="md" variant="primary"
        group--a (A, Group) of Group in src/Group.tsx: gap=1 variant="primary" wide=true
        group--b (B, Group) of Group in src/Group.tsx: gap=1 size="md" variant="primary"
        group--c (C, Group) of Group in src/Group.tsx: gap=1 size="small" wide=true
        group--d (D, Group) of Group in src/Group.tsx: gap?`...unknown` known=1
        group--e (E, Group) of Group in src/Group.tsx: gap=1 variant="primary"
        group--f (F, Group) of Group in src/Group.tsx: gap=1 variant="primary"
        "#);
}

#[test]
fn what_is_wrong_is_said() {
    let told_of = |source: &str| told(&[("src/A.stories.tsx", source)]);
    insta::assert_snapshot!(
        [
            told_of("export const A = {};"),
            told_of("export default make();\nexport const A = {};"),
            told_of("export default { title: name() + 'x', component: A };\nexport const A = {};"),
            told_of("export default { title: '—' , component: X};\nexport const A = {};"),
            told_of("export default { component: X, tags: all() };\nexport const aB = {}; export const AB = {};\nexport const a_b = {};"),
            told_of("export default { title: 'x' };\nexport const A = {};"),
            told_of("export default { component: X, excludeStories: /^(?!x)/ };\nexport const A = {};"),
        ]
        .join("--\n"),
        @r#"
        src/A.stories.tsx:0 story-meta-missing: this story file has no default export, so Storybook finds no stories in it
        --
        a--a (A, A) of nothing: 
        src/A.stories.tsx:1 story-meta-computed: the meta of this story file is computed at run time, so its title, component and args are unknown
        --
        a--a (A, A) of A in src/A.stories.tsx: 
        src/A.stories.tsx:1 story-title-computed: the title is computed at run time; Storybook accepts only a string, and the file's path is used instead
        --
        src/A.stories.tsx:2 story-id-empty: the title `—` holds no letter or digit to make an id from
        --
        a--a-b (A B, A) of X in src/A.stories.tsx: 
        a--ab (AB, A) of X in src/A.stories.tsx: 
        src/A.stories.tsx:1 story-tags-computed: the tags are computed at run time; Storybook accepts only an array of strings
        src/A.stories.tsx:3 story-duplicate-id: the story id `a--a-b` is taken by src/A.stories.tsx:2
        --
        x--a (A, x) of nothing: 
        src/A.stories.tsx:1 story-no-component: the meta of this story file names no component, so its stories count for none
        --
        a--a (A, A) of X in src/A.stories.tsx: 
        src/A.stories.tsx:1 story-filter-unreadable: this filter is neither an array of export names nor a regular expression that can be read, and is left aside
        "#
    );
}

#[test]
fn filters_leave_exports_out() {
    let ids = |filter: &str| {
        let source = format!(
            "export default {{ component: X, {filter} }};\nexport const someData = []; export const A = {{}}; export const B = {{}};"
        );
        let (stories, diagnostics) = resolved(&[("src/X.stories.tsx", &source)], &StoryOptions::default());
        assert_eq!(diagnostics, []);
        stories.into_iter().map(|story| story.export_name).collect::<Vec<_>>().join(" ")
    };
    for (filter, expected) in [
        ("", "someData A B"),
        ("excludeStories: ['someData']", "A B"),
        ("excludeStories: /.*Data$/", "A B"),
        ("excludeStories: '^A'", "someData B"),
        ("includeStories: ['A']", "A"),
        ("includeStories: /^[A-Z]/, excludeStories: ['B']", "A"),
    ] {
        assert_eq!(ids(filter), expected, "{filter}");
    }
}

#[test]
fn ordinary_files_hold_no_stories() {
    for (file, source) in [
        ("src/Button.tsx", "export const Button = () => <b/>; export default Button;"),
        ("src/routes.ts", "export default { title: 'Home', component: Home }; export const x = 1;"),
        ("src/Button.test.tsx", "import { composeStories } from '@storybook/react'; const x = 1;"),
    ] {
        assert!(parsed(file, source, |program| lower(program, source, file)).is_none(), "{file}");
    }
    let source = "import type { Meta } from '@storybook/react'; export default { component: A } satisfies Meta; export const X = {};";
    assert!(parsed("src/A.tsx", source, |program| lower(program, source, "src/A.tsx")).is_some());
    for (file, expected) in [
        ("a/B.stories.tsx", true),
        ("B.story.js", true),
        ("B.stories.mdx", false),
        ("stories.tsx", true),
        ("stories/B.tsx", false),
        ("B.stories", false),
    ] {
        assert_eq!(is_story_file(file), expected, "{file}");
    }
}

#[test]
fn hostile_files_cost_a_bounded_amount() {
    let nested =
        format!("export default {{ component: A, args: {{ x: {}1{} }} }};", "[".repeat(500), "]".repeat(500));
    let doubling = (1..60).fold(String::from("const a0 = { x: 1 };"), |source, n| {
        format!("{source}\nconst a{n} = {{ p: a{p}, q: a{p}, ...a{p}, ...a{p} }};", p = n - 1)
    });
    let doubling =
        format!("{doubling}\nexport default {{ component: A }}; export const S = {{ args: a59 }};");
    let cyclic = "export default { component: A, args: { ...A.args } };
        export const A = { ...B, args: { ...B.args, ...A.args } }; export const B = { ...A, args: A.args };
        B.args = { ...A.args, ...B.args }; export const C = C.extend({ args: C.input.args });"
        .to_owned();
    let sum = format!(
        "export default {{ component: A, title: {}'z' }}; export const S = {{}};",
        "'a' + ".repeat(3_000)
    );
    for source in [nested, doubling, cyclic, sum] {
        let (stories, _) = resolved(&[("src/A.stories.tsx", &source)], &StoryOptions::default());
        assert!(stories.len() < 4);
    }
}

fn storybook_facts(file: &str, source: &str) -> StorybookFacts {
    parsed(file, source, |program| lower_storybook(program, source, file))
        .expect("a file of a .storybook folder")
}

#[test]
fn storybooks_say_what_is_shown_and_how() {
    let main = storybook_facts(
        "web/.storybook/main.ts",
        "import { defineMain } from '@storybook/react-vite/node';
         const shared = { directory: '../lib', titlePrefix: 'Lib', files: '**/*.stories.tsx' };
         const config: StorybookConfig = { stories: ['../src/**/*.stories.@(ts|tsx)', shared, '../docs/Intro.stories.tsx', { directory: '../more' }] };
         export default defineMain(config);",
    );
    let preview = storybook_facts(
        "web/.storybook/preview.tsx",
        "export default definePreview({ tags: ['autodocs'] });",
    );
    assert!(main.complete, "{:?}", main.diagnostics);
    let options = options_of(&[("web/.storybook/main.ts", &main), ("web/.storybook/preview.tsx", &preview)]);
    let source = "export default { component: X };\nexport const A = {};";
    let titled = "export default { component: X, title: 'Own' };\nexport const A = {};";
    let (stories, diagnostics) = resolved(
        &[
            ("web/src/forms/Input.stories.tsx", source),
            ("web/lib/Input/Input.stories.tsx", source),
            ("web/lib/Titled.stories.tsx", titled),
            ("web/docs/Intro.stories.tsx", source),
            ("web/more/X.stories.js", source),
            ("web/other/Y.stories.tsx", source),
        ],
        &options,
    );
    let found: Vec<_> =
        stories.iter().map(|story| format!("{} {}", story.id, story.tags.join(","))).collect();
    insta::assert_snapshot!(found.join("\n"), @r#"
        forms-input--a dev,test,autodocs
        lib-input--a dev,test,autodocs
        lib-own--a dev,test,autodocs
        intro--a dev,test,autodocs
        x--a dev,test,autodocs
        "#);
    assert_eq!(
        diagnostics.iter().map(|d| (d.file.as_str(), d.code.as_str())).collect::<Vec<_>>(),
        [("web/other/Y.stories.tsx", "story-not-shown")]
    );
}

#[test]
fn a_computed_entry_leaves_no_file_out() {
    let main = storybook_facts(
        ".storybook/main.js",
        "module.exports = { stories: [...find(), '../src/**/*.stories.js', '../../outside/*.stories.js'] };",
    );
    assert!(!main.complete);
    let options = options_of(&[(".storybook/main.js", &main)]);
    let source = "export default { component: X };\nexport const A = {};";
    let (stories, _) = resolved(&[("lib/X.stories.js", source)], &options);
    assert_eq!(stories.len(), 1);
    assert!(!is_storybook_file("src/main.ts") && !is_storybook_file(".storybook/manager.ts"));
}
