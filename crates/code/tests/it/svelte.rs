//! Components of Svelte: what their scripts and markup say.

use lockstep_code::{Framework, ScanOptions, model::DeclarationForm, scan};
use lockstep_testkit::npm::npm_package;

use crate::support::{component, render, render_component, scan_with};

fn svelte(files: &[(&str, &str)]) -> String {
    render(&scan_with(Framework::Svelte, files))
}

fn one(text: &str) -> String {
    svelte(&[("src/Button.svelte", text)])
}

#[test]
fn props_are_what_the_rune_takes_and_its_type_says() {
    let text = svelte(&[
        ("src/index.ts", "export { default as AcmeButton } from './Button.svelte'"),
        (
            "src/types.ts",
            "import type { Snippet } from 'svelte'\nexport interface Base { children?: Snippet; icon?: Snippet<[{ size: number }]> }",
        ),
        (
            "src/Button.svelte",
            "<script module lang=\"ts\">\nimport type { HTMLButtonAttributes } from 'svelte/elements'\nimport type { Base } from './types'\n\
             export interface Props extends Base, Omit<HTMLButtonAttributes, 'size'> {\n  size?: 's' | 'm' | 'l'\n  /** @deprecated use tone */\n  variant?: 'solid' | 'ghost'\n  pressed?: boolean\n}\n</script>\n\
             <script lang=\"ts\">\nlet { size = 'm', variant, pressed = $bindable(false), class: className = '', disabled = false, children, ...rest }: Props = $props()\n</script>\n\
             <button {disabled} class={className} {...rest}>{@render children?.()}</button>\n",
        ),
    ]);
    insta::assert_snapshot!(text, @"
    AcmeButton
      children: slot
      disabled: boolean = false
      icon: slot
      pressed: boolean = false
      size: l | m | s = m
      variant: ghost | solid
    ");
}

#[test]
fn each_way_of_stating_props_gives_the_same_contract() {
    let expected = "Button\n  disabled: boolean = false\n  size: l | m | s = m\n";
    for script in [
        "<script lang=\"ts\">\nlet { size = 'm', disabled = false }: { size?: 's' | 'm' | 'l'; disabled?: boolean } = $props()\n</script>",
        "<script lang=\"ts\">\nlet { size = 'm', disabled = false } = $props<{ size?: 's' | 'm' | 'l'; disabled?: boolean }>()\n</script>",
        "<script>\n/** @type {{ size?: 's' | 'm' | 'l', disabled?: boolean }} */\nlet { size = 'm', disabled = false } = $props()\n</script>",
        "<script lang=\"ts\">\nexport let size: 's' | 'm' | 'l' = 'm'\nexport let disabled = false\nexport const focus = () => {}\n</script>",
        "<script>\n/**\n * How large.\n * @type {'s' |\n *   'm' | 'l'}\n */\nexport let size = 'm'\nexport let disabled = false\nlet inner = 'x'\n</script>",
        "<script lang=\"ts\">\nlet s: 's' | 'm' | 'l' = 'm'\nlet disabled = false\nexport { s as size, disabled }\n</script>",
        "<script lang=\"ts\" generics=\"T extends 's' | 'm' | 'l'\">\nlet { size = 'm', disabled = false }: { size?: T; disabled?: boolean } = $props()\n</script>",
        "<script lang=\"ts\">\ninterface $$Props { size?: 's' | 'm' | 'l'; disabled?: boolean }\nexport let size: $$Props['size'] = 'm'\nexport let disabled = false\n</script>",
    ] {
        assert_eq!(one(script), expected, "{script}");
    }
}

#[test]
fn without_types_props_are_what_is_taken() {
    insta::assert_snapshot!(one("<script>\nlet { size, dense = false, label = 'a', ...rest } = $props()\n</script>"), @"
    Button
      dense: boolean = false
      label: text
      ~ size: Unresolved, it has no type
    ");
}

#[test]
fn slots_of_svelte_4_are_properties() {
    insta::assert_snapshot!(
        one("<!-- <slot name=\"no\"/> -->\n{#if a < 1}<slot name=\"icon\" />{/if}\n<p>it's</p><slot>a</slot>{'<slot name=\"no\"/>'}"),
        @"
    Button
      default: slot
      icon: slot
    "
    );
}

#[test]
fn what_an_instance_exports_is_no_export_of_the_module() {
    let text = svelte(&[
        (
            "src/index.ts",
            "export * from './Button.svelte'\nexport { default as Button } from './Button.svelte'",
        ),
        (
            "src/Button.svelte",
            "<script>\nexport let Tone = 'a'\nexport function Focus() { return null }\n</script>",
        ),
    ]);
    insta::assert_snapshot!(text, @"
    Button
      Tone: text
    ");
}

#[test]
fn stories_in_the_format_of_svelte_are_listed_as_not_read() {
    let text = svelte(&[
        ("src/Button.svelte", "<script>export let dense = false</script>"),
        ("src/Button.stories.svelte", "<script module>defineMeta({ component: Button })</script>"),
    ]);
    insta::assert_snapshot!(text, @"
    ! src/Button.stories.svelte [story-format-unread] stories in Svelte's own format are not read, so they count for no component
    Button
      dense: boolean = false
    ");
}

#[test]
fn places_are_those_of_the_file() {
    let text =
        "<p>é</p>\r\n<script>\r\n  /** @type {'s' | 'm'} */\r\n  export let size = 'm';\r\n</script>\r\n";
    let scan = scan_with(Framework::Svelte, &[("src/Button.svelte", text)]);
    let origin = &component(&scan, "Button").origins[&"size".into()];
    assert_eq!((origin.form, origin.declared.line), (DeclarationForm::TypeUnion, 4));
    let place = &origin.options[&"s".into()][0];
    assert_eq!((&text[place.start as usize..place.end as usize], place.line), ("'s'", 3));
}

#[test]
fn bits_ui() {
    let folder = npm_package("bits-ui", "2.21.0").unwrap().join("dist");
    let scan = scan(&ScanOptions { framework: Framework::Svelte, ..ScanOptions::new(folder, "") }).unwrap();
    assert_eq!(scan.diagnostics, []);
    assert_eq!(scan.components.len(), 187);
    insta::assert_snapshot!(render_component(component(&scan, "Accordion.Root")), @"
    Accordion.Root
      children: slot
      disabled: boolean = false
      loop: boolean = true
      orientation: horizontal | vertical = vertical
      type: multiple | single
      value: text
      ~ onValueChange: NoCounterpart, a function
      ~ child: Framework
      ~ style: Framework
      ~ ref: Framework
      ~ id: HtmlAttribute
    ");
    insta::assert_snapshot!(render_component(component(&scan, "Separator.Root")), @"
    Separator.Root
      children: slot
      decorative: boolean = false
      orientation: horizontal | vertical = horizontal
      ~ child: Framework
      ~ style: Framework
      ~ ref: Framework
      ~ id: HtmlAttribute
    ");
}

#[test]
fn carbon_components_svelte() {
    let folder = npm_package("carbon-components-svelte", "0.112.1").unwrap();
    let scan = scan(&ScanOptions { framework: Framework::Svelte, ..ScanOptions::new(folder, "") }).unwrap();
    assert_eq!(scan.diagnostics, []);
    assert_eq!(scan.components.len(), 242);
    insta::assert_snapshot!(render_component(component(&scan, "Accordion")), @"
    Accordion
      align: end | start = end
      default: slot
      disabled: boolean = false
      flush: boolean = false
      size: sm | xl
      skeleton: boolean = false
      type: multiple | single = multiple
    ");
    insta::assert_snapshot!(render_component(component(&scan, "Button")), @"
    Button
      as: boolean = false
      badge: slot
      default: slot
      disabled: boolean = false
      expressive: boolean = false
      hideTooltip: boolean = false
      iconDescription: text
      isSelected: boolean = false
      kind: danger | danger-ghost | danger-tertiary | ghost | primary | secondary | tertiary = primary
      portalTooltip: boolean
      size: default | field | lg | small | xl = default
      skeleton: boolean = false
      tooltipAlignment: center | end | start = center
      tooltipPosition: bottom | left | right | top = bottom
      ~ icon: Unresolved, `Icon` is declared nowhere
      ~ href: HtmlAttribute
      ~ tabindex: HtmlAttribute
      ~ type: HtmlAttribute
      ~ ref: Framework
    ");
}
