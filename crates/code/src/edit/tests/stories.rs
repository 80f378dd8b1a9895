//! Stories that follow their component's contract, in each flavour.

use insta::assert_snapshot;
use lockstep_core::contract::Property;

use super::{
    super::NewStories,
    fixture::{BUTTON, add, add_property, button, remove, remove_property, rename, rename_property},
};

const OBJECTS: &str = r#"import type { Meta, StoryObj } from "@storybook/react";
import { Button } from "./Button";

const meta = {
  component: Button,
  args: { children: "Press", size: "small" },
  argTypes: {
    size: { control: "select", options: ["small", "large"] },
  },
} satisfies Meta<typeof Button>;
export default meta;
type Story = StoryObj<typeof meta>;

export const Small: Story = {};

export const Large: Story = {
  args: {
    size: "large",
    children: "Large",
  },
};

export const Row: Story = {
  render: () => <Button size="small">x</Button>,
};
"#;

#[test]
fn story_objects_follow() {
    let fixture =
        button(BUTTON).stories(OBJECTS, &[("Small", "small"), ("Large", "large"), ("Row", "small")]);
    assert_snapshot!(fixture.shown(&[add("xl"), add("2xl")]), @r#"
    src/Button.stories.tsx
    -    size: { control: "select", options: ["small", "large"] },
    +    size: { control: "select", options: ["small", "large", "xl", "2xl"] },
    +export const Xl: Story = {
    +  args: {
    +    size: "xl",
    +    children: "Xl",
    +  },
    +};
    +
    +export const Size2xl: Story = {
    +  args: {
    +    size: "2xl",
    +    children: "2xl",
    +  },
    +};
    +
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 'small' | 'large' | 'xl' | '2xl' };
    "#);
    assert_snapshot!(fixture.shown(&[remove("large")]), @r#"
    src/Button.stories.tsx
    -    size: { control: "select", options: ["small", "large"] },
    +    size: { control: "select", options: ["small"] },
    -export const Large: Story = {
    -  args: {
    -    size: "large",
    -    children: "Large",
    -  },
    -};
    -
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 'small' };
    note src/Button.stories.tsx:16 the story `Large` goes with what it shows
    "#);
    assert_snapshot!(fixture.shown(&[rename("small", "s")]), @r#"
    src/Button.stories.tsx
    -  args: { children: "Press", size: "small" },
    +  args: { children: "Press", size: "s" },
    -    size: { control: "select", options: ["small", "large"] },
    +    size: { control: "select", options: ["s", "large"] },
    -  render: () => <Button size="small">x</Button>,
    +  render: () => <Button size="s">x</Button>,
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 's' | 'large' };
    "#);
    assert_snapshot!(fixture.shown(&[rename_property("size", "scale")]), @r#"
    src/Button.stories.tsx
    -  args: { children: "Press", size: "small" },
    +  args: { children: "Press", scale: "small" },
    -    size: { control: "select", options: ["small", "large"] },
    +    scale: { control: "select", options: ["small", "large"] },
    -    size: "large",
    +    scale: "large",
    -  render: () => <Button size="small">x</Button>,
    +  render: () => <Button scale="small">x</Button>,
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    -export function Button({ size }: Props) { return <b data-size={size} />; }
    +type Props = { scale?: 'small' | 'large' };
    +export function Button({ scale: size }: Props) { return <b data-size={size} />; }
    "#);
    assert_snapshot!(fixture.shown(&[add_property("tone", Property::enumeration(["calm", "large"], None))]), @r#"
    src/Button.stories.tsx
    +export const Calm: Story = {
    +  args: {
    +    tone: "calm",
    +  },
    +};
    +
    +export const ToneLarge: Story = {
    +  args: {
    +    tone: "large",
    +  },
    +};
    +
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 'small' | 'large'; tone?: 'calm' | 'large' };
    "#);
    assert_eq!(fixture.after(&[rename("small", "s"), rename("s", "small")]), BUTTON);
    assert_eq!(fixture.plan(&[rename("small", "s"), rename("s", "small")]).files, []);
}

#[test]
fn new_stories_can_be_left_out() {
    let mut fixture = button(BUTTON).stories(OBJECTS, &[("Small", "small"), ("Large", "large")]);
    fixture.options.new_stories = NewStories::Leave;
    assert_snapshot!(fixture.shown(&[add("xl")]), @r#"
    src/Button.stories.tsx
    -    size: { control: "select", options: ["small", "large"] },
    +    size: { control: "select", options: ["small", "large", "xl"] },
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 'small' | 'large' | 'xl' };
    "#);
}

#[test]
fn factories_follow() {
    let text = "\
import preview from '#.storybook/preview'
import { Button } from './Button'

const meta = preview.meta({ component: Button })

export const Small = meta.story({ args: { size: 'small' } })
export const Large = Small.extend({ args: { size: 'large' } })
Large.test('is large', async () => {})
";
    let fixture = button(BUTTON).stories(text, &[("Small", "small"), ("Large", "large")]);
    assert_snapshot!(fixture.shown(&[add("xl")]), @"
    src/Button.stories.tsx
    +export const Xl = meta.story({ args: { size: 'xl' } })
    +
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 'small' | 'large' | 'xl' };
    ");
}

#[test]
fn templates_follow() {
    let text = "\
export default { title: 'Button', component: Button };
const Template = (args) => <Button {...args} />;

export const Small = Template.bind({});
Small.args = {
    size: 'small',
    label: 'small'
};

export const Large = Template.bind({});
Large.args = {
    ...Small.args,
    size: 'large'
};
";
    let fixture = button(BUTTON).stories(text, &[("Small", "small"), ("Large", "large")]);
    assert_snapshot!(fixture.shown(&[add("x-large")]), @"
    src/Button.stories.tsx
    +export const XLarge = Template.bind({});
    +XLarge.args = {
    +    ...Small.args,
    +    size: 'x-large'
    +};
    +
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 'small' | 'large' | 'x-large' };
    ");
    assert_snapshot!(fixture.shown(&[remove_property("size")]), @"manual src/Button.tsx:2 `size` is still used here");
}

#[test]
fn story_functions_are_left_to_a_person() {
    let text =
        "export default { component: Button };\nexport const Small = () => <Button size=\"small\" />;\n";
    let fixture = button(BUTTON).stories(text, &[("Small", "small")]);
    assert_snapshot!(fixture.shown(&[add("xl")]), @"
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 'small' | 'large' | 'xl' };
    note src/Button.stories.tsx:2 the stories here are functions; one for a new `size` is left to you
    ");
}
