//! Components of Vue: what their scripts and templates say.

use lockstep_code::{Framework, ScanOptions, model::DeclarationForm, scan};
use lockstep_testkit::npm::npm_package;

use crate::support::{component, render, render_component, scan_with, workspace};

fn vue(files: &[(&str, &str)]) -> String {
    render(&scan_with(Framework::Vue, files))
}

fn one(text: &str) -> String {
    vue(&[("src/Button.vue", text)])
}

#[test]
fn types_of_props_are_resolved_through_imports_and_defaults_are_found() {
    let text = vue(&[
        (
            "src/index.ts",
            "export { default as AcmeButton } from './Button.vue'\nexport type { Size } from './types'",
        ),
        (
            "src/types.ts",
            "export type Size = 's' | 'm' | 'l'\nexport interface Base { /** @deprecated use size */ small?: boolean }",
        ),
        (
            "src/Button.vue",
            "<script lang=\"ts\">\nimport type { Base, Size } from './types'\nexport interface ButtonProps extends Base {\n  \
             size?: Size\n  variant?: 'solid' | 'ghost'\n  label: string\n  class?: string\n  onPress?: () => void\n}\n</script>\n\
             <script setup lang=\"ts\">\nconst props = withDefaults(defineProps<ButtonProps>(), { size: 'm', small: false })\n</script>\n\
             <template><button><slot name=\"icon\" /><slot>{{ label }}</slot></button></template>\n",
        ),
    ]);
    insta::assert_snapshot!(text, @"
    AcmeButton
      default: slot
      icon: slot
      label: text
      size: l | m | s = m
      small: boolean = false
      variant: ghost | solid
      ~ class: Framework
      ~ onPress: NoCounterpart, a function
    ");
}

#[test]
fn each_way_of_stating_props_gives_the_same_contract() {
    let expected = "Button\n  disabled: boolean = false\n  size: l | m | s = m\n";
    for script in [
        "<script setup lang=\"ts\">\nconst { size = 'm', disabled = false } = defineProps<{ size?: 's' | 'm' | 'l'; disabled?: boolean }>()\n</script>",
        "<script setup lang=\"ts\">\nwithDefaults(defineProps<{ size?: 's' | 'm' | 'l'; disabled?: boolean }>(), { size: 'm', disabled: false })\n</script>",
        "<script setup lang=\"ts\">\nimport type { PropType } from 'vue'\ndefineProps({ size: { type: String as PropType<'s' | 'm' | 'l'>, default: 'm' }, disabled: { type: Boolean, default: false } })\n</script>",
        "<script setup>\nconst sizes = ['s', 'm', 'l']\ndefineProps({ size: { type: String, default: 'm', validator: (v) => sizes.includes(v) }, disabled: { type: Boolean, default: false } })\n</script>",
        "<script>\nconst SIZES = { s: 1, m: 2, l: 3 }\nexport default { props: { size: { type: String, default: 'm', validator(value) { return Object.keys(SIZES).indexOf(value) !== -1 } }, disabled: { type: Boolean, default: false } } }\n</script>",
        "<script lang=\"ts\">\nimport { defineComponent } from 'vue'\nexport default defineComponent({ props: { size: { type: String as () => 's' | 'm' | 'l', default: 'm' }, disabled: { type: Boolean, default: false } } })\n</script>",
        "<script setup lang=\"ts\">\nconst size = defineModel<'s' | 'm' | 'l'>('size', { default: 'm' })\ndefineProps({ disabled: { type: Boolean, default: false } })\n</script>",
        "<script setup lang=\"ts\" generic=\"T extends 's' | 'm' | 'l'\">\nconst { size = 'm', disabled = false } = defineProps<{ size?: T; disabled?: boolean }>()\n</script>",
    ] {
        assert_eq!(one(script), expected, "{script}");
    }
}

#[test]
fn what_can_not_be_known_without_running_it_is_said() {
    insta::assert_snapshot!(
        one(
            "<script setup>\nimport { allowed } from './elsewhere'\ndefineProps({ tone: { type: String, validator: (v) => allowed(v) }, any: { type: null }, ...rest })\n\
             </script>\n<template><slot :name=\"`item-${id}`\" /></template>"
        ),
        @"
    Button
      ~ tone: Unresolved, what its validator lets through is computed
      ~ any: Unresolved, its type is left open (`null`)
      ? extends `rest`, which was not found
      ? not all props are known: it has slots whose names are computed
    "
    );
    insta::assert_snapshot!(one("<script setup>\ndefineProps(['size'])\n</script>"), @"
    Button
      ~ size: Unresolved, it has no type
    ");
}

#[test]
fn slots_have_types_of_their_own_and_one_name_is_one_property() {
    insta::assert_snapshot!(
        one(
            "<script setup lang=\"ts\">\ndefineProps<{ title?: string }>()\ndefineSlots<{ default(props: { a: 1 }): any; footer?(): any }>()\n</script>\n\
             <template><!-- <slot name=\"no\"/> --><template #x><slot name='title'/></template><slot name=\"footer\"/></template>"
        ),
        @"
    Button
      default: slot
      footer: slot
      title: text
    "
    );
}

#[test]
fn a_component_takes_over_what_it_extends_and_mixes_in() {
    let text = vue(&[
        ("src/index.js", "export { default as A } from './A.vue'"),
        (
            "src/Base.vue",
            "<script>\nexport default { props: { size: { type: String, default: 's' }, link: Boolean } }\n</script>",
        ),
        ("src/mixin.js", "export const sized = { props: { dense: { type: Boolean, default: true } } }"),
        (
            "src/A.vue",
            "<script>\nimport Base from './Base.vue'\nimport { sized } from './mixin'\nexport default { extends: Base, mixins: [sized], props: { size: Number } }\n</script>",
        ),
        (
            "src/Loop.vue",
            "<script>\nimport Loop from './Loop.vue'\nexport default { extends: Loop }\n</script>",
        ),
    ]);
    insta::assert_snapshot!(text, @"
    A
      dense: boolean = true
      link: boolean
      size: number
    ");
}

#[test]
fn places_are_those_of_the_file_with_its_line_ends_and_byte_order_mark() {
    let text = "\u{feff}<template>\r\n  <p>é</p>\r\n</template>\r\n<script setup lang=\"ts\">\r\nconst { size = 'm' } = defineProps<{ size?: 's' | 'm' }>()\r\n</script>\r\n";
    let scan = scan_with(Framework::Vue, &[("src/Button.vue", text)]);
    let origin = &component(&scan, "Button").origins[&"size".into()];
    assert_eq!((origin.form, origin.declared.line), (DeclarationForm::TypeUnion, 5));
    let place = &origin.options[&"s".into()][0];
    assert_eq!(&text[place.start as usize..place.end as usize], "'s'");
    assert_eq!(&text[origin.default[0].start as usize..origin.default[0].end as usize], "'m'");
}

#[test]
fn a_syntax_error_stands_where_it_is_in_the_file() {
    let text = "<template/>\n<script setup>\nconst a = ;\n</script>\n";
    assert!(one(text).starts_with("! src/Button.vue:3:11 [syntax-error]"), "{}", one(text));
}

#[test]
fn a_package_that_is_read_as_another_framework_is_told_so() {
    insta::assert_snapshot!(render(&scan_with(Framework::React, &[("src/Button.vue", "<template><b/></template>")])), @"! package.json [another-framework] no component of React was found, but what Vue would read is there");
}

#[test]
fn stories_name_components_of_vue() {
    let scan = scan_with(
        Framework::Vue,
        &[
            ("src/Button.vue", "<script setup lang=\"ts\">\ndefineProps<{ size?: 's' | 'm' }>()\n</script>"),
            (
                "src/Button.stories.ts",
                "import type { Meta, StoryObj } from '@storybook/vue3'\nimport Button from './Button.vue'\n\
                 export default { component: Button } satisfies Meta<typeof Button>\n\
                 export const Small: StoryObj = { args: { size: 's' } }\n",
            ),
        ],
    );
    let story = &scan.stories[0];
    assert_eq!(
        (story.component_file.as_deref(), story.id.as_str()),
        (Some("src/Button.vue"), "button--small")
    );
}

#[test]
fn gitlab_ui() {
    let folder = npm_package("@gitlab/ui", "137.2.6").unwrap();
    let scan = scan(&ScanOptions { framework: Framework::Vue, ..ScanOptions::new(folder, "") }).unwrap();
    assert_eq!(scan.diagnostics, []);
    // As many `.vue` files are exported by name.
    assert_eq!(scan.components.len(), 108);
    insta::assert_snapshot!(render_component(component(&scan, "GlBadge")), @"
    GlBadge
      active: boolean = false
      default: slot
      disabled: boolean = false
      icon: text
      iconOpticallyAligned: boolean = false
      iconSize: md | sm = md
      tag: text
      variant: danger | info | neutral | success | tier | warning = neutral
      ~ href: HtmlAttribute
      ~ rel: HtmlAttribute
      ~ target: HtmlAttribute
    ");
}

#[test]
fn reka_ui() {
    let package = npm_package("reka-ui", "2.11.0").unwrap();
    // The package is published without the configuration that says what `@/` is.
    let folder = workspace(&[
        ("package.json", "{\"name\": \"reka-ui\"}"),
        ("tsconfig.json", "{\"compilerOptions\": {\"paths\": {\"@/*\": [\"./src/*\"]}}}"),
    ]);
    copy(&package.join("src"), &folder.path().join("src"));
    let scan =
        scan(&ScanOptions { framework: Framework::Vue, ..ScanOptions::new(folder.path(), "") }).unwrap();
    assert_eq!(scan.diagnostics, []);
    assert_eq!(scan.components.len(), 397);
    insta::assert_snapshot!(render_component(component(&scan, "Separator")), @"
    Separator
      decorative: boolean
      default: slot
      orientation: horizontal | vertical = horizontal
      ~ asChild: Framework
      ~ as: Framework
    ");
    insta::assert_snapshot!(render_component(component(&scan, "Toggle")), @"
    Toggle
      default: slot
      defaultValue: boolean
      disabled: boolean = false
      modelValue: boolean
      required: boolean
      ~ asChild: Framework
      ~ as: Framework
      ~ name: HtmlAttribute
    ");
    insta::assert_snapshot!(render_component(component(&scan, "AccordionRoot")), @"
    AccordionRoot
      collapsible: boolean = false
      default: slot
      defaultValue: text
      dir: ltr | rtl = ltr
      disabled: boolean = false
      modelValue: text
      orientation: horizontal | vertical = vertical
      type: multiple | single
      unmountOnHide: boolean = true
      ~ asChild: Framework
      ~ as: Framework
    ");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
