//! Code Connect files that follow the options.

use insta::assert_snapshot;

use super::fixture::{BUTTON, Fixture, add, button, remove, rename, rename_property};

fn spelt() -> Fixture {
    let mut fixture = button(BUTTON);
    fixture.options.design_spelling.insert(("size".into(), "xl".into()), "Extra Large".into());
    fixture
}

#[test]
fn a_connect_call_follows() {
    let text = "\
figma.connect(Button, 'https://figma.com/design/abc?node-id=1-2', {
  props: {
    size: figma.enum('Size', {
      Small: 'small',
      'Very Large': 'large',
    }),
  },
  example: ({ size }) => <Button size={size} />,
})
";
    let call = "figma.enum('Size', {\n      Small: 'small',\n      'Very Large': 'large',\n    })";
    let fixture = spelt().connection("src/Button.figma.tsx", text, call);
    assert_snapshot!(fixture.shown(&[add("xl")]), @"
    src/Button.figma.tsx
    +      'Extra Large': 'xl',
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 'small' | 'large' | 'xl' };
    ");
    assert_snapshot!(fixture.shown(&[add("unknown")]), @"
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 'small' | 'large' | 'unknown' };
    note src/Button.figma.tsx:3 the design's name of `unknown` is not known, so it is not in this map
    ");
    assert_snapshot!(fixture.shown(&[remove("small")]), @"
    src/Button.figma.tsx
    -      Small: 'small',
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 'large' };
    ");
    assert_snapshot!(fixture.shown(&[rename("large", "big")]), @"
    src/Button.figma.tsx
    -      'Very Large': 'large',
    +      'Very Large': 'big',
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 'small' | 'big' };
    ");
    assert_snapshot!(fixture.shown(&[rename_property("size", "scale")]), @"
    src/Button.figma.tsx
    -  example: ({ size }) => <Button size={size} />,
    +  example: ({ size }) => <Button scale={size} />,
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    -export function Button({ size }: Props) { return <b data-size={size} />; }
    +type Props = { scale?: 'small' | 'large' };
    +export function Button({ scale: size }: Props) { return <b data-size={size} />; }
    ");
}

#[test]
fn a_template_follows() {
    let text = r#"// url=https://figma.com/design/abc?node-id=1-2
const size = instance.getEnum("Size", { "Small": "small", "Large": "large" })
export default { example: figma.code`<Button size="${size}" />` }
"#;
    let call = r#"instance.getEnum("Size", { "Small": "small", "Large": "large" })"#;
    let fixture = spelt().connection("src/Button.figma.ts", text, call);
    assert_snapshot!(fixture.shown(&[add("xl")]), @r#"
    src/Button.figma.ts
    -const size = instance.getEnum("Size", { "Small": "small", "Large": "large" })
    +const size = instance.getEnum("Size", { "Small": "small", "Large": "large", "Extra Large": "xl" })
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 'small' | 'large' | 'xl' };
    "#);
    assert_snapshot!(fixture.shown(&[rename("large", "big")]), @r#"
    src/Button.figma.ts
    -const size = instance.getEnum("Size", { "Small": "small", "Large": "large" })
    +const size = instance.getEnum("Size", { "Small": "small", "Large": "big" })
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    +type Props = { size?: 'small' | 'big' };
    "#);
    assert_snapshot!(fixture.shown(&[rename_property("size", "scale")]), @r#"
    src/Button.figma.ts
    -export default { example: figma.code`<Button size="${size}" />` }
    +export default { example: figma.code`<Button scale="${size}" />` }
    src/Button.tsx
    -type Props = { size?: 'small' | 'large' };
    -export function Button({ size }: Props) { return <b data-size={size} />; }
    +type Props = { scale?: 'small' | 'large' };
    +export function Button({ scale: size }: Props) { return <b data-size={size} />; }
    "#);
}
