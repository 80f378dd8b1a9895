//! Edits of components whose files hold markup: each is made, read again and compared with the contract that it
//! promised; every byte outside the edits stays.

use lockstep_code::{
    Framework, ScanOptions,
    edit::{CodeEdits, EditOptions, MemoryFiles, plan},
    scan,
};
use lockstep_core::{contract::Property, edit::ContractEdit};

use crate::support::{component, workspace};

const VUE: &str = "<template>\r\n  <button :class=\"[size, tone]\"><!-- é --><slot name=\"icon\" /></button>\r\n</template>\r\n\r\n\
    <script setup lang=\"ts\">\r\ninterface Props {\r\n  size?: 's' | 'm';\r\n  tone?: 'quiet' | 'loud';\r\n  dense?: boolean;\r\n}\r\n\
    const props = withDefaults(defineProps<Props>(), {\r\n  size: 'm',\r\n  dense: false,\r\n});\r\n</script>\r\n<style>b { color: red }</style>\r\n";

const VUE_RUNTIME: &str = "<script setup lang=\"ts\">\nimport type { PropType } from 'vue'\n\nconst { size, dense } = defineProps({\n  \
    size: { type: String as PropType<'s' | 'm'>, default: 'm' },\n  dense: { type: Boolean, default: false },\n})\n</script>\n\n\
    <template>\n  <b>{{ size }}</b>\n</template>\n";

const SVELTE: &str = "<script module lang=\"ts\">\n  export interface Props {\n    size?: 's' | 'm'\n    dense?: boolean\n  }\n</script>\n\n\
    <script lang=\"ts\">\n  let { size = 'm', dense = false, ...rest }: Props = $props()\n</script>\n\n<b class={size} {...rest}>{#if true}é{/if}</b>\n";

const SVELTE_4: &str = "<script lang=\"ts\">\n  export let size: 's' | 'm' = 'm'\n  export let dense = false\n</script>\n\n<b class={size}><slot /></b>\n";

fn add_option(property: &str, option: &str) -> ContractEdit {
    ContractEdit::AddOption { property: property.into(), option: option.into() }
}

fn rename_option(property: &str, from: &str, to: &str) -> ContractEdit {
    ContractEdit::RenameOption { property: property.into(), from: from.into(), to: to.into() }
}

fn remove_option(property: &str, option: &str) -> ContractEdit {
    ContractEdit::RemoveOption { property: property.into(), option: option.into() }
}

fn set_default(property: &str, to: &str) -> ContractEdit {
    ContractEdit::SetDefault { property: property.into(), to: Some(to.into()) }
}

fn add_boolean(name: &str) -> ContractEdit {
    ContractEdit::AddProperty { name: name.into(), property: Property::boolean(Some(false)) }
}

fn file_of(framework: Framework) -> String {
    format!("src/Button.{}", framework.document_extension().unwrap())
}

fn planned(framework: Framework, text: &str, edits: &[ContractEdit]) -> CodeEdits {
    let file = file_of(framework);
    let folder = workspace(&[(&file, text)]);
    let found = scan(&ScanOptions { framework, ..ScanOptions::new(folder.path(), "") }).unwrap();
    let files = MemoryFiles::from_iter([(file, text)]);
    let made = plan(component(&found, "Button"), &[], &[], edits, &EditOptions::default(), &files);
    // What is promised is what a scan finds.
    let mut promised = component(&found, "Button").statement.contract.clone();
    made.made.iter().for_each(|edit| edit.apply(&mut promised).unwrap());
    for changed in &made.files {
        std::fs::write(folder.path().join(&changed.file), &changed.after).unwrap();
    }
    let again = scan(&ScanOptions { framework, ..ScanOptions::new(folder.path(), "") }).unwrap();
    assert_eq!(component(&again, "Button").statement.contract, promised);
    made
}

/// The lines that an edit changes, before and after.
fn changed(framework: Framework, text: &str, edit: ContractEdit) -> String {
    let made = planned(framework, text, &[edit]);
    if let Some(manual) = made.manual.first() {
        assert!(made.files.is_empty());
        return format!("manual {}:{} {}", manual.place.file, manual.place.line, manual.reason);
    }
    let after = &made.files[0].after;
    assert_eq!(text.matches("\r\n").count() > 0, after.matches("\r\n").count() > 0);
    let (before, after): (Vec<&str>, Vec<&str>) = (text.lines().collect(), after.lines().collect());
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {}", line.trim()));
    let come = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {}", line.trim()));
    gone.chain(come).collect::<Vec<_>>().join("\n")
}

#[test]
fn options_change_in_the_script_alone() {
    for (framework, text, edit, expected) in [
        (Framework::Vue, VUE, add_option("size", "l"), "- size?: 's' | 'm';\n+ size?: 's' | 'm' | 'l';"),
        (Framework::Vue, VUE, remove_option("size", "s"), "- size?: 's' | 'm';\n+ size?: 'm';"),
        (
            Framework::Vue,
            VUE,
            rename_option("size", "m", "medium"),
            "- size?: 's' | 'm';\n- size: 'm',\n+ size?: 's' | 'medium';\n+ size: 'medium',",
        ),
        (
            Framework::Vue,
            VUE_RUNTIME,
            add_option("size", "l"),
            "- size: { type: String as PropType<'s' | 'm'>, default: 'm' },\n+ size: { type: String as PropType<'s' | 'm' | 'l'>, default: 'm' },",
        ),
        (Framework::Svelte, SVELTE, add_option("size", "l"), "- size?: 's' | 'm'\n+ size?: 's' | 'm' | 'l'"),
        (
            Framework::Svelte,
            SVELTE_4,
            rename_option("size", "m", "md"),
            "- export let size: 's' | 'm' = 'm'\n+ export let size: 's' | 'md' = 'md'",
        ),
    ] {
        assert_eq!(changed(framework, text, edit.clone()), expected, "{edit:?} in {text}");
    }
}

#[test]
fn defaults_change_where_each_framework_writes_them() {
    for (framework, text, edit, expected) in [
        (Framework::Vue, VUE, set_default("size", "s"), "- size: 'm',\n+ size: 's',"),
        (Framework::Vue, VUE, set_default("tone", "quiet"), "+ tone: 'quiet',"),
        (
            Framework::Vue,
            VUE_RUNTIME,
            set_default("dense", "true"),
            "- dense: { type: Boolean, default: false },\n+ dense: { type: Boolean, default: true },",
        ),
        (
            Framework::Svelte,
            SVELTE,
            set_default("size", "s"),
            "- let { size = 'm', dense = false, ...rest }: Props = $props()\n+ let { size = 's', dense = false, ...rest }: Props = $props()",
        ),
        (
            Framework::Svelte,
            SVELTE_4,
            set_default("size", "s"),
            "- export let size: 's' | 'm' = 'm'\n+ export let size: 's' | 'm' = 's'",
        ),
    ] {
        assert_eq!(changed(framework, text, edit.clone()), expected, "{edit:?} in {text}");
    }
}

#[test]
fn boolean_properties_are_added_with_their_default() {
    for (framework, text, expected) in [
        (Framework::Vue, VUE, "+ wide?: boolean;\n+ wide: false,"),
        (
            Framework::Svelte,
            SVELTE,
            "- let { size = 'm', dense = false, ...rest }: Props = $props()\n+ wide?: boolean\n\
             + let { size = 'm', dense = false, wide = false, ...rest }: Props = $props()",
        ),
    ] {
        assert_eq!(changed(framework, text, add_boolean("wide")), expected, "{text}");
    }
}

#[test]
fn an_option_that_the_markup_may_mean_is_pointed_out() {
    let text = VUE.replace(":class=\"[size, tone]\"", ":class=\"{ small: size === 's' }\"");
    let made = planned(Framework::Vue, &text, &[rename_option("size", "s", "small")]);
    let notes: Vec<_> = made.notes.iter().map(|note| (note.place.line, note.text.as_str())).collect();
    assert_eq!(notes, [(2, "the markup may mean the option `s` here, and it is not edited")]);
    assert_eq!(planned(Framework::Vue, &text, &[rename_option("size", "m", "medium")]).notes, []);
}

#[test]
fn what_the_markup_holds_or_names_is_left_to_a_person() {
    let remove = |name: &str| ContractEdit::RemoveProperty { name: name.into() };
    let rename = |name: &str| ContractEdit::RenameProperty { from: name.into(), to: "other".into() };
    let slot = ContractEdit::AddProperty { name: "extra".into(), property: Property::Slot };
    for (framework, text, edit, expected) in [
        (
            Framework::Vue,
            VUE,
            remove("size"),
            "manual src/Button.vue:2 the markup names `size`, and it is not edited",
        ),
        (
            Framework::Vue,
            VUE,
            rename("tone"),
            "manual src/Button.vue:2 the markup names `tone`, and it is not edited",
        ),
        (
            Framework::Vue,
            VUE,
            remove("icon"),
            "manual src/Button.vue:2 the slot stands in the markup, which is not edited",
        ),
        (
            Framework::Vue,
            VUE,
            slot.clone(),
            "manual src/Button.vue:1 a slot is a place in the markup, which is not edited",
        ),
        (Framework::Vue, VUE, remove("dense"), "- dense?: boolean;\n- dense: false,"),
        (
            Framework::Svelte,
            SVELTE,
            slot,
            "manual src/Button.svelte:1 a slot is a place in the markup, which is not edited",
        ),
        (
            Framework::Svelte,
            SVELTE,
            rename("dense"),
            "- dense?: boolean\n- let { size = 'm', dense = false, ...rest }: Props = $props()\n+ other?: boolean\n\
             + let { size = 'm', other: dense = false, ...rest }: Props = $props()",
        ),
        (
            Framework::Svelte,
            SVELTE_4,
            remove("dense"),
            "manual src/Button.svelte:1 where the component's own code uses `dense` can't be told",
        ),
    ] {
        assert_eq!(changed(framework, text, edit.clone()), expected, "{edit:?} in {text}");
    }
}
