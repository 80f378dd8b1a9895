//! Custom elements: what a manifest says, what it only names, and what the source behind it adds.

use lockstep_code::{
    Framework, ScanOptions,
    edit::{CodeEdits, EditOptions, MemoryFiles, plan},
    model::{CodeScan, DeclarationForm},
    scan,
};
use lockstep_core::{contract::Property, edit::ContractEdit};
use lockstep_testkit::npm::npm_package;

use crate::support::{component, render, render_component, scan_with};

fn elements(files: &[(&str, &str)]) -> String {
    render(&scan_with(Framework::CustomElements, files))
}

fn library(name: &str, version: &str) -> CodeScan {
    let folder = npm_package(name, version).unwrap();
    scan(&ScanOptions { framework: Framework::CustomElements, ..ScanOptions::new(folder, "") }).unwrap()
}

/// The lines of a contract, without what was set aside.
fn contract(scan: &CodeScan, name: &str) -> String {
    let text = render_component(component(scan, name));
    text.lines().filter(|line| !line.starts_with("  ~")).collect::<Vec<_>>().join("\n")
}

const MANIFEST: &str = r#"{
  "schemaVersion": "2.1.0",
  "modules": [
    {
      "kind": "javascript-module",
      "path": "src/button.ts",
      "declarations": [
        {
          "kind": "class",
          "name": "AcmeButton",
          "tagName": "acme-button",
          "customElement": true,
          "description": "Starts something.",
          "deprecated": "use acme-action",
          "superclass": { "name": "AcmeElement", "module": "src/element.ts" },
          "slots": [{ "name": "", "description": "The label." }, { "name": "icon" }],
          "attributes": [{ "name": "tone", "type": { "text": "'quiet' | 'loud'" }, "default": "'quiet'" }],
          "members": [
            { "kind": "field", "name": "size", "type": { "text": "Size" }, "default": "'m'", "attribute": "size" },
            { "kind": "field", "name": "isWide", "type": { "text": "boolean | undefined" }, "attribute": "is-wide", "deprecated": true },
            { "kind": "field", "name": "items", "type": { "text": "string[]" } },
            { "kind": "field", "name": "internals", "privacy": "private", "attribute": "internals" },
            { "kind": "field", "name": "styles", "static": true },
            { "kind": "method", "name": "focus" }
          ]
        }
      ]
    },
    {
      "path": "src/element.ts",
      "declarations": [
        {
          "kind": "class",
          "name": "AcmeElement",
          "members": [{ "kind": "field", "name": "dense", "parsedType": { "text": "true | false" }, "type": { "text": "Flag" }, "attribute": "dense" }]
        }
      ]
    }
  ]
}
"#;

#[test]
fn a_manifest_gives_attributes_slots_defaults_and_what_is_inherited() {
    let files = [
        ("package.json", r#"{"name":"acme","customElements":"./meta/elements.json"}"#),
        ("meta/elements.json", MANIFEST),
    ];
    insta::assert_snapshot!(elements(&files), @"
    acme-button
      default: slot
      dense: boolean
      icon: slot
      isWide: boolean
      tone: loud | quiet = quiet
      ~ size: Unresolved, `Size` is declared nowhere
      ~ items: NoCounterpart, a field that no attribute sets
    ");
    let scan = scan_with(Framework::CustomElements, &files);
    let button = component(&scan, "acme-button");
    assert_eq!(
        (button.description.as_deref(), button.deprecated.as_deref()),
        (Some("Starts something."), Some("use acme-action"))
    );
    assert_eq!(button.statement.deprecated[&"isWide".into()], "");
    let origin = &button.origins[&"tone".into()];
    let place = &origin.options[&"loud".into()][0];
    assert_eq!((&MANIFEST[place.start as usize..place.end as usize], place.line), ("'loud'", 17));
    assert_eq!(&*origin.declared.file, "meta/elements.json");
}

#[test]
fn the_names_of_types_are_looked_up_where_the_class_is_declared() {
    let files = [
        ("custom-elements.json", MANIFEST),
        (
            "dist/button.d.ts",
            "import { AcmeElement } from './element.js';\nexport declare class AcmeButton extends AcmeElement { size: Size }\nexport type Size = 's' | 'm';\n",
        ),
        ("dist/element.d.ts", "export declare class AcmeElement {}"),
    ];
    assert!(elements(&files).contains("  size: m | s = m\n"), "{}", elements(&files));
}

#[test]
fn the_old_form_is_read_too() {
    let old = r#"{"version": "experimental", "tags": [
      {"name": "acme-tag", "path": "./src/tag.ts", "deprecated": "gone soon",
       "attributes": [{"name": "kind", "type": "\"a\" | \"b\"", "default": "\"'a'\""}, {"name": "lone", "type": "string"}],
       "properties": [{"name": "kind", "attribute": "kind", "type": "\"a\" | \"b\"", "default": "\"a\""},
                      {"name": "rows", "type": "array"}, {"name": "_inner"}],
       "slots": [{"name": ""}]},
      {"name": "noTag"}, 7]}"#;
    insta::assert_snapshot!(elements(&[("custom-elements.json", old)]), @"
    ! custom-elements.json:7:7 [elements-manifest] a declaration can't be read: `noTag` is no name of an element
    ! custom-elements.json:7:26 [elements-manifest] a declaration can't be read: it is no object
    acme-tag
      default: slot
      kind: a | b = a
      lone: text
      ~ rows: NoCounterpart, a field that no attribute sets
    ");
}

#[test]
fn what_is_wrong_with_a_manifest_is_said_with_its_place() {
    for (files, expected) in [
        (
            vec![],
            "! custom-elements.json [no-elements-manifest] there is no manifest of the package's custom elements\n",
        ),
        (
            vec![("custom-elements.json", "{\n  \"modules\": [,]\n}")],
            "! custom-elements.json:2:15 [elements-manifest] expected value at line 2 column 15\n",
        ),
        (
            vec![(
                "dist/custom-elements.json",
                "{\"modules\": [{\"declarations\": [{\"name\": 1}, {\"tagName\": \"a-b\", \"name\": \"B\", \"members\": [3, {\"kind\": \"field\"}]}]}]}",
            )],
            "! dist/custom-elements.json:1:32 [elements-manifest] a declaration can't be read: invalid type: integer `1`, expected a string at line 1 column 10\na-b\n",
        ),
    ] {
        assert_eq!(elements(&files), expected);
    }
}

const LIT: &str = "import { LitElement, html } from 'lit';\nimport { property } from 'lit/decorators.js';\n\n\
    export type Size = 's' | 'm';\n\n/** A button. */\nexport class AcmeButton extends LitElement {\n  \
    @property({ reflect: true }) size: Size = 'm';\n\n  @property() tone: 'quiet' | 'loud' = 'quiet';\n\n  \
    @property({ type: Boolean, attribute: 'is-wide' }) isWide = false;\n\n  private hidden = 1;\n\n  \
    render() { return html`<slot></slot>`; }\n}\n";

#[test]
fn the_source_of_an_element_says_more_than_its_manifest() {
    let scan =
        scan_with(Framework::CustomElements, &[("custom-elements.json", MANIFEST), ("src/button.ts", LIT)]);
    assert_eq!(
        contract(&scan, "acme-button"),
        "acme-button\n  default: slot\n  dense: boolean\n  icon: slot\n  isWide: boolean = false\n  size: m | s = m\n  tone: loud | quiet = quiet"
    );
    let button = component(&scan, "acme-button");
    assert_eq!((&*button.declared.file, button.declared.line), ("src/button.ts", 7));
    assert_eq!(button.origins[&"size".into()].form, DeclarationForm::TypeUnion);
}

#[test]
fn stories_name_elements_by_their_tags() {
    let scan = scan_with(
        Framework::CustomElements,
        &[
            ("custom-elements.json", MANIFEST),
            (
                "src/button.stories.ts",
                "import { html } from 'lit'\nexport default { title: 'Button', component: 'acme-button', \
                 render: (args) => html`<acme-button tone=${args.tone}></acme-button>` }\nexport const Loud = { args: { tone: 'loud' } }\n",
            ),
        ],
    );
    let story = &scan.stories[0];
    assert_eq!(story.component.as_deref(), Some("acme-button"));
    assert_eq!(story.component_file.as_deref(), Some("custom-elements.json"));
}

fn planned(source: &[(&str, &str)], edit: ContractEdit) -> CodeEdits {
    let files: Vec<_> =
        [("custom-elements.json", MANIFEST)].into_iter().chain(source.iter().copied()).collect();
    let scan = scan_with(Framework::CustomElements, &files);
    let texts = MemoryFiles::from_iter(files);
    plan(component(&scan, "acme-button"), &[], &[], &[edit], &EditOptions::default(), &texts)
}

#[test]
fn options_and_defaults_are_edited_in_the_source_of_the_element() {
    let option = |property: &str| ContractEdit::AddOption { property: property.into(), option: "new".into() };
    for (edit, expected) in [
        (option("size"), "export type Size = 's' | 'm' | 'new';"),
        (option("tone"), "  @property() tone: 'quiet' | 'loud' | 'new' = 'quiet';"),
        (
            ContractEdit::SetDefault { property: "tone".into(), to: Some("loud".into()) },
            "  @property() tone: 'quiet' | 'loud' = 'loud';",
        ),
        (
            ContractEdit::RenameOption { property: "tone".into(), from: "quiet".into(), to: "calm".into() },
            "  @property() tone: 'calm' | 'loud' = 'calm';",
        ),
    ] {
        let made = planned(&[("src/button.ts", LIT)], edit);
        assert_eq!(made.manual, []);
        let after = &made.files[0].after;
        let changed: Vec<&str> =
            after.lines().filter(|line| !LIT.lines().any(|known| known == *line)).collect();
        assert_eq!(changed, [expected]);
        assert_eq!(made.notes[0].text, "the manifest of the package's elements is to be generated again");
    }
}

#[test]
fn what_a_manifest_alone_states_is_left_to_a_person_with_its_place() {
    let add = ContractEdit::AddOption { property: "tone".into(), option: "new".into() };
    let boolean = ContractEdit::AddProperty { name: "extra".into(), property: Property::boolean(None) };
    for (source, edit, expected) in [
        (
            &[][..],
            add,
            (
                "custom-elements.json",
                17,
                "the manifest is made from the element's source: change it there, and generate it again",
            ),
        ),
        (
            &[("src/button.ts", LIT)][..],
            boolean,
            ("src/button.ts", 7, "a new attribute of an element is declared by hand in its class"),
        ),
    ] {
        let made = planned(source, edit);
        let manual = &made.manual[0];
        assert!(made.files.is_empty());
        assert_eq!((&*manual.place.file, manual.place.line, &*manual.reason), expected);
    }
}

#[test]
fn shoelace() {
    let scan = library("@shoelace-style/shoelace", "2.20.1");
    assert_eq!(scan.diagnostics, []);
    assert_eq!(scan.components.len(), 58);
    insta::assert_snapshot!(contract(&scan, "sl-button"), @"
    sl-button
      caret: boolean = false
      circle: boolean = false
      default: slot
      disabled: boolean = false
      formEnctype: application/x-www-form-urlencoded | multipart/form-data | text/plain
      formMethod: get | post
      loading: boolean = false
      outline: boolean = false
      pill: boolean = false
      prefix: slot
      size: large | medium | small = medium
      suffix: slot
      target: _blank | _parent | _self | _top
      title: text
      value: text
      variant: danger | default | neutral | primary | success | text | warning = default
    ");
    insta::assert_snapshot!(contract(&scan, "sl-badge"), @"
    sl-badge
      default: slot
      pill: boolean = false
      pulse: boolean = false
      variant: danger | neutral | primary | success | warning = primary
    ");
}

#[test]
fn web_awesome() {
    let scan = library("@awesome.me/webawesome", "3.14.0");
    assert_eq!(scan.diagnostics, []);
    assert_eq!(scan.components.len(), 73);
    insta::assert_snapshot!(contract(&scan, "wa-badge"), @"
    wa-badge
      appearance: accent | filled | filled-outlined | outlined = accent
      attention: bounce | none | pulse = none
      default: slot
      end: slot
      pill: boolean = false
      start: slot
      variant: brand | danger | neutral | success | warning = brand
    ");
    insta::assert_snapshot!(contract(&scan, "wa-button"), @"
    wa-button
      appearance: accent | filled | filled-outlined | outlined | plain = accent
      customError: text
      default: slot
      disabled: boolean = false
      end: slot
      formEnctype: application/x-www-form-urlencoded | multipart/form-data | text/plain
      formMethod: get | post
      loading: boolean = false
      pill: boolean = false
      size: l | large | m | medium | s | small | xl | xs = m
      start: slot
      target: _blank | _parent | _self | _top
      title: text
      value: text
      variant: brand | danger | neutral | success | warning = neutral
      withCaret: boolean = false
      withEnd: boolean = false
      withStart: boolean = false
    ");
}

#[test]
fn carbon() {
    let scan = library("@carbon/web-components", "2.63.0");
    // 255 tags, of which one (`elementName`) is none.
    assert_eq!(scan.components.len(), 254);
    insta::assert_snapshot!(contract(&scan, "cds-button"), @"
    cds-button
      batchAction: boolean = false
      dangerDescription: text
      disabled: boolean = false
      hasMainContent: boolean = false
      isExpressive: boolean = false
      isSelected: boolean = false
      kind: danger | danger-ghost | danger-primary | danger-tertiary | ghost | primary | secondary | tertiary = primary
      linkRole: text
      openTooltip: boolean = false
      size: text
      tooltipAlignment:  | left | right = 
      tooltipPosition: bottom | left | right | top = top
      tooltipText: text
    ");
    insta::assert_snapshot!(contract(&scan, "cds-tag"), @"
    cds-tag
      disabled: boolean = false
      filter: boolean = false
      hasCustomIcon: boolean = false
      open: boolean = true
      size: lg | md | sm = md
      title: text
      type: blue | cool-gray | cyan | gray | green | magenta | purple | red | teal | warm-gray = gray
    ");
}

#[test]
fn spectrum_button() {
    let scan = library("@spectrum-web-components/button", "1.12.2");
    assert_eq!(scan.diagnostics, []);
    assert_eq!(scan.components.len(), 3);
    insta::assert_snapshot!(render_component(component(&scan, "sp-button")), @"
    sp-button
      active: boolean = false
      default: slot
      icon: slot
      noWrap: boolean
      pending: boolean = false
      pendingLabel: text
      quiet: boolean
      staticColor: black | white
      treatment: fill | outline = fill
      variant: accent | black | cta | negative | overBackground | primary | secondary | white
      ~ type: HtmlAttribute
      ~ pendingStateController: NoCounterpart, a field that no attribute sets
      ~ focusElement: NoCounterpart, a field that no attribute sets
    ");
    assert_eq!(component(&scan, "sp-button").statement.deprecated.len(), 3);
}
